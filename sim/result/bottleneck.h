#pragma once

#include "sim/result/result.h"

namespace lpusim {

/// Bottleneck::unit when no engine binds.
inline constexpr const char* kDependencyBound = "dependency-bound";

/// The engine that was busy longest; of equals the one furthest upstream, which `units` lists
/// first. When none was busy in 60 % of the cycles the verdict is kDependencyBound, and the chain
/// holds the fewest operators that take half of the cycles, in program order.
Bottleneck find_bottleneck(const std::vector<EngineCycles>& units,
                           const std::vector<OperatorCycles>& operators, Cycles cycles);

}  // namespace lpusim
