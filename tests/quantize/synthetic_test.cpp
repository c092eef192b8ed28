#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hw_models/numerics/float_bits.h"
#include "sim/quantize/counter_random.h"
#include "sim/quantize/packed_file.h"
#include "sim/quantize/synthetic_weights.h"

namespace lpusim {
namespace {

using testing::ElementsAre;

TEST(Philox, GivesTheKnownAnswers) {
    // kat_vectors of Random123 1.14, philox4x32 10.
    EXPECT_THAT(philox({0, 0, 0, 0}, {0, 0}),
                ElementsAre(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8));
    constexpr std::uint32_t kOnes = 0xffffffff;
    EXPECT_THAT(philox({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
                ElementsAre(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd));
    EXPECT_THAT(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
                ElementsAre(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1));
}

TEST(UnitInterval, IsOpen) {
    EXPECT_EQ(unit_interval(0), 0x1p-53);
    EXPECT_EQ(unit_interval(~std::uint64_t{0}), 1 - 0x1p-53);
    EXPECT_EQ(unit_interval(std::uint64_t{1} << 63), 0.5 + 0x1p-53);
}

TEST(PortableLog, IsTheLogarithm) {
    for (const double x : {0x1p-1000, 1e-300, 1e-5, 0.1, 0.5, 0.70710678, 0.9999999, 1.0, 1.0000001,
                           1.4142, 2.0, 3.14159, 1e10, 1e300}) {
        EXPECT_NEAR(portable_log(x), std::log(x), 4e-16 * std::max(1.0, std::fabs(std::log(x))))
            << x;
    }
}

TEST(NormalQuantile, InvertsTheDistribution) {
    for (const double p : {0x1p-53, 1e-14, 1e-9, 1e-4, 0.02, 0.074, 0.076, 0.3, 0.5, 0.6, 0.92,
                           0.93, 0.999, 1 - 1e-9}) {
        const double x = normal_quantile(p);
        const double tail = std::erfc(std::fabs(x) / std::sqrt(2.0)) / 2;
        EXPECT_NEAR(p < 0.5 ? tail : 1 - tail, p, 1e-14 * p + 2e-16) << p;
    }
    EXPECT_EQ(normal_quantile(0.5), 0);
    EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-15);
}

/// Mean, variance, and E|x|.
struct Moments {
    double mean = 0;
    double variance = 0;
    double magnitude = 0;
};

Moments moments_of(Distribution distribution) {
    const SyntheticWeights source(distribution, 1000, 400, 3);
    Moments sums;
    std::vector<float> column;
    for (std::uint64_t n = 0; n < source.n(); ++n) {
        source.column(n, column);
        for (const float weight : column) {
            const auto x = static_cast<double>(weight);
            sums.mean += x;
            sums.variance += x * x;
            sums.magnitude += std::fabs(x);
        }
    }
    const double count = 1000 * 400;
    return {sums.mean / count, sums.variance / count, sums.magnitude / count};
}

TEST(SyntheticWeights, HaveTheMomentsOfTheirDistribution) {
    const Moments gaussian = moments_of(Distribution::Gaussian);
    EXPECT_NEAR(gaussian.mean, 0, 0.01);
    EXPECT_NEAR(gaussian.variance, 1, 0.01);
    EXPECT_NEAR(gaussian.magnitude, std::sqrt(2 / M_PI), 0.005);
    const Moments laplace = moments_of(Distribution::Laplace);
    EXPECT_NEAR(laplace.mean, 0, 0.01);
    EXPECT_NEAR(laplace.variance, 2, 0.03);
    EXPECT_NEAR(laplace.magnitude, 1, 0.01);
    const Moments student = moments_of(Distribution::StudentT);
    EXPECT_NEAR(student.mean, 0, 0.01);
    EXPECT_NEAR(student.variance, 5.0 / 3, 0.05);
    // 2 sqrt(5) Gamma(3) / (sqrt(pi) Gamma(5/2) * 4)
    EXPECT_NEAR(student.magnitude, 0.949, 0.01);
}

/// Checksum of the weights' bits, low byte first.
std::uint32_t checksum(Distribution distribution, std::uint64_t seed) {
    const SyntheticWeights source(distribution, 777, 10, seed);
    std::vector<std::uint8_t> bytes;
    std::vector<float> column;
    for (std::uint64_t n = 0; n < source.n(); ++n) {
        source.column(n, column);
        for (const float weight : column) {
            for (std::uint32_t i = 0; i < 4; ++i) {
                bytes.push_back(static_cast<std::uint8_t>(float_bits(weight) >> (8 * i)));
            }
        }
    }
    return crc32({bytes.data(), bytes.size()});
}

// The same bits on every platform. These change only if the generator does, which changes every
// figure made with it.
TEST(SyntheticWeights, AreTheSameEverywhere) {
    EXPECT_EQ(checksum(Distribution::Gaussian, 1), 2345894965U);
    EXPECT_EQ(checksum(Distribution::Laplace, 1), 2235051288U);
    EXPECT_EQ(checksum(Distribution::StudentT, 1), 990194228U);
    EXPECT_NE(checksum(Distribution::Gaussian, 1), checksum(Distribution::Gaussian, 2));
    EXPECT_NE(checksum(Distribution::Gaussian, 0), checksum(Distribution::Gaussian, 1ULL << 40));
}

}  // namespace
}  // namespace lpusim
