#include "sim/config/claim_types.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lpusim::config {

std::string Name::read(const YamlNode& node) {
    constexpr std::size_t kLongest = 60;
    const std::string& text = text_of(node);
    const bool good = !text.empty() && text.size() <= kLongest &&
                      std::islower(static_cast<unsigned char>(text.front())) != 0 &&
                      std::all_of(text.begin(), text.end(), [](unsigned char c) {
                          return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '_';
                      });
    if (!good) throw BadValue("");
    return text;
}

Overrides Changes::read(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::List) throw BadValue("");
    Overrides changes;
    for (const YamlNode& item : node.items) {
        const bool good = item.kind == YamlNode::Kind::Map && item.entries.size() == 1 &&
                          item.entries.front().value.kind == YamlNode::Kind::Scalar;
        if (!good) {
            BadValue bad("");
            bad.item = BadValue::Item{item.at, fmt::format("[{}]", changes.size()), item.shown()};
            throw BadValue(bad);
        }
        changes.push_back({item.entries.front().key, item.entries.front().value.text});
    }
    return changes;
}

Json Changes::write(const Value& value) {
    Json json = Json::array();
    for (const Override& change : value) json.push_back({{change.key, change.value}});
    return json;
}

Extents Shape::read(const YamlNode& node) const {
    const std::string& text = text_of(node);
    const std::size_t x = text.find('x');
    if (x == std::string::npos) throw BadValue("");
    const Extents extents{parse_count(std::string_view(text).substr(0, x)),
                          parse_count(std::string_view(text).substr(x + 1))};
    if (extents.k == 0 || extents.n == 0) throw BadValue(", which holds no weight");
    if (extents.k > most_ || extents.n > most_ / extents.k) throw BadValue(", which is too large");
    return extents;
}

double Real::read(const YamlNode& node) {
    const std::string& text = text_of(node);
    double value = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stopped != end || !std::isfinite(value) || value == 0) {
        throw BadValue("");
    }
    return value;
}

std::string UnitName::read(const YamlNode& node) {
    const std::string& text = text_of(node);
    if (unit_scale(text) == 0) throw BadValue("", nearest(text, unit_names(), 1));
    return text;
}

std::string UnitName::allowed() { return one_of(unit_names()); }

std::string FormulaType::allowed() {
    return fmt::format(
        "numbers with or without unit ({}), NAME.QUANTITY, + - * /, parentheses, sqrt(a), min(a, "
        "b), "
        "max(a, b), pi",
        fmt::join(unit_names(), ", "));
}

}  // namespace lpusim::config
