#include "sim/platform/scenario_json.h"

#include <stdexcept>
#include <string>

namespace lpusim {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kDecode = "decode";
constexpr const char* kPrefill = "prefill";

Phase phase_from(const std::string& name) {
    if (name == kDecode) return Phase::Decode;
    if (name == kPrefill) return Phase::Prefill;
    throw std::runtime_error("unknown phase '" + name + "'");
}

}  // namespace

Json effective_json(const Scenario& scenario) {
    return {{"phase", scenario.phase == Phase::Decode ? kDecode : kPrefill},
            {"batch", scenario.batch},
            {"context", scenario.context},
            {"kv_bits", scenario.kv_bits},
            {"layers", scenario.layers}};
}

Scenario scenario_from_json(const Json& json) {
    Scenario scenario;
    scenario.phase = phase_from(json.at("phase").get<std::string>());
    scenario.batch = json.at("batch").get<std::uint32_t>();
    scenario.context = json.at("context").get<std::uint32_t>();
    scenario.kv_bits = json.at("kv_bits").get<std::uint32_t>();
    scenario.layers = json.at("layers").get<std::uint32_t>();
    return scenario;
}

}  // namespace lpusim
