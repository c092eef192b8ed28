#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/quantize/quantization_error.h"
#include "sim/report/text_table.h"

namespace lpusim::app {

/// What an allocation of 4 and 3 bits stores per weight.
struct AllocationBits {
    double codes = 0;
    double scales = 0;
    /// Says which weight has 4 bits.
    double map = 0;
};

/// One matrix in one format, or several together.
struct QuantizedRow {
    /// Empty: the total of several.
    std::string tensor;
    std::uint64_t k = 0;
    std::uint64_t n = 0;
    std::string format;
    QuantizationError error;
    /// Everything stored; of an experiment that nobody packs, by formula.
    double stored_bits = 0;
    /// Only of an experiment with one matrix.
    std::optional<AllocationBits> allocation;
    bool packed = true;

    double effective_bits() const { return stored_bits / static_cast<double>(error.weights); }
    /// Whole bytes of what is packed.
    std::uint64_t packed_bytes() const { return static_cast<std::uint64_t>(stored_bits / 8); }
};

/// The totals of each format over its rows, in the order in which the formats first appear.
std::vector<QuantizedRow> totals_of(const std::vector<QuantizedRow>& rows);

/// For a terminal: rows and, if there are several matrices, totals.
std::string quantize_table(const std::vector<QuantizedRow>& rows, const TextStyle& style);
/// RFC 4180, with a heading; totals are rows without a tensor.
std::string quantize_csv(const std::vector<QuantizedRow>& rows);
/// An object per row. What is infinite is null.
nlohmann::ordered_json quantize_json(const std::vector<QuantizedRow>& rows);

}  // namespace lpusim::app
