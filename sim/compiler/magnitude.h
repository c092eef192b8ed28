#pragma once

#include "hw_models/chip/chip_params.h"
#include "sim/compiler/compiler.h"
#include "sim/compiler/step_plan.h"
#include "sim/workload/model.h"
#include "sim/workload/scenario.h"

namespace lpusim {

// Sizes that each file allows can multiply to counts that 64 bits do not hold. Such a point is an
// error: a count that wrapped around would look like a result.

/// Before anything is counted. Throws CompileError.
void check_counts(const ChipParams& chip, const Model& model, const Scenario& scenario);

/// Throws CompileError for a token that may take more cycles, or an operation that moves more
/// words, than are counted safely.
void check_duration(const ChipParams& chip, const StepPlan& plan, const Work& work);

}  // namespace lpusim
