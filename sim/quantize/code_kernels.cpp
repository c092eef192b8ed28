#include "sim/quantize/code_kernels.h"

#include <algorithm>
#include <cmath>

#include "hw_models/numerics/float_bits.h"

namespace lpusim {

namespace {

/// Adding and subtracting 1.5 * 2^23 rounds a number of less than 2^22 to an integer, ties to even.
constexpr float kRounder = 12582912.0F;

constexpr std::uint32_t kMantissaBits = 23;
constexpr std::int32_t kBias = 127;
constexpr std::uint32_t kSignBit = 0x80000000U;

/// Of two values that are both there: with a branch, the compiler would not vectorise the loop.
std::uint32_t select(bool first, std::uint32_t a, std::uint32_t b) {
    const std::uint32_t mask = 0U - static_cast<std::uint32_t>(first);
    return (a & mask) | (b & ~mask);
}

}  // namespace

CodeKernel::MiniFloatRounding::MiniFloatRounding(const MiniFloat& format)
    : largest(float_bits(format.max())),
      drop(kMantissaBits - format.mantissa_bits),
      rebias(static_cast<std::uint32_t>(kBias - format.bias()) << format.mantissa_bits),
      sign_shift(32 - format.bits()),
      subnormal_rounder(std::ldexp(1.0F, static_cast<int>(drop) + format.min_exponent())),
      subnormals_end(format.bias() == kBias ? 0
                                            : float_bits(std::ldexp(1.0F, format.min_exponent()))) {
}

CodeKernel::CodeKernel(const WeightCodes& codes)
    : is_float_(codes.is_float()),
      rounding_(is_float_ ? codes.float_format() : MiniFloat{}),
      unit_(codes.unit()),
      offset_(static_cast<float>(codes.offset())) {
    const std::vector<CodePlace>& places = codes.places();
    for (std::size_t i = 0; i < kMaxWeights + places.size(); ++i) {
        const CodePlace& place = places[i % places.size()];
        pattern_.step.push_back(static_cast<float>(place.step));
        pattern_.inverse_step.push_back(1.0F / static_cast<float>(place.step));
        pattern_.lowest.push_back(static_cast<float>(place.lowest));
        pattern_.highest.push_back(static_cast<float>(place.highest));
        pattern_.bias.push_back(place.bias);
        const bool twos_complement = place.bits != 0;
        pattern_.mask.push_back(twos_complement ? static_cast<std::int32_t>(place.levels - 1) : -1);
    }
}

void CodeKernel::fill(Factors& factors, std::uint32_t begin, std::uint32_t end, GroupFactors group,
                      Use use) const {
    const auto enter = [begin, end](std::array<float, kMaxWeights>& numbers, float value) {
        std::fill(numbers.begin() + begin, numbers.begin() + end, value);
    };
    if (use != Use::Restore) {
        // All weights of a group without a scale are zero.
        enter(factors.divisor, group.scale == 0 ? 1.0F : group.scale / unit_);
    }
    if (use != Use::Quantise) enter(factors.scale, group.scale);
    // Float codes are quantised without.
    if (use != Use::Quantise || !is_float_) enter(factors.zero, group.zero);
}

std::uint32_t CodeKernel::quantize(const Block& block, std::uint16_t* codes,
                                   float* restored) const {
    return is_float_ ? quantize_floats(block, codes, restored)
                     : quantize_integers(block, codes, restored);
}

std::uint32_t CodeKernel::quantize_integers(const Block& block, std::uint16_t* codes,
                                            float* restored) const {
    const float* step = pattern_.step.data() + block.place;
    const float* inverse_step = pattern_.inverse_step.data() + block.place;
    const float* lowest = pattern_.lowest.data() + block.place;
    const float* highest = pattern_.highest.data() + block.place;
    const std::int32_t* bias = pattern_.bias.data() + block.place;
    const std::int32_t* mask = pattern_.mask.data() + block.place;
    const float* weights = block.weights;
    const float* scale = block.factors.scale.data();
    const float* divisor = block.factors.divisor.data();
    const float* zero = block.factors.zero.data();
    const float offset = offset_;

    std::uint32_t clipped = 0;
    float levels[kMaxWeights];
    for (std::uint32_t i = 0; i < block.count; ++i) {
        const float exact = (weights[i] / divisor[i] + (zero[i] + offset)) * inverse_step[i];
        const float above = exact < lowest[i] ? lowest[i] : exact;
        const float inside = above > highest[i] ? highest[i] : above;
        clipped += std::fabs(exact - inside) > 0.5F ? 1 : 0;
        levels[i] = (inside + kRounder) - kRounder;
    }
    for (std::uint32_t i = 0; i < block.count; ++i) {
        const std::int32_t code = (static_cast<std::int32_t>(levels[i]) + bias[i]) & mask[i];
        codes[i] = static_cast<std::uint16_t>(code);
    }
    if (restored == nullptr) return clipped;
    for (std::uint32_t i = 0; i < block.count; ++i) {
        restored[i] = scale[i] * ((levels[i] * step[i] - offset) - zero[i]);
    }
    return clipped;
}

std::uint32_t CodeKernel::quantize_floats(const Block& block, std::uint16_t* codes,
                                          float* restored) const {
    const MiniFloatRounding rounding = rounding_;
    const float* weights = block.weights;
    const float* scale = block.factors.scale.data();
    const float* divisor = block.factors.divisor.data();
    const float unit = unit_;
    const std::uint32_t half = (1U << (rounding.drop - 1)) - 1;
    const std::uint32_t last_half_step = rounding.largest + half + 1;
    const std::uint32_t rounder_bits = float_bits(rounding.subnormal_rounder);

    std::uint32_t clipped = 0;
    std::uint32_t rounded[kMaxWeights];
    for (std::uint32_t i = 0; i < block.count; ++i) {
        const std::uint32_t bits = float_bits(weights[i] / divisor[i]);
        const std::uint32_t exact = bits & ~kSignBit;
        clipped += static_cast<std::uint32_t>(exact > last_half_step);
        const std::uint32_t magnitude = std::min(exact, rounding.largest);
        const std::uint32_t even = (magnitude >> rounding.drop) & 1;
        const std::uint32_t normal = ((magnitude + half + even) >> rounding.drop) - rounding.rebias;
        // The low bits of the sum count the units of the subnormals.
        const std::uint32_t subnormal =
            float_bits(float_of_bits(magnitude) + rounding.subnormal_rounder) - rounder_bits;
        const std::uint32_t code = select(magnitude < rounding.subnormals_end, subnormal, normal);
        rounded[i] = code | ((bits & kSignBit) >> rounding.sign_shift);
    }
    for (std::uint32_t i = 0; i < block.count; ++i) {
        codes[i] = static_cast<std::uint16_t>(rounded[i]);
    }
    if (restored == nullptr) return clipped;
    for (std::uint32_t i = 0; i < block.count; ++i) {
        const std::uint32_t sign = (rounded[i] << rounding.sign_shift) & kSignBit;
        const std::uint32_t code = rounded[i] & ~(kSignBit >> rounding.sign_shift);
        const std::uint32_t subnormal =
            float_bits(float_of_bits(code + rounder_bits) - rounding.subnormal_rounder);
        const std::uint32_t normal = (code + rounding.rebias) << rounding.drop;
        const std::uint32_t value = select(normal < rounding.subnormals_end, subnormal, normal);
        // Exactly as from the operand: its value in units, then the scale.
        restored[i] = scale[i] * (float_of_bits(value | sign) / unit);
    }
    return clipped;
}

}  // namespace lpusim
