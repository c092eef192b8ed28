#include "sim/quantize/weight_source.h"

#include <cmath>

#include "sim/quantize/strict_json.h"

namespace lpusim {

NonFiniteWeight::NonFiniteWeight(std::uint64_t k, float value)
    : std::runtime_error(std::isnan(value) ? "NaN"
                         : value < 0       ? "-Inf"
                                           : "Inf"),
      k_(k) {}

void throw_weight_error(const WeightSource& source, std::uint64_t n, const NonFiniteWeight& bad) {
    throw WeightError("tensor " + shown_name(source.name()) + ": the weight at " +
                      source.index_text(bad.k(), n) + " is " + bad.what());
}

}  // namespace lpusim
