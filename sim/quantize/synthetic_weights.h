#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/quantize/weight_source.h"

namespace lpusim {

enum class Distribution : std::uint8_t {
    /// Standard normal.
    Gaussian,
    /// Student's t with five degrees of freedom: heavy tails, as trained weights have them.
    StudentT,
    /// Density exp(-|x|) / 2.
    Laplace
};

/// Independent random weights. A weight depends on the seed and its index only, and the arithmetic
/// is +, -, *, / and square root in FP64, which IEEE 754 defines to the bit: the same weights on
/// every platform and in any order. (The build must not fuse multiply and add: -ffp-contract=off.)
class SyntheticWeights : public WeightSource {
public:
    SyntheticWeights(Distribution distribution, std::uint64_t k, std::uint64_t n,
                     std::uint64_t seed);

    const std::string& name() const override { return name_; }
    std::uint64_t k() const override { return k_; }
    std::uint64_t n() const override { return n_; }
    const float* column(std::uint64_t n, std::vector<float>& scratch) const override;

private:
    void fill(std::vector<float>& column, std::uint64_t n, double (*quantile)(double)) const;
    float student_t(std::uint64_t n, std::uint64_t k) const;

    Distribution distribution_;
    std::uint64_t k_;
    std::uint64_t n_;
    std::uint64_t seed_;
    std::string name_;
};

const char* name_of(Distribution distribution);

}  // namespace lpusim
