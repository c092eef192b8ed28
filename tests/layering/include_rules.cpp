#include "tests/layering/include_rules.h"

#include <algorithm>
#include <array>
#include <regex>
#include <sstream>

namespace lpusim::layering {
namespace {

// Files, printing, wall clocks and the tool's own formats: no business of the hardware models.
constexpr std::array kForeignToHardware = {
    "yaml-cpp/",     "nlohmann/",    "fmt/",       "boost/program_options",
    "boost/process", "sqlite",       "<iostream>", "<filesystem>",
    "<print>",       "<fstream>",    "<chrono>",   "<ctime>",
    "<cstdio>",      "<sys/time.h>",
};

bool starts_with(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

bool contains(const std::vector<std::string_view>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool matches(std::string_view pattern, std::string_view path) {
    const auto star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == path;
    const std::string_view head = pattern.substr(0, star);
    const std::string_view tail = pattern.substr(star + 1);
    if (path.size() < head.size() + tail.size() || !starts_with(path, head)) return false;
    const std::string_view between =
        path.substr(head.size(), path.size() - head.size() - tail.size());
    return path.substr(path.size() - tail.size()) == tail &&
           between.find('/') == std::string_view::npos;
}

/// "mac_array" for mac_array.h, mac_array.cpp and mac_array_params.h alike.
std::string_view subject_of(std::string_view path) {
    path.remove_prefix(path.rfind('/') + 1);
    path = path.substr(0, path.find('.'));
    constexpr std::string_view kParams = "_params";
    if (path.size() > kParams.size() && path.substr(path.size() - kParams.size()) == kParams) {
        path.remove_suffix(kParams.size());
    }
    return path;
}

bool is_systemc(std::string_view spelled) {
    return starts_with(spelled, "<systemc") || starts_with(spelled, "<sysc/") ||
           starts_with(spelled, "<tlm");
}

bool is_foreign_to_hardware(std::string_view spelled) {
    return std::any_of(
        kForeignToHardware.begin(), kForeignToHardware.end(), [&](std::string_view foreign) {
            return starts_with(spelled, foreign) || starts_with(spelled.substr(1), foreign);
        });
}

/// Empty when allowed. `spelled` keeps its delimiters: "<vector>" or "\"sim/result/result.h\"".
std::string objection(const Layer& from, std::string_view path, std::string_view spelled) {
    const std::string name(from.name);
    if (is_systemc(spelled)) {
        return from.systemc == SystemC::Yes ? "" : name + " must not depend on SystemC";
    }
    if (starts_with(path, "hw_models/") && is_foreign_to_hardware(spelled)) {
        return "the hardware models know nothing of it";
    }
    if (spelled.front() == '<') return "";

    const std::string_view target = spelled.substr(1, spelled.size() - 2);
    const Layer* to = layer_of(target);
    if (to == nullptr) return "not spelled from the repository's root, or part of no layer";
    if (to != &from && !contains(from.may_include, to->name)) {
        return name + " must not include " + std::string(to->name);
    }
    constexpr std::string_view kUnits = "hw_models/units/";
    if (starts_with(path, kUnits) && starts_with(target, kUnits) &&
        subject_of(path) != subject_of(target)) {
        return "units do not know each other";
    }
    return "";
}

}  // namespace

const Layer* layer_of(std::string_view path) {
    for (const Layer& layer : architecture()) {
        if (matches(layer.files, path)) return &layer;
    }
    return nullptr;
}

std::vector<std::string> violations(std::string_view path, std::string_view text) {
    const Layer* layer = layer_of(path);
    if (layer == nullptr) return {std::string(path) + ": part of no layer"};

    static const std::regex kInclude(R"(^\s*#\s*include\s*(<[^>]+>|"[^"]+"))");
    std::vector<std::string> found;
    std::istringstream lines{std::string(text)};
    std::string line;
    for (int number = 1; std::getline(lines, line); ++number) {
        std::smatch match;
        if (!std::regex_search(line, match, kInclude)) continue;
        const std::string spelled = match[1];
        const std::string reason = objection(*layer, path, spelled);
        if (!reason.empty()) {
            found.push_back(std::string(path) + ':' + std::to_string(number) + ": " + spelled +
                            ": " + reason);
        }
    }
    return found;
}

}  // namespace lpusim::layering
