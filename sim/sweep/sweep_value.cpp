#include "sim/sweep/sweep_value.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "sim/config/diagnostics.h"
#include "sim/config/value_types.h"

namespace lpusim {

namespace {

using config::BadValue;
using config::Diagnostics;
using config::Dimension;
using config::YamlNode;

constexpr std::uint64_t kPercentUnits = 10'000;  // to one percent
constexpr std::uint64_t kMostSteps = 100'000;
constexpr int kLogDigits = 4;
constexpr int kLinearDigits = 6;

template <class Parse>
std::optional<std::uint64_t> parsed(Parse parse) {
    try {
        return parse();
    } catch (const BadValue&) {
        return std::nullopt;
    }
}

/// value / factor with at most three decimals; empty if that is not exact.
std::string decimal(std::uint64_t value, std::uint64_t factor) {
    constexpr std::uint64_t kMostScale = 1'000;
    for (std::uint64_t scale = 1; scale <= kMostScale; scale *= 10) {
        if (factor % scale != 0 || value % (factor / scale) != 0) continue;
        const std::uint64_t digits = value / (factor / scale);
        if (scale == 1) return std::to_string(digits);
        const std::string decimals = std::to_string(scale + digits % scale).substr(1);
        return std::to_string(digits / scale) + "." + decimals;
    }
    return "";
}

/// The shortest exact text; of equals the one in the larger unit, for nobody writes 31620 MB/s.
std::string measure_text(std::uint64_t value, Dimension dimension) {
    std::string shortest = config::print_measure(value, dimension);
    std::uint64_t largest = 0;
    for (const std::string& unit : config::units_of(dimension)) {
        const std::uint64_t factor = config::parse_measure("1 " + unit, dimension);
        const std::string number = factor <= value ? decimal(value, factor) : "";
        const std::string text = number + " " + unit;
        if (number.empty() || text.size() > shortest.size() || factor < largest) continue;
        shortest = text;
        largest = factor;
    }
    return shortest;
}

/// To that many significant digits, as a whole number.
std::uint64_t rounded(double value, int digits) {
    if (value < 1) return value < 0.5 ? 0 : 1;
    const double scale = std::pow(10.0, std::floor(std::log10(value)) - digits + 1);
    if (scale <= 1) return static_cast<std::uint64_t>(std::llround(value));
    // The scale is a power of ten from 10 up: the product is exact.
    return static_cast<std::uint64_t>(std::llround(value / scale)) *
           static_cast<std::uint64_t>(std::llround(scale));
}

/// What is wrong with an axis, where it stands.
class AxisReader {
public:
    AxisReader(const SweepKey& key, Diagnostics& diagnostics)
        : key_(key), diagnostics_(diagnostics) {}

    std::vector<SweepValue> read(const YamlNode& node) {
        if (node.kind == YamlNode::Kind::List) {
            for (const YamlNode& item : node.items) add(item);
            if (node.items.empty()) error(node.at, "has no values");
        } else if (node.kind == YamlNode::Kind::Map) {
            read_series(node);
        } else {
            error(node.at, fmt::format("got {}; allowed: a list of values, {{pow2: [from, to]}}, "
                                       "{{log: [from, to], points: n}} or {{linear: [from, to], "
                                       "points: n}}",
                                       node.shown()));
        }
        return std::move(values_);
    }

private:
    void error(config::Position at, const std::string& message) {
        diagnostics_.error(at, fmt::format("axis '{}': {}", key_.name, message));
    }

    void add(const YamlNode& node) {
        try {
            add(sweep_value(key_, node));
        } catch (const BadValue& bad) {
            error(node.at, fmt::format("got {}{}; allowed: {}{}", node.shown(), bad.what(),
                                       allowed_values(key_), config::did_you_mean(bad.suggestion)));
        }
    }
    void add(SweepValue value) {
        const auto [known, is_new] = seen_.emplace(meaning(value), value.text);
        if (is_new) {
            values_.push_back(std::move(value));
        } else if (!is_series_) {
            const std::string text = config::in_quotes(value.text);
            error(value.at, value.text == known->second
                                ? text + " stands there twice"
                                : fmt::format("{} is the same as {}", text,
                                              config::in_quotes(known->second)));
        }
    }
    /// Equal for what is written differently and means the same: 80 GB/s and 80000 MB/s.
    static std::string meaning(const SweepValue& value) {
        if (!value.number) return value.text;
        const Measured& number = *value.number;
        return fmt::format("{} {} {}", static_cast<int>(number.kind),
                           static_cast<int>(number.dimension), number.base);
    }
    void add(const Measured& number, config::Position at) {
        add(YamlNode::scalar(number.text(), at));
    }

