#include "sim/quantize/weight_decode.h"

#include <cstring>

#include "hw_models/numerics/float_bits.h"

namespace lpusim {

namespace {

std::uint32_t half_word(const std::uint8_t* bytes) {
    return static_cast<std::uint32_t>(bytes[0] | bytes[1] << 8);
}

/// The exponent is moved to its place as it is, which makes the number 2^112 too small, subnormals
/// included.
float of_f16(std::uint32_t bits) {
    constexpr std::uint32_t kTopExponent = 0x7c00;
    const std::uint32_t magnitude = bits & 0x7fffU;
    const float value = float_of_bits(magnitude << 13) * 0x1p112F;
    const std::uint32_t infinite = magnitude >= kTopExponent ? 0x7f800000U : 0;
    return float_of_bits(float_bits(value) | infinite | (bits & 0x8000U) << 16);
}

}  // namespace

std::optional<StoredFloat> stored_float(std::string_view dtype) {
    if (dtype == "F32") return StoredFloat::F32;
    if (dtype == "F16") return StoredFloat::F16;
    if (dtype == "BF16") return StoredFloat::Bf16;
    return std::nullopt;
}

std::uint32_t bytes_per_weight(StoredFloat type) { return type == StoredFloat::F32 ? 4 : 2; }

void decode_weights(StoredFloat type, const std::uint8_t* bytes, std::uint64_t count,
                    float* weights) {
    switch (type) {
        case StoredFloat::F32:
            for (std::uint64_t i = 0; i < count; ++i) {
                weights[i] =
                    float_of_bits(half_word(bytes + 4 * i) | half_word(bytes + 4 * i + 2) << 16);
            }
            break;
        case StoredFloat::F16:
            for (std::uint64_t i = 0; i < count; ++i) weights[i] = of_f16(half_word(bytes + 2 * i));
            break;
        case StoredFloat::Bf16:
            for (std::uint64_t i = 0; i < count; ++i) {
                weights[i] = float_of_bits(half_word(bytes + 2 * i) << 16);
            }
            break;
    }
}

}  // namespace lpusim
