#pragma once

#include <memory>
#include <vector>

#include "sim/data/tensor_source.h"

namespace lpusim {

/// Random numbers that depend on the seed alone. Weights are Gaussian with variance 1/K, so that
/// activations stay near 1; norm weights 1 and biases 0, plus a tenth of a Gaussian; embedding rows
/// Gaussian.
class RandomTensors : public TensorSource {
public:
    RandomTensors(const Model& model, std::uint64_t seed) : model_(model), seed_(seed) {}

    std::unique_ptr<WeightSource> linear(const PlannedOperator& planned,
                                         std::uint64_t layer) const override;
    std::vector<float> bias(const PlannedOperator& planned, std::uint64_t layer) const override;
    std::vector<float> norm_weight(const PlannedOperator& planned,
                                   std::uint64_t layer) const override;
    std::vector<float> norm_bias(const PlannedOperator& planned,
                                 std::uint64_t layer) const override;
    std::vector<float> token_row(std::uint64_t token) const override;
    std::vector<float> position_row(std::uint64_t position) const override;

private:
    const Model& model_;
    std::uint64_t seed_;
};

/// What a seed is for.
enum class SeedUse : std::uint8_t { Weight, Parameter, Token, Position, FirstToken, History };
/// A seed of its own for each use and pair of numbers.
std::uint64_t seed_of(std::uint64_t seed, SeedUse use, std::uint64_t a, std::uint64_t b = 0);

}  // namespace lpusim
