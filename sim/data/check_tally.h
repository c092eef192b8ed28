#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lpusim {

/// How many values were compared, and what was wrong.
struct CheckTally {
    std::uint64_t elements = 0;
    std::uint64_t sums = 0;
    std::uint64_t mismatches = 0;
    /// The first few, in words.
    std::vector<std::string> examples;

    void mismatch(const std::string& what) {
        constexpr std::size_t kShown = 5;
        ++mismatches;
        if (examples.size() < kShown) examples.push_back(what);
    }
    CheckTally& operator+=(const CheckTally& other) {
        elements += other.elements;
        sums += other.sums;
        for (const std::string& example : other.examples) mismatch(example);
        mismatches += other.mismatches - other.examples.size();
        return *this;
    }
};

// What may lie between the machine's numbers and exact arithmetic on the same inputs
// (docs/data.md).

/// An FP16 result: half of its last place, and `roundings` roundings to FP32 of terms whose
/// magnitudes sum to `magnitude`.
double half_allowance(double exact, double magnitude, double roundings);

/// Whether an FP16 number is as near to `exact` as that.
bool half_agrees(std::uint16_t half, double exact, double magnitude, double roundings);

/// Whether an INT8 code is what `exact` rounds to, or, where that is within 2^-10 of the middle of
/// two codes, one of the two.
bool code_agrees(std::int8_t code, double exact);

}  // namespace lpusim
