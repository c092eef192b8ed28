#pragma once

#include <cstdint>
#include <vector>

#include "hw_models/numerics/bits.h"
#include "hw_models/numerics/number_format.h"

namespace lpusim {

/// Consecutive symbols of a tile column as bits: the format's fields or radix digits, dense or
/// padded. What the codes mean does not matter here.
class SymbolCodec {
public:
    explicit SymbolCodec(const NumberFormat& format);

    /// Fields: one behind the other, the first lowest. Radix: c0 + L0 * (c1 + L1 * (c2 + ...)).
    bool is_radix() const { return !levels_.empty(); }
    std::uint32_t weights_per_symbol() const { return weights_; }
    /// Bits from the begin of a symbol of n weights to the begin of the next one.
    std::uint32_t stored_bits(std::uint32_t n) const;
    /// Symbols of a whole radix symbol that mean anything are below; fields: no limit.
    std::uint32_t radix_values() const { return values_[weights_]; }

    /// Writes the symbols of `rows` weights; the last one may be short. Throws std::out_of_range
    /// for a code that its place does not have.
    void encode(const std::uint16_t* codes, std::uint32_t rows, BitWriter& out) const;

    /// The codes of `rows` weights whose first symbol begins at `bit`. Returns `rows`, or the first
    /// weight of a symbol that has no meaning, where it stops.
    std::uint32_t decode(ByteView bytes, std::uint64_t bit, std::uint32_t rows,
                         std::uint16_t* codes) const;

private:
    void check_bundles(const std::uint16_t* codes, std::uint32_t rows) const;
    std::uint32_t encode_bundles(const std::uint16_t* codes, std::uint32_t rows,
                                 BitWriter& out) const;
    void encode_fields(const std::uint16_t* codes, std::uint32_t n, BitWriter& out) const;
    void encode_radix(const std::uint16_t* codes, std::uint32_t n, BitWriter& out) const;
    bool decode_radix(std::uint32_t symbol, std::uint32_t n, std::uint16_t* codes) const;

    Packing packing_;
    std::uint32_t weights_;
    std::vector<std::uint32_t> fields_;
    std::vector<std::uint32_t> levels_;
    /// Of the first n weights of a symbol: bits without padding, and values of a radix symbol.
    std::vector<std::uint32_t> bits_;
    std::vector<std::uint32_t> values_;
    /// Place values of the dense fields of whole symbols that are written together; empty: none.
    std::vector<std::uint32_t> bundle_;
    std::uint32_t bundle_bits_ = 0;
    /// All fields have four bits.
    bool nibbles_ = false;
    /// The bits that codes must not have, for many weights, so that the check runs as one long
    /// loop.
    std::vector<std::uint16_t> excess_;
};

}  // namespace lpusim
