#include "hw_models/numerics/metadata_code.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "hw_models/numerics/float_bits.h"
#include "hw_models/numerics/mini_float.h"

namespace lpusim {

namespace {

/// E8M0 of the OCP microscaling formats specification, 1.0, section 5.4: 2^(code - 127), 255 is
/// NaN.
constexpr std::int32_t kPowerBias = 127;
constexpr std::uint32_t kPowerNan = 255;

/// The small formats among the kinds.
const MiniFloat& mini_float(MetadataKind kind) {
    switch (kind) {
        case MetadataKind::Bf16:
            return kBf16;
        case MetadataKind::Fp8E4m3:
            return kFp8E4m3;
        default:
            return kFp16;
    }
}

MetadataKind resolved(MetadataKind kind, std::uint32_t bits) {
    if (kind != MetadataKind::ByWidth) return kind;
    if (bits == 32) return MetadataKind::Fp32;
    return bits == 16 ? MetadataKind::Fp16 : MetadataKind::Integer;
}

}  // namespace

MetadataCode::MetadataCode(MetadataKind kind, std::uint32_t bits)
    : kind_(resolved(kind, bits)), largest_(compute_largest(bits)) {}

std::uint32_t MetadataCode::required_bits(MetadataKind kind) {
    switch (kind) {
        case MetadataKind::Fp32:
            return 32;
        case MetadataKind::Fp16:
        case MetadataKind::Bf16:
            return 16;
        case MetadataKind::Fp8E4m3:
        case MetadataKind::PowerOfTwo:
            return 8;
        case MetadataKind::ByWidth:
        case MetadataKind::Integer:
            break;
    }
    return 0;
}

bool MetadataCode::valid(std::uint32_t code) const {
    switch (kind_) {
        case MetadataKind::Integer:
            return true;
        case MetadataKind::PowerOfTwo:
            return code != kPowerNan;
        case MetadataKind::Fp32:
            return std::isfinite(float_of_bits(code));
        default:
            return mini_float(kind_).is_finite(code);
    }
}

float MetadataCode::decode(std::uint32_t code) const {
    switch (kind_) {
        case MetadataKind::Integer:
            return static_cast<float>(code);
        case MetadataKind::PowerOfTwo:
            // The exponent of an FP32 number; 2^-127 is a subnormal one.
            return float_of_bits(code == 0 ? 1U << 22 : code << 23);
        case MetadataKind::Fp32:
            return float_of_bits(code);
        default:
            return mini_float(kind_).decode(code);
    }
}

float MetadataCode::compute_largest(std::uint32_t bits) const {
    switch (kind_) {
        case MetadataKind::Integer:
            return static_cast<float>((std::uint64_t{1} << bits) - 1);
        case MetadataKind::PowerOfTwo:
            return decode(kPowerNan - 1);
        case MetadataKind::Fp32:
            return std::numeric_limits<float>::max();
        default:
            return mini_float(kind_).max();
    }
}

std::uint32_t MetadataCode::smallest_positive() const {
    return kind_ == MetadataKind::PowerOfTwo ? 0 : 1;
}

std::uint32_t MetadataCode::encode(double value) const {
    const double bounded = std::min(value, static_cast<double>(largest()));
    switch (kind_) {
        case MetadataKind::Integer:
            return static_cast<std::uint32_t>(std::nearbyint(bounded));
        case MetadataKind::PowerOfTwo:
            if (bounded < static_cast<double>(decode(0))) return 0;
            return static_cast<std::uint32_t>(floor_log2(bounded) + kPowerBias);
        case MetadataKind::Fp32:
            return float_bits(static_cast<float>(bounded));
        default:
            return mini_float(kind_).encode(bounded);
    }
}

}  // namespace lpusim
