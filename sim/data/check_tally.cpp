#include "sim/data/check_tally.h"

#include <algorithm>
#include <cmath>

#include "hw_models/numerics/dot_product.h"

namespace lpusim {

double half_allowance(double exact, double magnitude, double roundings) {
    const double half_place = std::ldexp(std::fabs(exact), -11) + std::ldexp(1.0, -25);
    return half_place + std::ldexp(roundings * magnitude, -24);
}

bool half_agrees(std::uint16_t half, double exact, double magnitude, double roundings) {
    constexpr double kLargest = 65504;
    const auto value = static_cast<double>(from_fp16(half));
    const double clipped = std::clamp(exact, -kLargest, kLargest);
    // The last place is that of the wider of both neighbours of a power of two.
    const double allowed = half_allowance(clipped, magnitude, roundings) * (1 + 1e-3);
    return std::fabs(value - clipped) <= allowed;
}

bool code_agrees(std::int8_t code, double exact) {
    constexpr double kLargest = 127;
    const double clipped = std::clamp(exact, -kLargest, kLargest);
    return std::fabs(static_cast<double>(code) - clipped) <= 0.5 + std::ldexp(1.0, -10);
}

}  // namespace lpusim
