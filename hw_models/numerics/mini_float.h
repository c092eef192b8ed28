#pragma once

#include <cstdint>

namespace lpusim {

/// A binary floating-point format of at most 16 bits: sign, exponent, mantissa, with subnormals.
struct MiniFloat {
    /// Codes that are no finite number.
    enum class Reserved : std::uint8_t {
        /// None: FP4 and FP6 of the OCP microscaling formats specification.
        Nothing,
        /// All ones is NaN, and there is no infinity: E4M3.
        TopCode,
        /// The top exponent is infinity and NaN, as in IEEE 754.
        TopExponent
    };
    std::uint32_t exponent_bits = 5;
    std::uint32_t mantissa_bits = 10;
    Reserved reserved = Reserved::TopExponent;

    std::uint32_t bits() const { return 1 + exponent_bits + mantissa_bits; }
    std::int32_t bias() const { return (1 << (exponent_bits - 1)) - 1; }
    /// Exponent of the smallest normal number.
    std::int32_t min_exponent() const { return 1 - bias(); }
    /// Code of the largest finite number.
    std::uint32_t max_code() const;
    float max() const { return decode(max_code()); }
    /// Smallest positive number.
    float min() const { return decode(1); }

    bool is_finite(std::uint32_t code) const;
    /// Exact. The code must be finite.
    float decode(std::uint32_t code) const;
    /// Nearest, ties to even; beyond the largest finite number: that number. NaN is not allowed.
    std::uint32_t encode(double value) const;
};

inline constexpr MiniFloat kFp16{5, 10, MiniFloat::Reserved::TopExponent};
inline constexpr MiniFloat kBf16{8, 7, MiniFloat::Reserved::TopExponent};
inline constexpr MiniFloat kFp8E4m3{4, 3, MiniFloat::Reserved::TopCode};
inline constexpr MiniFloat kFp8E5m2{5, 2, MiniFloat::Reserved::TopExponent};
inline constexpr MiniFloat kFp6E2m3{2, 3, MiniFloat::Reserved::Nothing};
inline constexpr MiniFloat kFp6E3m2{3, 2, MiniFloat::Reserved::Nothing};
inline constexpr MiniFloat kFp4E2m1{2, 1, MiniFloat::Reserved::Nothing};

}  // namespace lpusim
