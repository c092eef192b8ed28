#include "sim/config/units.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lpusim::config {

namespace {

__extension__ using Wide = unsigned __int128;

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

struct DimensionInfo {
    std::string_view noun;
    /// The base unit first.
    std::vector<Unit> units;
    /// Another spelling of the base unit, for one of it.
    std::string_view singular;
};

constexpr std::uint64_t kKilo = 1'000;
constexpr std::uint64_t kKibi = 1'024;
constexpr std::uint64_t kSixty = 60;

const DimensionInfo& info(Dimension dimension) {
    static const DimensionInfo kFrequency = {
        "frequency",
        {{"Hz", 1}, {"kHz", kKilo}, {"MHz", kKilo * kKilo}, {"GHz", kKilo * kKilo * kKilo}},
        ""};
    static const DimensionInfo kBandwidth = {"bandwidth",
                                             {{"B/s", 1},
                                              {"kB/s", kKilo},
                                              {"MB/s", kKilo * kKilo},
                                              {"GB/s", kKilo * kKilo * kKilo},
                                              {"TB/s", kKilo * kKilo * kKilo * kKilo},
                                              {"KiB/s", kKibi},
                                              {"MiB/s", kKibi * kKibi},
                                              {"GiB/s", kKibi * kKibi * kKibi},
                                              {"TiB/s", kKibi * kKibi * kKibi * kKibi}},
                                             ""};
    static const DimensionInfo kSize = {"size",
                                        {{"B", 1},
                                         {"kB", kKilo},
                                         {"MB", kKilo * kKilo},
                                         {"GB", kKilo * kKilo * kKilo},
                                         {"TB", kKilo * kKilo * kKilo * kKilo},
                                         {"KiB", kKibi},
                                         {"MiB", kKibi * kKibi},
                                         {"GiB", kKibi * kKibi * kKibi},
                                         {"TiB", kKibi * kKibi * kKibi * kKibi}},
                                        ""};
    static const DimensionInfo kDuration = {"duration", {{"cycles", 1}}, "cycle"};
    static const DimensionInfo kPortRate = {"rate", {{"B/cycle", 1}}, ""};
    static const DimensionInfo kWidth = {"width", {{"bits", 1}}, "bit"};
    static const DimensionInfo kTime = {
        "time",
        {{"s", 1}, {"min", kSixty}, {"h", kSixty * kSixty}, {"d", 24 * kSixty * kSixty}},
        ""};
    switch (dimension) {
        case Dimension::Frequency:
            return kFrequency;
        case Dimension::Bandwidth:
            return kBandwidth;
        case Dimension::Size:
            return kSize;
        case Dimension::Duration:
            return kDuration;
        case Dimension::PortRate:
            return kPortRate;
        case Dimension::Width:
            return kWidth;
        case Dimension::Time:
            break;
    }
    return kTime;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// digits / 10^decimals, and what follows the number.
struct Written {
    std::uint64_t digits = 0;
    unsigned decimals = 0;
    std::string_view unit;
};

constexpr unsigned kMostDecimals = 19;  // 10^19 still fits 64 bits

std::uint64_t power_of_ten(unsigned exponent) {
    std::uint64_t power = 1;
    while (exponent-- > 0) power *= 10;
    return power;
}

/// The digits in front of `text`, which they are removed from.
std::string_view take_digits(std::string_view& text) {
    const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
    const auto length = static_cast<std::size_t>(end - text.begin());
    const std::string_view digits = text.substr(0, length);
    text.remove_prefix(length);
    return digits;
}

Written split(std::string_view text) {
    std::string_view rest = text;
    const bool negative = !rest.empty() && rest.front() == '-';
    if (negative) rest.remove_prefix(1);
    std::string digits(take_digits(rest));
    if (digits.empty()) throw BadValue(", which is not a number");
    if (negative) throw BadValue(", which is negative");
    // YAML 1.1 reads 010 as eight, YAML 1.2 as ten.
    if (digits.size() > 1 && digits.front() == '0') throw BadValue(", which begins with a zero");

    std::string_view decimals;
    if (rest.size() > 1 && rest.front() == '.' && is_digit(rest[1])) {
        rest.remove_prefix(1);
        decimals = take_digits(rest);
        while (!decimals.empty() && decimals.back() == '0') decimals.remove_suffix(1);
    }
    // "1e9", "1.5.3", "0x10" and "1,000" are not split into a number and a unit that is none.
    if (!rest.empty() && (rest.front() == '.' || rest.front() == ',' || rest.front() == '_' ||
                          rest.front() == 'x' || rest.front() == 'e' || rest.front() == 'E')) {
        throw BadValue(", which is not a plain decimal number");
    }
    if (decimals.size() > kMostDecimals) throw BadValue(", which has too many decimals");

    Written written;
    Wide value = 0;
    for (const char digit : digits.append(decimals)) {
        value = value * 10 + static_cast<unsigned>(digit - '0');
        if (value > std::numeric_limits<std::uint64_t>::max()) {
            throw BadValue(decimals.empty() ? ", which is too large"
                                            : ", which has too many digits");
        }
    }
    written.digits = static_cast<std::uint64_t>(value);
    written.decimals = static_cast<unsigned>(decimals.size());
    while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
    written.unit = rest;
    return written;
}

const Unit& find_unit(std::string_view name, Dimension dimension) {
    const DimensionInfo& known = info(dimension);
    if (name.empty()) throw BadValue(", which has no unit");
    if (name == known.singular) return known.units.front();
    for (const Unit& unit : known.units) {
        if (unit.name == name) return unit;
    }
    // One letter at most: 'Gbit/s' is no misspelling of 'GB/s'.
    throw BadValue(fmt::format(", where the unit {} does not fit", in_quotes(name)),
                   nearest(name, units_of(dimension), /*most_edits=*/1));
}

/// value / factor as a decimal of at most three places; empty if that is not exact.
std::string print_decimal(std::uint64_t value, std::uint64_t factor) {
    for (std::uint64_t scale = 1; scale <= 1'000; scale *= 10) {
        const Wide scaled = Wide{value} * scale;
        if (scaled % factor != 0) continue;
        const auto digits = static_cast<std::uint64_t>(scaled / factor);
        if (scale == 1) return fmt::to_string(digits);
        const auto places = fmt::to_string(scale).size() - 1;
        return fmt::format("{}.{:0{}}", digits / scale, digits % scale, places);
    }
    return "";
}

}  // namespace

std::string describe(Dimension dimension) {
    return fmt::format("{} ({})", info(dimension).noun, fmt::join(units_of(dimension), ", "));
}

std::vector<std::string> units_of(Dimension dimension) {
    std::vector<std::string> names;
    for (const Unit& unit : info(dimension).units) names.emplace_back(unit.name);
    return names;
}

std::uint64_t parse_measure(std::string_view text, Dimension dimension) {
    const Written written = split(text);
    const Unit& unit = find_unit(written.unit, dimension);
    const Wide scaled = Wide{written.digits} * unit.factor;
    const std::uint64_t divisor = power_of_ten(written.decimals);
    if (scaled % divisor != 0) {
        throw BadValue(
            fmt::format(", which is not a whole number of {}", info(dimension).units.front().name));
    }
    if (scaled / divisor > std::numeric_limits<std::uint64_t>::max()) {
        throw BadValue(", which is too large");
    }
    return static_cast<std::uint64_t>(scaled / divisor);
}

std::string print_measure(std::uint64_t value, Dimension dimension) {
    const DimensionInfo& known = info(dimension);
    if (value == 1 && !known.singular.empty()) return fmt::format("1 {}", known.singular);
    std::string shortest = fmt::format("{} {}", value, known.units.front().name);
    if (value == 0) return shortest;
    for (const Unit& unit : known.units) {
        const std::string number = print_decimal(value, unit.factor);
        std::string text = fmt::format("{} {}", number, unit.name);
        if (!number.empty() && text.size() < shortest.size()) shortest = std::move(text);
    }
    return shortest;
}

std::uint64_t parse_count(std::string_view text) {
    const Written written = split(text);
    if (!written.unit.empty()) {
        throw BadValue(
            fmt::format(", but a plain number has no unit such as {}", in_quotes(written.unit)));
    }
    if (written.decimals > 0) throw BadValue(", which is not a whole number");
    return written.digits;
}

Fraction parse_percent(std::string_view text) {
    const Written written = split(text);
    if (written.unit.empty()) throw BadValue(", which has no unit", fmt::format("{} %", text));
    if (written.unit != "%") {
        throw BadValue(fmt::format(", where the unit {} does not fit", in_quotes(written.unit)));
    }
    if (written.decimals > kMostDecimals - 2) throw BadValue(", which has too many decimals");
    return reduced(written.digits, power_of_ten(written.decimals + 2));
}

std::string print_percent(Fraction fraction) {
    for (unsigned decimals = 0; decimals <= kMostDecimals - 2; ++decimals) {
        const std::uint64_t scale = power_of_ten(decimals);
        const Wide scaled = Wide{fraction.num} * 100 * scale;
        if (scaled % fraction.den != 0) continue;
        const auto digits = static_cast<std::uint64_t>(scaled / fraction.den);
        if (decimals == 0) return fmt::format("{} %", digits);
        return fmt::format("{}.{:0{}} %", digits / scale, digits % scale, decimals);
    }
    throw std::invalid_argument(
        fmt::format("{}/{} is no decimal percentage", fraction.num, fraction.den));
}

}  // namespace lpusim::config
