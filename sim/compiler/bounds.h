#pragma once

#include <string>
#include <vector>

#include "hw_models/chip/chip_params.h"
#include "sim/compiler/compiler.h"

namespace lpusim {

/// A number of cycles that no token step can undercut, and what it comes from.
struct LowerBound {
    std::string name;
    Cycles cycles;
};

/// The lower bounds of model.md ("Laws") for one token step, from the work's formulas and the
/// chip's rates.
std::vector<LowerBound> lower_bounds(const Work& work, const ChipParams& chip);

}  // namespace lpusim
