#include "sim/quantize/allocation.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/quantize/synthetic_weights.h"
#include "tests/quantize/quantize_support.h"

namespace lpusim {
namespace {

AllocationResult run(Allocation allocation, std::uint32_t group, bool symmetric = false,
                     std::uint64_t seed = 1, unsigned threads = 0) {
    const SyntheticWeights source(Distribution::Gaussian, 4096, 32, 1);
    return try_allocation(source, allocation, {group, symmetric, seed, threads});
}

TEST(Allocation, AlternatingIsTheFormat) {
    const SyntheticWeights source(Distribution::Gaussian, 4096, 32, 1);
    for (const std::uint32_t group : {0U, 64U}) {
        for (const bool symmetric : {false, true}) {
            const NumberFormat format = scaled(fields({4, 3}), group, 16, symmetric ? 0 : 16);
            const double expected =
                quantize_tensor(source, format, uniform_tiling(4096, 32, 320, 32), {}).error.rmse();
            const AllocationResult result = run(Allocation::Alternating, group, symmetric);
            EXPECT_NEAR(result.error.rmse(), expected, 1e-5);
            const double bytes =
                static_cast<double>(tile_layout(format, 0, 4096).column_bytes.count());
            EXPECT_EQ(result.bits(), bytes / 512);
        }
    }
}

TEST(Allocation, OfAllFourBitsIsInt4) {
    const SyntheticWeights source(Distribution::Gaussian, 4096, 32, 1);
    const double int4 = quantize_tensor(source, scaled(fields({4}), 64, 16, 16),
                                        uniform_tiling(4096, 32, 320, 32), {})
                            .error.rmse();
    EXPECT_NEAR(run(Allocation::FourBits, 64).error.rmse(), int4, 1e-4);
    EXPECT_EQ(run(Allocation::FourBits, 64).bits(), 4.5);
}

TEST(Allocation, CostsItsMap) {
    EXPECT_EQ(run(Allocation::RandomPairs, 64).bits(), 3.5 + 0.5 + 0.5);
    EXPECT_EQ(run(Allocation::LargerOfPair, 64).bits(), 3.5 + 0.5 + 0.5);
    EXPECT_EQ(run(Allocation::LargerOfGroup, 64).bits(), 3.5 + 0.5 + 1);
    EXPECT_EQ(run(Allocation::LargerOfGroupOwnRange, 64).bits(), 3.5 + 1 + 1);
    EXPECT_EQ(run(Allocation::Alternating, 0, true).bits(), 3.5 + 16.0 / 4096);
}

TEST(Allocation, CountsOddGroupsBitByBit) {
    // Groups of 5, 5 and 3: 3 + 3 + 2 weights of 4 bits, 2 + 2 + 1 of 3.
    const WeightMatrix matrix("w", 13, 1, std::vector<float>(13, 1.0F));
    const auto bits = [&](Allocation allocation) {
        return 13 * try_allocation(matrix, allocation, {5, false}).bits();
    };
    EXPECT_DOUBLE_EQ(bits(Allocation::FourBits), 52 + 3 * 32);
    EXPECT_DOUBLE_EQ(bits(Allocation::Alternating), 7 * 4 + 6 * 3 + 3 * 32);
    EXPECT_DOUBLE_EQ(bits(Allocation::RandomPairs), 8 * 4 + 5 * 3 + 3 * 32 + 5);
    EXPECT_DOUBLE_EQ(bits(Allocation::LargerOfPair), 8 * 4 + 5 * 3 + 3 * 32 + 5);
    EXPECT_DOUBLE_EQ(bits(Allocation::LargerOfGroup), 8 * 4 + 5 * 3 + 3 * 32 + 13);
    EXPECT_DOUBLE_EQ(bits(Allocation::LargerOfGroupOwnRange), 8 * 4 + 5 * 3 + 6 * 32 + 13);
}

// Uniform levels over one range err alike for large and small weights: which of them get 4 bits
// hardly matters.
TEST(Allocation, OverOneRangeDoesNotMatter) {
    const double alternating = run(Allocation::Alternating, 64).error.rmse();
    EXPECT_NEAR(run(Allocation::RandomPairs, 64).error.rmse(), alternating, 0.01 * alternating);
    EXPECT_NEAR(run(Allocation::LargerOfPair, 64).error.rmse(), alternating, 0.05 * alternating);
    EXPECT_NEAR(run(Allocation::LargerOfGroup, 64).error.rmse(), alternating, 0.05 * alternating);
    EXPECT_LT(run(Allocation::LargerOfGroupOwnRange, 64).error.rmse(), 0.8 * alternating);
}

TEST(Allocation, DependsOnItsSeedOnly) {
    const AllocationResult one = run(Allocation::RandomPairs, 64, false, 1, 1);
    EXPECT_EQ(run(Allocation::RandomPairs, 64, false, 1, 4).error.squared_error,
              one.error.squared_error);
    EXPECT_NE(run(Allocation::RandomPairs, 64, false, 2, 1).error.squared_error,
              one.error.squared_error);
}

TEST(Allocation, TakesZerosOddShapesAndEqualWeights) {
    for (const Allocation allocation : kAllocations) {
        for (const float value : {0.0F, 1.5F, -1e-30F}) {
            const WeightMatrix matrix("w", 13, 3, std::vector<float>(39, value));
            for (const std::uint32_t group : {0U, 1U, 5U}) {
                const AllocationResult result = try_allocation(matrix, allocation, {group, false});
                EXPECT_LE(result.error.max_error, 1e-3) << name_of(allocation);
            }
        }
    }
}

TEST(Allocation, RefusesWhatIsNotFinite) {
    std::vector<float> weights(20, 1.0F);
    weights[13] = std::numeric_limits<float>::infinity();
    const WeightMatrix matrix("w", 10, 2, weights);
    EXPECT_EQ(error_of<WeightError>([&] { try_allocation(matrix, Allocation::FourBits, {}); }),
              "tensor 'w': the weight at [k = 3, n = 1] is Inf");
}

}  // namespace
}  // namespace lpusim
