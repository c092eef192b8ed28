#pragma once

#include "sim/result/result.h"

namespace lpusim {

/// A second number of layers to simulate, one apart from the first, so that the difference is one
/// layer's.
constexpr std::uint32_t neighbour_of(std::uint32_t layers) { return layers > 1 ? layers - 1 : 2; }

/// All layers from two runs whose layers_simulated differ by one. Every count grows by the
/// difference of the two runs per layer that was not simulated:
///
///     count(all) = count(n) + (all - n) * (count(n) - count(m)) / (n - m)
///
/// with n the layers of `run` and m those of `neighbour`; what does not depend on the layers stays
/// as it is, and the bottleneck is judged anew. A count that would fall below zero becomes zero;
/// what that adds to an engine's states, or to the operators' cycles, is taken from the largest of
/// them, so that they still sum to the cycles. Returns `run` if it holds all layers. Throws
/// std::invalid_argument if the runs do not fit together.
Point extrapolate(const Point& run, const Point& neighbour);
SimulatorStats sum(const SimulatorStats& a, const SimulatorStats& b);

}  // namespace lpusim
