#pragma once

#include <nlohmann/json.hpp>

#include "sim/workload/scenario.h"

namespace lpusim {

/// {"phase": "decode", "batch": 1, "context": 2048, "kv_bits": 8, "layers": 0}
nlohmann::ordered_json effective_json(const Scenario& scenario);

/// The inverse. Throws std::runtime_error or nlohmann's exceptions.
Scenario scenario_from_json(const nlohmann::ordered_json& json);

}  // namespace lpusim
