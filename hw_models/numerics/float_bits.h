#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

namespace lpusim {

/// The IEEE 754 binary32 word of a float. Inline, so that loops over it are vectorised.
inline std::uint32_t float_bits(float value) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}

inline float float_of_bits(std::uint32_t bits) {
    float value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

/// floor(log2(value)) of a positive finite number.
inline std::int32_t floor_log2(double value) {
    constexpr std::int32_t kBias = 1023;
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    const auto biased = static_cast<std::int32_t>(bits >> 52U);
    return biased == 0 ? std::ilogb(value) : biased - kBias;
}

/// 2^exponent.
inline double power_of_two(std::int32_t exponent) {
    constexpr std::int32_t kBias = 1023;
    if (exponent <= -kBias || exponent > kBias) return std::ldexp(1.0, exponent);
    const std::uint64_t bits = static_cast<std::uint64_t>(exponent + kBias) << 52U;
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

}  // namespace lpusim
