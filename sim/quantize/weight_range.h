#pragma once

#include <cstdint>

namespace lpusim {

/// Smallest and largest of some weights.
struct WeightRange {
    float min = 0;
    float max = 0;
    /// False when a weight is NaN or infinite; min and max then mean nothing.
    bool finite = true;

    /// Largest magnitude.
    float magnitude() const { return -min > max ? -min : max; }
};

/// `count` > 0.
WeightRange range_of(const float* weights, std::uint64_t count);

/// The same, but that it is as wide as the largest magnitude on both sides; takes half the time.
WeightRange symmetric_range_of(const float* weights, std::uint64_t count);

/// Of weights [begin, end) of a column; begin < end. Throws NonFiniteWeight.
WeightRange finite_range_of(const float* weights, std::uint64_t begin, std::uint64_t end,
                            bool symmetric = false);

}  // namespace lpusim
