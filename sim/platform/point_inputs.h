#pragma once

#include "sim/platform/simulate.h"

namespace lpusim {

/// What a simulation is computed from, as it stands in its result.
PointInputs inputs_of(const SimulationInput& input);

}  // namespace lpusim
