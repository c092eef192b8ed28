#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/config/units.h"
#include "sim/config/yaml_document.h"
#include "sim/sweep/sweep_key.h"

namespace lpusim {

/// A number of a configuration file in whole base units: a count, a measure ("80 GB/s"), or a
/// percentage in units of 0.0001 %.
struct Measured {
    enum class Kind : std::uint8_t { Count, Measure, Percent };
    std::uint64_t base = 0;
    Kind kind = Kind::Count;
    config::Dimension dimension = config::Dimension::Size;

    /// As it is calculated with: 0.95 for 95 %.
    double number() const;
    /// As a file has it.
    std::string text() const;
    bool same_unit(const Measured& other) const;
    /// Nothing for a count and a percentage.
    std::optional<config::Dimension> measure() const;
};

/// Nothing for a text that is no such number.
std::optional<Measured> measured(const std::string& text);

/// One value of an axis.
struct SweepValue {
    /// As it stands in a file, to be put in the place of the value there.
    std::string text;
    std::optional<Measured> number;
    config::Position at;
    /// Of a value that names a file.
    std::filesystem::path file;
};

/// A value of a key. Throws config::BadValue.
SweepValue sweep_value(const SweepKey& key, const config::YamlNode& node);

/// The values of an axis: a list, {pow2: [from, to]}, {log: [from, to], points: n} or {linear:
/// [from, to], points: n}; the last two are rounded to four and six digits, but for their ends.
/// Errors go to `diagnostics`; none is left out silently.
std::vector<SweepValue> axis_values(const SweepKey& key, const config::YamlNode& node,
                                    config::Diagnostics& diagnostics);

}  // namespace lpusim
