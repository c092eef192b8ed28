#pragma once

#include "hw_models/chip/chip_params.h"
#include "sim/compiler/sram_plan.h"
#include "sim/compiler/step_plan.h"
#include "sim/workload/model.h"
#include "sim/workload/scenario.h"

namespace lpusim {

/// Slots for streamed parameters: two layers' norms, so that the stream never waits for the vector
/// unit to reach a norm before it may go on with weights.
inline constexpr std::uint32_t kParameterSlots = 4;
/// New K and V of a layer wait in one while the next layer's fill the other.
inline constexpr std::uint32_t kAppendBuffers = 2;

/// Linear weights and LM head of the whole model, as the format and the tiling store them.
struct StoredWeights {
    Weights weights;
    Bytes bytes;
    /// What it takes to start each tile on a whole bank round.
    Bytes rounding;
};
StoredWeights stored_weights(const StepPlan& plan, std::uint32_t layers, Bytes round);

/// Embedding tables, norms and biases of the whole model.
Bytes fp16_parameter_bytes(const Model& model);

SramDemand sram_demand(const ChipParams& chip, const StepPlan& plan, const Model& model,
                       const Scenario& scenario);

}  // namespace lpusim
