#pragma once

#include <utility>
#include <vector>

#include "hw_models/numerics/number_format.h"

namespace lpusim {

inline NumberFormat fields(std::vector<std::uint32_t> bits) {
    NumberFormat format;
    format.code.field_bits = std::move(bits);
    return format;
}

inline NumberFormat radix(std::vector<std::uint32_t> levels) {
    NumberFormat format;
    format.code.radix_levels = std::move(levels);
    return format;
}

/// One scale, and a zero point of zero_point_bits, per group of g (0: per column).
inline NumberFormat scaled(NumberFormat format, std::uint32_t g, std::uint32_t scale_bits,
                           std::uint32_t zero_point_bits = 0) {
    format.group_size = g;
    format.scales = {{g, scale_bits}};
    format.zero_point_bits = zero_point_bits;
    return format;
}

inline NumberFormat padded(NumberFormat format) {
    format.packing = Packing::Padded;
    return format;
}

inline NumberFormat separate(NumberFormat format) {
    format.layout = MetadataLayout::Separate;
    return format;
}

/// 3-bit codes, a 6-bit scale per 16 and an FP16 super-scale per 256.
inline NumberFormat q3_k_like() {
    NumberFormat format = scaled(fields({3}), 16, 6);
    format.scales.push_back({256, 16});
    return format;
}

inline NumberFormat fp16() {
    NumberFormat format = fields({16});
    format.code.kind = CodeKind::Float;
    format.operand_bytes = 2;
    return format;
}

}  // namespace lpusim
