#include "tests/support/formats_with_values.h"

#include <sstream>

#include <rapidcheck.h>

#include "hw_models/numerics/weight_codes.h"
#include "tests/support/pick.h"

namespace lpusim {

namespace {

using test::chance;
using test::pick;

void pick_code(NumberFormat& format) {
    switch (pick(0, 10)) {
        case 0:
            format.code.kind = CodeKind::Float;
            format.code.field_bits = {4};
            return;
        case 1:
            format.code.kind = CodeKind::Float;
            format.code.field_bits = {16};
            format.code.exponent_bits = chance(50) ? 8 : 0;
            format.operand_bytes = 2;
            return;
        case 2:
            format.code.radix_levels = {11, 11};
            return;
        case 3:
            format.code.radix_levels = {3, 5, 3};
            return;
        case 4:
        case 5:
            format.code.field_bits = {4, 3};
            return;
        case 6:
            format.code.field_bits = {4, 3, 3, 3};
            return;
        case 7:
            // Past INT8 on a common grid.
            format.code.field_bits = {5, 4};
            format.operand_bytes = 2;
            return;
        default:
            format.code.field_bits = {pick<std::uint32_t>(2, 9)};
    }
}

}  // namespace

NumberFormat arbitrary_format_with_values() {
    NumberFormat format;
    format.name = "random";
    pick_code(format);
    format.group_size = chance(60) ? pick<std::uint32_t>(1, 21) : 0;
    format.packing = chance(50) ? Packing::Dense : Packing::Padded;
    format.layout = chance(50) ? MetadataLayout::Inline : MetadataLayout::Separate;
    const bool wide = format.code.kind == CodeKind::Float && format.operand_bytes == 2;
    // With a scale, codes of this range would fill it, and sums of them overflow FP32.
    if (!wide) format.scales = {{format.group_size, 16}};
    if (format.scales.empty()) format.group_size = 0;
    if (format.group_size != 0 && chance(30)) {
        format.scales = {{format.group_size, 6}, {format.group_size * 4, 16}};
    } else if (!format.scales.empty() && chance(20)) {
        format.scales.front().bits = 8;
        format.scales.front().kind = chance(50) ? MetadataKind::PowerOfTwo : MetadataKind::Fp8E4m3;
    }
    if (format.code.kind == CodeKind::Integer && chance(50)) {
        format.zero_point_bits = chance(50) ? 16 : 9;
    }
    format.tensor_scale = !format.scales.empty() && chance(20);
    RC_PRE(problems(format).empty());
    RC_PRE(value_problems(format).empty());
    return format;
}

std::string describe(const NumberFormat& format) {
    std::ostringstream text;
    text << (format.code.kind == CodeKind::Float ? "float" : "integer");
    for (const std::uint32_t bits : format.code.field_bits) text << " " << bits << "b";
    for (const std::uint32_t levels : format.code.radix_levels) text << " r" << levels;
    text << ", exponent " << format.code.exponent_bits << ", operands of " << format.operand_bytes
         << " B, groups of " << format.group_size << ", scales";
    for (const MetadataLevel& level : format.scales) {
        text << " " << level.bits << "b/" << level.per_weights << "k"
             << static_cast<int>(level.kind);
    }
    text << ", zero point " << format.zero_point_bits << "b, "
         << (format.packing == Packing::Dense ? "dense" : "padded") << ", "
         << (format.layout == MetadataLayout::Inline ? "inline" : "separate")
         << (format.tensor_scale ? ", tensor scale" : "");
    return text.str();
}

}  // namespace lpusim
