#include "hw_models/numerics/mini_float.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace lpusim {

std::uint32_t float_bits(float value) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}

float float_of_bits(std::uint32_t bits) {
    float value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

std::uint32_t MiniFloat::max_code() const {
    const std::uint32_t all_ones = (1u << (exponent_bits + mantissa_bits)) - 1;
    switch (reserved) {
        case Reserved::Nothing:
            return all_ones;
        case Reserved::TopCode:
            return all_ones - 1;
        case Reserved::TopExponent:
            break;
    }
    return all_ones - (1u << mantissa_bits);
}

bool MiniFloat::is_finite(std::uint32_t code) const {
    return (code & ((1u << (bits() - 1)) - 1)) <= max_code();
}

float MiniFloat::decode(std::uint32_t code) const {
    const std::uint32_t mantissa = code & ((1u << mantissa_bits) - 1);
    const std::uint32_t exponent = (code >> mantissa_bits) & ((1u << exponent_bits) - 1);
    const std::uint32_t implied = exponent == 0 ? 0 : 1u << mantissa_bits;
    const std::int32_t scale = static_cast<std::int32_t>(exponent == 0 ? 1 : exponent) - bias() -
                               static_cast<std::int32_t>(mantissa_bits);
    const float magnitude = std::ldexp(static_cast<float>(implied + mantissa), scale);
    return (code >> (bits() - 1)) != 0 ? -magnitude : magnitude;
}

std::uint32_t MiniFloat::encode(double value) const {
    const std::uint32_t sign = std::signbit(value) ? 1u << (bits() - 1) : 0;
    const double magnitude = std::fabs(value);
    if (magnitude >= static_cast<double>(max())) return sign | max_code();
    if (magnitude == 0) return sign;
    // In units of the spacing of the numbers around it; rounding up into the next binade carries into the exponent.
    const std::int32_t exponent = std::max(std::ilogb(magnitude), min_exponent());
    const auto units = static_cast<std::uint32_t>(std::nearbyint(
        std::ldexp(magnitude, static_cast<std::int32_t>(mantissa_bits) - exponent)));
    const auto binade = static_cast<std::uint32_t>(exponent - min_exponent());
    return sign | ((binade << mantissa_bits) + units);
}

}  // namespace lpusim