    void read_series(const YamlNode& map) {
        is_series_ = true;
        const YamlNode* ends = nullptr;
        std::string kind;
        for (const config::YamlEntry& entry : map.entries) {
            if (entry.key == "points") continue;
            if (entry.key != "pow2" && entry.key != "log" && entry.key != "linear") {
                error(entry.at, fmt::format("unknown key {}{}", config::in_quotes(entry.key),
                                            config::did_you_mean(config::nearest(
                                                entry.key, {"pow2", "log", "linear", "points"}))));
                return;
            }
            if (ends != nullptr) return error(entry.at, "has a second series");
            ends = &entry.value;
            kind = entry.key;
        }
        if (ends == nullptr) return error(map.at, "has no series: pow2, log or linear");
        const auto range = read_range(*ends);
        if (!range) return;
        const YamlNode* points = map.find("points");
        if (kind == "pow2") {
            if (points != nullptr) return error(points->at, "pow2 has as many points as doublings");
            return add_doublings(range->first, range->second, ends->at);
        }
        if (points == nullptr) return error(map.at, "lacks its number of points");
        const auto count = parsed([&] { return config::parse_count(config::text_of(*points)); });
        if (!count || *count < 2 || *count > kMostSteps) {
            return error(points->at, fmt::format("points: got {}; allowed: a whole number from 2 "
                                                 "to {}",
                                                 points->shown(), kMostSteps));
        }
        add_steps(range->first, range->second, *count, kind == "log", ends->at);
    }

    std::optional<std::pair<Measured, Measured>> read_range(const YamlNode& node) {
        std::vector<Measured> ends;
        for (const YamlNode& item : node.items) {
            const auto number = item.kind == YamlNode::Kind::Scalar ? measured(item.text)
                                                                    : std::optional<Measured>();
            if (number) ends.push_back(*number);
        }
        if (node.items.size() != 2 || ends.size() != 2) {
            error(node.at, "a series goes from one number to another: [10 GB/s, 100 TB/s]");
            return std::nullopt;
        }
        if (!ends[0].same_unit(ends[1])) {
            error(node.at,
                  fmt::format("{} and {} are not of one kind", ends[0].text(), ends[1].text()));
            return std::nullopt;
        }
        if (ends[0].base == 0 || ends[0].base >= ends[1].base) {
            error(node.at, "a series begins above zero and ends above its begin");
            return std::nullopt;
        }
        return std::pair(ends[0], ends[1]);
    }

    void add_doublings(Measured from, const Measured& to, config::Position at) {
        while (from.base <= to.base) {
            add(from, at);
            if (from.base > to.base / 2) break;
            from.base *= 2;
        }
    }

    void add_steps(const Measured& from, const Measured& to, std::uint64_t count, bool is_log,
                   config::Position at) {
        const auto low = static_cast<double>(from.base);
        const auto high = static_cast<double>(to.base);
        for (std::uint64_t i = 0; i < count; ++i) {
            const double share = static_cast<double>(i) / static_cast<double>(count - 1);
            Measured value = from;
            if (i + 1 == count) {
                value = to;
            } else if (i > 0) {
                value.base = is_log ? rounded(low * std::pow(high / low, share), kLogDigits)
                                    : rounded(low + (high - low) * share, kLinearDigits);
            }
            add(value, at);
        }
    }

    const SweepKey& key_;
    Diagnostics& diagnostics_;
    bool is_series_ = false;
    std::vector<SweepValue> values_;
    /// What values mean, and how that was written first.
    std::map<std::string, std::string> seen_;
};

}  // namespace

double Measured::number() const {
    const auto value = static_cast<double>(base);
    return kind == Kind::Percent ? value / (100.0 * kPercentUnits) : value;
}

std::string Measured::text() const {
    switch (kind) {
        case Kind::Count:
            return std::to_string(base);
        case Kind::Measure:
            return measure_text(base, dimension);
        case Kind::Percent:
            break;
    }
    return config::print_percent(reduced(base, 100 * kPercentUnits));
}

bool Measured::same_unit(const Measured& other) const {
    return kind == other.kind && (kind != Kind::Measure || dimension == other.dimension);
}

std::optional<config::Dimension> Measured::measure() const {
    if (kind != Kind::Measure) return std::nullopt;
    return dimension;
}

std::optional<Measured> measured(const std::string& text) {
    Measured value;
    if (const auto count = parsed([&] { return config::parse_count(text); })) {
        value.base = *count;
        return value;
    }
    for (const Dimension dimension : {Dimension::Frequency, Dimension::Bandwidth, Dimension::Size,
                                      Dimension::Duration, Dimension::PortRate, Dimension::Width}) {
        if (const auto base = parsed([&] { return config::parse_measure(text, dimension); })) {
            value.base = *base;
            value.kind = Measured::Kind::Measure;
            value.dimension = dimension;
            return value;
        }
    }
    const auto percent = parsed([&] {
        const Fraction fraction = config::parse_percent(text);
        if (100 * kPercentUnits % fraction.den != 0) throw BadValue("");
        return fraction.num * (100 * kPercentUnits / fraction.den);
    });
    if (!percent) return std::nullopt;
    value.base = *percent;
    value.kind = Measured::Kind::Percent;
    return value;
}

SweepValue sweep_value(const SweepKey& key, const YamlNode& node) {
    check_value(key, node);
    SweepValue value{config::as_written(node), std::nullopt, node.at, {}};
    if (!key.names_file() && node.kind == YamlNode::Kind::Scalar)
        value.number = measured(node.text);
    return value;
}

std::vector<SweepValue> axis_values(const SweepKey& key, const YamlNode& node,
                                    Diagnostics& diagnostics) {
    return AxisReader(key, diagnostics).read(node);
}

}  // namespace lpusim
