#include "sim/quantize/weight_range.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "sim/quantize/weight_source.h"

namespace lpusim {

namespace {

constexpr std::int32_t kInfinity = 0x7f800000;

/// Integers in the order of the floats whose bits they are; its own inverse. Comparing integers
/// finds NaN and infinity on the way, and lets the compiler vectorise the loop.
std::int32_t ordered(std::int32_t bits) { return bits ^ ((bits >> 31) & 0x7fffffff); }

float float_of(std::int32_t order) {
    const std::int32_t bits = ordered(order);
    float value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

}  // namespace

WeightRange range_of(const float* weights, std::uint64_t count) {
    std::int32_t low = std::numeric_limits<std::int32_t>::max();
    std::int32_t high = std::numeric_limits<std::int32_t>::min();
    for (std::uint64_t i = 0; i < count; ++i) {
        std::int32_t bits = 0;
        std::memcpy(&bits, weights + i, sizeof bits);
        const std::int32_t order = ordered(bits);
        low = std::min(low, order);
        high = std::max(high, order);
    }
    WeightRange range;
    range.finite =
        high < kInfinity && low > ordered(kInfinity | std::numeric_limits<std::int32_t>::min());
    range.min = float_of(low);
    range.max = float_of(high);
    return range;
}

/// Magnitudes are in the order of their bits.
WeightRange symmetric_range_of(const float* weights, std::uint64_t count) {
    constexpr std::int32_t kMagnitude = 0x7fffffff;
    std::int32_t high = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        std::int32_t bits = 0;
        std::memcpy(&bits, weights + i, sizeof bits);
        high = std::max(high, bits & kMagnitude);
    }
    const float magnitude = float_of(high);
    return {-magnitude, magnitude, high < kInfinity};
}

WeightRange finite_range_of(const float* weights, std::uint64_t begin, std::uint64_t end,
                            bool symmetric) {
    const WeightRange range = symmetric ? symmetric_range_of(weights + begin, end - begin)
                                        : range_of(weights + begin, end - begin);
    if (range.finite) return range;
    const float* bad = std::find_if_not(weights + begin, weights + end,
                                        [](float weight) { return std::isfinite(weight); });
    throw NonFiniteWeight(static_cast<std::uint64_t>(bad - weights), *bad);
}

}  // namespace lpusim
