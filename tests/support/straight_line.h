#pragma once

#include <cstdint>
#include <vector>

#include "hw_models/numerics/number_format.h"

namespace lpusim::test {

// Number formats and rounding from their definitions (docs/formats.md, docs/data.md), bit by bit
// and in FP64. Nothing here calls the product's numerics.

/// An IEEE-like number of the given widths, without infinity and NaN.
double number_of_bits(std::uint64_t bits, unsigned exponent_bits, unsigned mantissa_bits);
double half_of_bits(std::uint16_t bits);
/// The FP16 number next to x: of two, the even one; beyond the largest, the largest.
double nearest_half(double x);

/// One column of a packed matrix.
struct StraightColumn {
    /// What the array multiplies, weight by weight: integers, or FP16/BF16 numbers.
    std::vector<double> operands;
    /// weight = scale * (operand - zero), group by group.
    std::vector<double> scales;
    std::vector<double> zeros;
    std::uint64_t group_size = 0;
    /// Groups leave the array tile by tile, even when one is as long as the column.
    bool grouped = false;
};

/// Reads column `column` out of the bytes of a strip of `columns` columns whose tiles along K have
/// these rows.
StraightColumn straight_column(const NumberFormat& format,
                               const std::vector<std::uint32_t>& k_tiles, const std::uint8_t* strip,
                               std::uint64_t columns, std::uint64_t column, double tensor_scale);

}  // namespace lpusim::test
