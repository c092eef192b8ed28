#pragma once

#include <cstdint>
#include <vector>

#include "hw_models/numerics/number_format.h"

namespace lpusim {

/// Weights of the longest symbol: sixteen radix digits of two levels make its 16 bits.
inline constexpr std::uint32_t kMaxSymbolWeights = 16;

/// One place of a symbol. Integer codes are levels on a grid that all places of the symbol share: a
/// weight is scale * (step * level - zero point).
struct CodePlace {
    /// Of the field; a radix symbol's places have none of their own.
    std::uint32_t bits = 0;
    /// Codes 0 ... levels - 1.
    std::uint32_t levels = 0;
    /// Grid units from one level to the next.
    std::int32_t step = 1;
    /// Levels that a quantiser uses. Symmetric: -h ... h; the level -h - 1, if there is a code for
    /// it, can be decoded but is not written. Asymmetric: 0 ... levels - 1.
    std::int32_t lowest = 0;
    std::int32_t highest = 0;
    /// code = (level + bias) mod levels: two's complement fields have none, radix digits are
    /// biased.
    std::int32_t bias = 0;
};

/// The common grid of an integer code's places. Asymmetric: all places span the same range [lo,
/// hi], so the grid has lcm(levels - 1) steps: 105 for [4,3], where a 4-bit level is 7 and a 3-bit
/// level 15 grid units. Symmetric: lcm of the largest levels, 21 for [4,3]. A grid of 128 to 255
/// steps is moved down by 128 to fit INT8, which the zero point takes back.
struct CodeGrid {
    /// Largest grid value; 0 when a place has a single level, or when the grid is past kMaxSteps.
    std::int64_t steps = 0;
    bool symmetric = true;
    std::vector<CodePlace> places;

    static constexpr std::int64_t kMaxSteps = std::int64_t{1} << 31;

    /// Smallest grid value of any code, also of one that quantisers do not write.
    std::int64_t lowest() const;
    /// What brings the grid values into -128 ... 127.
    std::int32_t int8_offset() const { return !symmetric && steps > 127 ? 128 : 0; }
};
CodeGrid code_grid(const NumberFormat& format);

}  // namespace lpusim
