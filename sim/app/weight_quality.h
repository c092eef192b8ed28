#pragma once

#include <vector>

#include "hw_models/numerics/number_format.h"
#include "sim/app/weight_options.h"
#include "sim/result/result.h"

namespace lpusim::app {

/// What each format does to the weights of the choice's file, or to standard_sample() without one.
/// Throws FileError, InputError and WeightError: what is wrong with the weights.
std::vector<FormatQuality> quality_of(const std::vector<NumberFormat>& formats,
                                      const WeightChoice& choice);

}  // namespace lpusim::app
