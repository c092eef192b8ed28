#include "sim/config/value_types.h"

#include <algorithm>

#include <fmt/format.h>

namespace lpusim::config {

const std::string& text_of(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::Scalar) throw BadValue("");
    return node.text;
}

void Range::require(std::uint64_t value) const {
    if (value == 0 && min > 0) throw BadValue(", which is zero");
    if (value < min) throw BadValue(", which is too small");
    if (value > max) throw BadValue(", which is too large");
}

Count::Value Count::read(const YamlNode& node) const {
    const Value value = parse_count(text_of(node));
    range_.require(value);
    return value;
}

std::string Count::allowed() const {
    return fmt::format("a whole number from {} to {}", range_.min, range_.max);
}

Measure::Value Measure::read(const YamlNode& node) const {
    const Value value = parse_measure(text_of(node), dimension_);
    range_.require(value);
    return value;
}

std::string Measure::allowed() const {
    return fmt::format("a {} from {} to {}", describe(dimension_),
                       print_measure(range_.min, dimension_),
                       print_measure(range_.max, dimension_));
}

Percent::Value Percent::read(const YamlNode& node) {
    const Value value = parse_percent(text_of(node));
    if (value.num == 0) throw BadValue(", which is zero");
    if (value.num > value.den) throw BadValue(", which is too large");
    return value;
}

std::string Percent::allowed() { return "a percentage (%) above 0 % and up to 100 %"; }

PortRateType::Value PortRateType::read(const YamlNode& node) const {
    const std::string& text = text_of(node);
    const std::vector<std::string> per_second = units_of(Dimension::Bandwidth);
    const auto ends_with = [&](const std::string& unit) {
        return text.size() > unit.size() &&
               text.compare(text.size() - unit.size(), unit.size(), unit) == 0;
    };
    if (std::any_of(per_second.begin(), per_second.end(), ends_with)) {
        const std::uint64_t bandwidth = parse_measure(text, Dimension::Bandwidth);
        if (bandwidth == 0) throw BadValue(", which is zero");
        return {bandwidth, true};
    }
    const std::uint64_t width = parse_measure(text, Dimension::PortRate);
    range_.require(width);
    return {width, false};
}

Json PortRateType::write(Value value) {
    return print_measure(value.amount,
                         value.per_second ? Dimension::Bandwidth : Dimension::PortRate);
}

std::string PortRateType::allowed() const {
    return fmt::format("bytes per cycle (B/cycle) or a {}, from {} to {}",
                       describe(Dimension::Bandwidth),
                       print_measure(range_.min, Dimension::PortRate),
                       print_measure(range_.max, Dimension::PortRate));
}

Text::Value Text::read(const YamlNode& node) const {
    std::string text = text_of(node);
    // A block of text (">") ends with a line break.
    text.erase(text.find_last_not_of(" \n") + 1);
    if (text.size() < min_) throw BadValue(", which is empty");
    if (text.size() > max_) throw BadValue(", which is too long");
    const bool one_line = std::none_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
    if (!one_line) throw BadValue(", which is more than one line of plain text");
    return text;
}

std::string Text::allowed() const { return fmt::format("one line of text, up to {} bytes", max_); }

}  // namespace lpusim::config
