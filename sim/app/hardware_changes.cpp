#include "sim/app/hardware_changes.h"

#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

namespace lpusim::app {

namespace {

void add_changes(const nlohmann::ordered_json& json, const std::string& prefix,
                 std::vector<HardwareChange>& changes) {
    for (const auto& [key, value] : json.items()) {
        if (value.is_object()) {
            add_changes(value, prefix + key + ".", changes);
            continue;
        }
        if (!value.is_number() && !value.is_string()) continue;
        const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
        for (const double factor : {0.5, 2.0}) {
            const std::string scaled = scaled_value(text, factor);
            if (!scaled.empty()) changes.push_back({{prefix + key, scaled}, text});
        }
    }
}

}  // namespace

std::string scaled_value(const std::string& text, double factor) {
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    const std::string unit = end;
    const bool is_number = end != text.c_str() && std::isfinite(number) && number > 0;
    if (!is_number || (!unit.empty() && unit.front() != ' ')) return "";
    const double scaled = number * factor;
    // A count has no fraction.
    if (unit.empty() && scaled != std::floor(scaled)) return "";
    constexpr double kIntegers = 0x1p53;
    if (scaled >= kIntegers) return "";
    return fmt::format("{:.15g}{}", scaled, unit);
}

std::vector<HardwareChange> halved_and_doubled(const HardwareConfig& hardware) {
    nlohmann::ordered_json json = effective_json(hardware);
    json.erase("kind");
    json.erase("name");
    std::vector<HardwareChange> changes;
    add_changes(json, "", changes);
    return changes;
}

}  // namespace lpusim::app
