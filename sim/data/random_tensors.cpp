#include "sim/data/random_tensors.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "sim/quantize/counter_random.h"
#include "sim/quantize/parallel.h"
#include "sim/quantize/synthetic_weights.h"

namespace lpusim {

namespace {

constexpr float kSpread = 0.1F;
constexpr std::uint64_t kColumnsPerBlock = 16;
constexpr unsigned kStepBits = 16;

// Vectors of one operator and layer: seeds of their own.
constexpr std::uint64_t kVectors = 3;
constexpr std::uint64_t kNormWeightVector = 0;
constexpr std::uint64_t kNormBiasVector = 1;
constexpr std::uint64_t kBiasVector = 2;

/// Gaussian numbers at 65,536 equal steps of probability. A weight is one of them: 16 random bits
/// instead of a logarithm, for the billions of weights of a model.
const std::vector<float>& gaussian_quantiles() {
    static const std::vector<float> kQuantiles = [] {
        std::vector<float> quantiles(std::size_t{1} << kStepBits);
        for (std::size_t i = 0; i < quantiles.size(); ++i) {
            const double p = (static_cast<double>(i) + 0.5) / static_cast<double>(quantiles.size());
            quantiles[i] = static_cast<float>(normal_quantile(p));
        }
        return quantiles;
    }();
    return kQuantiles;
}

void fill_column(const std::vector<float>& quantiles, std::uint64_t seed, std::uint64_t column,
                 std::uint64_t count, float* weights) {
    constexpr std::uint64_t kMask = (std::uint64_t{1} << kStepBits) - 1;
    constexpr std::uint64_t kPerBlock = 128 / kStepBits;
    for (std::uint64_t begin = 0; begin < count; begin += kPerBlock) {
        const std::array<std::uint64_t, 2> random = random_pair(seed, column, begin / kPerBlock);
        const std::uint64_t here = std::min(kPerBlock, count - begin);
        for (std::uint64_t i = 0; i < here; ++i) {
            const std::uint64_t word = random[i / (kPerBlock / 2)];
            weights[begin + i] = quantiles[(word >> (kStepBits * (i % (kPerBlock / 2)))) & kMask];
        }
    }
}

std::vector<float> gaussian_row(std::uint64_t seed, std::uint64_t count, float mean,
                                float deviation) {
    if (count == 0) return {};
    std::vector<float> numbers;
    SyntheticWeights(Distribution::Gaussian, count, 1, seed).column(0, numbers);
    for (float& x : numbers) x = mean + deviation * x;
    return numbers;
}

}  // namespace

std::uint64_t seed_of(std::uint64_t seed, SeedUse use, std::uint64_t a, std::uint64_t b) {
    return random_pair(seed, static_cast<std::uint64_t>(use) + (a << 8U), b)[0];
}

/// All columns in memory, times 1 / sqrt(K).
std::unique_ptr<WeightSource> RandomTensors::linear(const PlannedOperator& planned,
                                                    std::uint64_t layer) const {
    const std::uint64_t k = planned.tiling.matmul.k;
    const std::uint64_t n = planned.tiling.matmul.n;
    const std::uint64_t seed = seed_of(seed_, SeedUse::Weight, planned.id, layer);
    const float factor = 1 / std::sqrt(static_cast<float>(k));
    std::vector<float> scaled = gaussian_quantiles();
    for (float& x : scaled) x *= factor;
    std::vector<float> weights(k * n);
    parallel_blocks(n, kColumnsPerBlock, 0, [&](std::uint64_t begin, std::uint64_t end) {
        for (std::uint64_t column = begin; column < end; ++column) {
            fill_column(scaled, seed, column, k, weights.data() + column * k);
        }
    });
    return std::make_unique<WeightMatrix>(planned.op.name, k, n, std::move(weights));
}

std::vector<float> RandomTensors::bias(const PlannedOperator& planned, std::uint64_t layer) const {
    return gaussian_row(
        seed_of(seed_, SeedUse::Parameter, planned.id, kVectors * layer + kBiasVector),
        planned.tiling.matmul.n, 0, kSpread);
}

std::vector<float> RandomTensors::norm_weight(const PlannedOperator& planned,
                                              std::uint64_t layer) const {
    return gaussian_row(
        seed_of(seed_, SeedUse::Parameter, planned.id, kVectors * layer + kNormWeightVector),
        model_.hidden, 1, kSpread);
}

std::vector<float> RandomTensors::norm_bias(const PlannedOperator& planned,
                                            std::uint64_t layer) const {
    return gaussian_row(
        seed_of(seed_, SeedUse::Parameter, planned.id, kVectors * layer + kNormBiasVector),
        model_.hidden, 0, kSpread);
}

std::vector<float> RandomTensors::token_row(std::uint64_t token) const {
    return gaussian_row(seed_of(seed_, SeedUse::Token, token), model_.hidden, 0, 1);
}

std::vector<float> RandomTensors::position_row(std::uint64_t position) const {
    return gaussian_row(seed_of(seed_, SeedUse::Position, position), model_.hidden, 0, kSpread);
}

}  // namespace lpusim
