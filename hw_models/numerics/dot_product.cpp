#include "hw_models/numerics/dot_product.h"

#include <cstring>
#include <vector>

#include "hw_models/numerics/float_bits.h"
#include "hw_models/numerics/mini_float.h"

namespace lpusim {

namespace {

constexpr std::uint32_t kCodes = 1U << 16U;

std::uint32_t fp32_bits_of_half(std::uint32_t half) {
    const std::uint32_t sign = (half & 0x8000U) << 16U;
    if ((half & 0x7c00U) == 0x7c00U) return sign | 0x7f80'0000U | ((half & 0x3ffU) << 13U);
    return float_bits(kFp16.decode(half & 0x7fffU)) | sign;
}

/// What each of the FP16 codes is worth.
const std::vector<float>& half_values() {
    static const std::vector<float> kValues = [] {
        std::vector<float> values(kCodes);
        for (std::uint32_t half = 0; half < kCodes; ++half) {
            values[half] = float_of_bits(fp32_bits_of_half(half));
        }
        return values;
    }();
    return kValues;
}

std::uint16_t load_le16(const std::uint8_t* bytes) {
    return static_cast<std::uint16_t>(bytes[0] | bytes[1] << 8);
}

}  // namespace

std::int32_t dot(const std::int8_t* a, const std::int8_t* b, std::uint32_t count) {
    std::int32_t total = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        total += std::int32_t{a[i]} * std::int32_t{b[i]};
    }
    return total;
}

std::int32_t sum(const std::int8_t* a, std::uint32_t count) {
    std::int32_t total = 0;
    for (std::uint32_t i = 0; i < count; ++i) total += a[i];
    return total;
}

float dot(const float* a, const float* b, std::uint32_t count, float start) {
    for (std::uint32_t i = 0; i < count; ++i) start += a[i] * b[i];
    return start;
}

float sum(const float* a, std::uint32_t count, float start) {
    for (std::uint32_t i = 0; i < count; ++i) start += a[i];
    return start;
}

void widen_fp16(const std::uint8_t* bytes, std::uint32_t count, float* out) {
    const float* values = half_values().data();
    for (std::uint32_t i = 0; i < count; ++i)
        out[i] = values[load_le16(bytes + 2 * std::size_t{i})];
}

void widen_bf16(const std::uint8_t* bytes, std::uint32_t count, float* out) {
    for (std::uint32_t i = 0; i < count; ++i) {
        out[i] = float_of_bits(std::uint32_t{load_le16(bytes + 2 * std::size_t{i})} << 16U);
    }
}

std::uint16_t to_fp16(float value) {
    return static_cast<std::uint16_t>(kFp16.encode(static_cast<double>(value)));
}

float from_fp16(std::uint16_t bits) { return half_values()[bits]; }

}  // namespace lpusim
