#include "hw_models/numerics/mini_float.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "hw_models/numerics/float_bits.h"

namespace lpusim {

namespace {

constexpr std::uint32_t kFloatMantissaBits = 23;
constexpr std::int32_t kFloatBias = 127;
constexpr std::int32_t kDoubleMantissaBits = 52;
constexpr std::int32_t kDoubleBias = 1023;
constexpr std::uint64_t kDoubleHidden = std::uint64_t{1} << 52;

}  // namespace

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
    const std::uint32_t sign = (code >> (bits() - 1)) << 31;
    const std::uint32_t mantissa = code & ((1U << mantissa_bits) - 1);
    const std::uint32_t exponent = (code >> mantissa_bits) & ((1U << exponent_bits) - 1);
    if (exponent == 0) {
        const std::int32_t unit = min_exponent() - static_cast<std::int32_t>(mantissa_bits);
        const float magnitude = std::ldexp(static_cast<float>(mantissa), unit);
        return sign != 0 ? -magnitude : magnitude;
    }
    const std::uint32_t biased = exponent + static_cast<std::uint32_t>(kFloatBias - bias());
    return float_of_bits(sign | biased << kFloatMantissaBits |
                         mantissa << (kFloatMantissaBits - mantissa_bits));
}

std::uint32_t MiniFloat::encode(double value) const {
    std::uint64_t word = 0;
    std::memcpy(&word, &value, sizeof word);
    const std::uint32_t sign = static_cast<std::uint32_t>(word >> 63) << (bits() - 1);
    const std::uint64_t significand = (word & (kDoubleHidden - 1)) | kDoubleHidden;
    const auto exponent = static_cast<std::int32_t>((word << 1) >> 53) - kDoubleBias;
    if (exponent < min_exponent() - static_cast<std::int32_t>(mantissa_bits) - 1) return sign;
    if (exponent > bias() + 1) return sign | max_code();

    // In units of the spacing of the numbers around it. Rounding up into the next binade carries
    // into the exponent.
    const std::int32_t binade = std::max(exponent, min_exponent());
    const auto drop =
        static_cast<std::uint32_t>(kDoubleMantissaBits + binade - exponent) - mantissa_bits;
    const std::uint64_t half = std::uint64_t{1} << (drop - 1);
    const std::uint64_t odd = (significand >> drop) & 1;
    const auto units = static_cast<std::uint32_t>((significand + half - 1 + odd) >> drop);
    const auto binades = static_cast<std::uint32_t>(binade - min_exponent());
    return sign | std::min((binades << mantissa_bits) + units, max_code());
}

}  // namespace lpusim
