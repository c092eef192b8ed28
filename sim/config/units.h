#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "hw_models/core/quantities.h"
#include "sim/config/diagnostics.h"

namespace lpusim::config {

/// A text is not the value that it should be. `why` continues the sentence "got '64 B'", as in
/// ", which has a unit".
struct BadValue : std::runtime_error {
    explicit BadValue(const std::string& reason, std::string meant = "")
        : std::runtime_error(reason), suggestion(std::move(meant)) {}

    /// What the user may have meant, if that is clear.
    std::string suggestion;
    /// Of an item of a list: where it stands, how its path goes on ("[1]") and what was got.
    struct Item {
        Position at;
        std::string path;
        std::string got;
    };
    std::optional<Item> item;
};

/// What a number with a unit measures. All values are whole multiples of the first unit.
enum class Dimension : std::uint8_t { Frequency, Bandwidth, Size, Duration, PortRate, Width, Time };

/// "frequency (Hz, kHz, MHz, GHz)"
std::string describe(Dimension dimension);
std::vector<std::string> units_of(Dimension dimension);

/// "0.9155 GHz" -> 915500000. Decimal and exact: what is no whole number of Hz, or does not fit 64
/// bits, is a BadValue, and so are a missing unit and one of another dimension.
std::uint64_t parse_measure(std::string_view text, Dimension dimension);

/// The shortest exact text: 915500000 -> "915.5 MHz". parse_measure() gives the value back.
std::string print_measure(std::uint64_t value, Dimension dimension);

/// A number without unit. Throws BadValue.
std::uint64_t parse_count(std::string_view text);

/// "5 %" -> 1/20, exactly.
Fraction parse_percent(std::string_view text);
/// The exact text of a fraction that parse_percent() gave.
std::string print_percent(Fraction fraction);

}  // namespace lpusim::config
