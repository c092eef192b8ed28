#include "sim/platform/point_inputs.h"

#include "sim/config/load.h"
#include "sim/platform/scenario_json.h"
#include "sim/result/content_hash.h"

namespace lpusim {

PointInputs inputs_of(const SimulationInput& input) {
    PointInputs inputs;
    inputs.hardware_name = input.hardware.name;
    inputs.model_name = input.model.name;
    inputs.format_name = input.format.name;
    inputs.hardware_json = effective_json(input.hardware).dump();
    inputs.model_json = effective_json(input.model).dump();
    inputs.format_json = effective_json(input.format).dump();
    inputs.scenario_json = effective_json(input.scenario).dump();
    inputs.content_hash = content_hash(inputs);
    return inputs;
}

}  // namespace lpusim
