#pragma once

#include <cstdint>

#include "sim/quantize/quantization_error.h"
#include "sim/quantize/weight_source.h"

namespace lpusim {

/// Which weights get 4 bits and which 3, half of them each: an experiment beside the formats, whose
/// choice is always alternating. What the choice itself costs to store comes with the error.
enum class Allocation : std::uint8_t {
    /// All weights get 4 bits: the baseline.
    FourBits,
    /// As the format 4+3: first, third, ... of the column.
    Alternating,
    /// In each pair, a coin says which one gets 4 bits.
    RandomPairs,
    /// In each pair, the larger magnitude gets 4 bits.
    LargerOfPair,
    /// In each group, the half with the larger magnitudes gets 4 bits.
    LargerOfGroup,
    /// As LargerOfGroup, and each half has a range, and thus a scale and a zero point, of its own.
    LargerOfGroupOwnRange
};
inline constexpr Allocation kAllocations[] = {
    Allocation::FourBits,     Allocation::Alternating,   Allocation::RandomPairs,
    Allocation::LargerOfPair, Allocation::LargerOfGroup, Allocation::LargerOfGroupOwnRange};
const char* name_of(Allocation allocation);

struct AllocationOptions {
    /// Weights along K that share a scale; 0: a column.
    std::uint32_t group_size = 0;
    /// Ranges [lo, hi] with an FP16 scale and zero point, or [-m, m] with an FP16 scale.
    bool symmetric = false;
    /// Of the coins.
    std::uint64_t seed = 0;
    /// 0: one per processor.
    unsigned threads = 0;
};

struct AllocationResult {
    QuantizationError error;
    /// Per weight: codes; scales and zero points; the map that says which weight has 4 bits.
    /// RandomPairs needs a map of half a bit, too, unless the hardware repeats the random sequence.
    double code_bits = 0;
    double scale_bits = 0;
    double map_bits = 0;

    double bits() const { return code_bits + scale_bits + map_bits; }
};

/// Throws WeightError for NaN and infinity.
AllocationResult try_allocation(const WeightSource& source, Allocation allocation,
                                const AllocationOptions& options);

}  // namespace lpusim
