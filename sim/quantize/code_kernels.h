#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "hw_models/numerics/group_scaling.h"
#include "hw_models/numerics/weight_codes.h"

namespace lpusim {

/// Rounds weights to codes and tells what the codes are worth. Loops over consecutive weights
/// without branches, for the compiler to vectorise; all arithmetic is FP32.
class CodeKernel {
public:
    /// Weights per call at most.
    static constexpr std::uint32_t kMaxWeights = 512;

    explicit CodeKernel(const WeightCodes& codes);

    /// Factors weight by weight: groups may be short, and setting up a loop for each would cost
    /// more than the loop.
    struct Factors {
        /// Of the operands, and what the weights are divided by: scale / unit of the code, or 1
        /// where the scale is 0.
        std::array<float, kMaxWeights> scale;
        std::array<float, kMaxWeights> divisor;
        std::array<float, kMaxWeights> zero;
    };
    enum class Use : std::uint8_t { Quantise, Restore, Both };
    /// Enters the factors of a group's weights [begin, end) of a block: those that the use needs.
    void fill(Factors& factors, std::uint32_t begin, std::uint32_t end, GroupFactors group,
              Use use) const;

    struct Block {
        const float* weights;
        std::uint32_t count;
        /// Place of the first weight in its symbol.
        std::uint32_t place;
        const Factors& factors;
    };

    /// The nearest codes (ties to even), and into `restored`, unless it is null, the weights that
    /// they stand for. Weights beyond the codes' range get the last code. Returns how many are
    /// beyond it by more than half of its last step.
    std::uint32_t quantize(const Block& block, std::uint16_t* codes, float* restored) const;

private:
    std::uint32_t quantize_integers(const Block& block, std::uint16_t* codes,
                                    float* restored) const;
    std::uint32_t quantize_floats(const Block& block, std::uint16_t* codes, float* restored) const;

    /// One entry per weight, repeating with the symbols; of a block that begins at place p, from
    /// entry p on.
    struct Pattern {
        std::vector<float> step;
        std::vector<float> inverse_step;
        std::vector<float> lowest;
        std::vector<float> highest;
        std::vector<std::int32_t> bias;
        std::vector<std::int32_t> mask;
    };
    /// What rounding an FP32 number to a mini float takes.
    struct MiniFloatRounding {
        explicit MiniFloatRounding(const MiniFloat& format);

        /// Bits of the largest finite number.
        std::uint32_t largest;
        /// Mantissa bits that FP32 has more.
        std::uint32_t drop;
        /// Distance of the exponents' biases, in place.
        std::uint32_t rebias;
        std::uint32_t sign_shift;
        /// Adding it rounds a subnormal number to its units, which are then in the low bits.
        float subnormal_rounder;
        /// Bits of the smallest normal number; 0 with the exponent range of FP32: there the
        /// subnormals coincide, and rounding the bits is right for all.
        std::uint32_t subnormals_end;
    };
    Pattern pattern_;
    bool is_float_;
    MiniFloatRounding rounding_;
    float unit_;
    float offset_;
};

}  // namespace lpusim
