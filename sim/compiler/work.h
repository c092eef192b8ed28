#pragma once

#include "hw_models/chip/chip_params.h"
#include "sim/compiler/compiler.h"
#include "sim/compiler/step_plan.h"

namespace lpusim {

/// Adds up what a token step of the plan costs each unit.
Work count_work(const StepPlan& plan, const SramPlan& sram, const ChipParams& chip);

}  // namespace lpusim
