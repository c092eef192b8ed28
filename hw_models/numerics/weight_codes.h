#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "hw_models/numerics/code_grid.h"
#include "hw_models/numerics/mini_float.h"
#include "hw_models/numerics/number_format.h"

namespace lpusim {

/// Why the codes or the metadata of a format mean nothing, or nothing that the array's operands can
/// hold exactly; empty when they do. The format must have no problems() of geometry. WeightCodes
/// and all that build on it expect a format without any.
std::vector<FormatProblem> value_problems(const NumberFormat& format);

/// The floating-point format of a Float code; nothing for a width and exponent that no standard
/// defines.
std::optional<MiniFloat> float_code(const CodePattern& code);

/// What the codes of a format mean.
///
/// The array multiplies the grid value of a code, as INT8. Float codes are multiples of their
/// smallest number: E2M1 is 0, 1, 2, 3, 4, 6, 8, 12 halves.
class WeightCodes {
public:
    /// Throws std::invalid_argument with the first of value_problems().
    explicit WeightCodes(const NumberFormat& format);

    const std::vector<CodePlace>& places() const { return places_; }
    bool is_float() const { return float_.has_value(); }
    const MiniFloat& float_format() const { return *float_; }

    /// What the scale multiplies at most. Symmetric: the largest magnitude of a code; asymmetric:
    /// the largest level of the grid, the smallest being zero.
    float span() const { return span_; }
    /// The value of a code is unit() * (operand + offset()).
    float unit() const { return unit_; }
    std::int32_t offset() const { return offset_; }

    /// False for the codes that no weight has: NaN and infinity. (A radix symbol can be invalid as
    /// a whole.)
    bool valid(std::size_t place, std::uint32_t code) const;
    /// The array's operand of a valid code: its value in units, less the offset.
    std::int32_t int8_operand(std::size_t place, std::uint32_t code) const;
    /// The same for an array of 16-bit operands: the bits of an FP16 number, or of a BF16 number
    /// for BF16 codes.
    std::uint16_t float_operand(std::size_t place, std::uint32_t code) const;
    bool operands_are_bf16() const;
    /// The number in such an operand.
    float value_of_float_operand(std::uint16_t operand) const;

private:
    std::int32_t level(const CodePlace& place, std::uint32_t code) const;

    std::vector<CodePlace> places_;
    std::optional<MiniFloat> float_;
    bool symmetric_ = true;
    bool fields_ = true;
    float span_ = 1;
    float unit_ = 1;
    std::int32_t offset_ = 0;
};

}  // namespace lpusim
