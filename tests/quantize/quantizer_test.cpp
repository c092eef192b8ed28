// What the quantiser promises, case by case, for every kind of format.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hw_models/numerics/group_scaling.h"
#include "sim/quantize/synthetic_weights.h"
#include "tests/quantize/quantize_support.h"

namespace lpusim {
namespace {

using testing::Each;
using testing::HasSubstr;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kHuge = std::numeric_limits<float>::max();
constexpr float kDenormal = std::numeric_limits<float>::denorm_min();

class EachFormat : public testing::TestWithParam<NamedFormat> {
protected:
    const NumberFormat& format() const { return GetParam().format; }
    RoundTrip trip(const std::vector<float>& column) const { return round_trip(column, format()); }
    bool is_integer() const { return format().code.kind == CodeKind::Integer; }
};

INSTANTIATE_TEST_SUITE_P(All, EachFormat, testing::ValuesIn(all_formats()),
                         [](const auto& instance) { return instance.param.name; });

SyntheticWeights gaussian(std::uint64_t k, std::uint64_t n) {
    return {Distribution::Gaussian, k, n, 42};
}

std::vector<float> gaussian_column(std::uint64_t k, float factor = 1) {
    std::vector<float> column;
    gaussian(k, 1).column(0, column);
    for (float& weight : column) weight *= factor;
    return column;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// 1. Round trip: what was restored is restored unchanged, and the error that the quantiser measured
// is that of the weights that come out of the packed bytes.

TEST_P(EachFormat, RoundTripRestoresWhatItHasRestoredBefore) {
    const RoundTrip first = trip(gaussian_column(512));
    const RoundTrip second = trip(first.restored);
    for (std::size_t i = 0; i < first.restored.size(); ++i) {
        // Scales are chosen anew, so they may differ by a rounding.
        EXPECT_NEAR(second.restored[i], first.restored[i], 2e-3) << i;
    }
}

TEST_P(EachFormat, MeasuresTheErrorOfThePackedBytes) {
    const std::vector<float> column = gaussian_column(777);
    const RoundTrip result = trip(column);
    const QuantizationError error = error_of(column.data(), result.restored.data(), column.size());
    EXPECT_EQ(result.tensor.error.squared_error, error.squared_error);
    EXPECT_EQ(result.tensor.error.max_error, error.max_error);
    EXPECT_EQ(result.tensor.error.squared_weight, error.squared_weight);
    EXPECT_EQ(result.tensor.error.weights, 777U);
}

TEST(RoundTrips, AreExactForWeightsOnTheGrid) {
    // Scale 1/8: -7/8 ... 7/8.
    std::vector<float> column;
    for (int i = -7; i <= 7; ++i) column.push_back(static_cast<float>(i) / 8);
    EXPECT_EQ(round_trip(column, scaled(fields({4}), 0, 16)).restored, column);
    // Grid of 105 steps of 1/4 from -8: 4-bit weights on multiples of 7, 3-bit weights of 15.
    column.clear();
    for (int i = 0; i < 64; ++i) {
        const int level = i % 2 == 0 ? 7 * (i / 2 % 16) : 15 * (i / 2 % 8);
        column.push_back(static_cast<float>(level) / 4 - 8);
    }
    EXPECT_EQ(round_trip(column, scaled(fields({4, 3}), 0, 16, 16)).restored, column);
}

TEST(RoundTrips, OfHalfPrecisionAreExact) {
    std::vector<float> column = {0, 1, -1, 65504, 0x1p-24F, -0x1p-14F, 0.333251953125F};
    EXPECT_TRUE(same_bits(round_trip(column, fp16()).restored, column));
    column = {0, 1, -1, 0x1.fep127F, 0x1p-133F, -0x1p-126F};
    EXPECT_TRUE(same_bits(round_trip(column, bf16()).restored, column));
}

// 2. Determinism.

TEST_P(EachFormat, DeterminismSameBytesOnAnyNumberOfThreads) {
    const SyntheticWeights source = gaussian(300, 83);
    const MatrixTiling tiling = uniform_tiling(300, 83, 128, 40);
    const RoundTrip one = round_trip(source, format(), tiling, 1);
    for (const unsigned threads : {2U, 3U, 8U, 0U}) {
        const RoundTrip many = round_trip(source, format(), tiling, threads);
        EXPECT_EQ(many.bytes, one.bytes);
        EXPECT_EQ(many.tensor.error.squared_error, one.tensor.error.squared_error);
        EXPECT_EQ(many.tensor.error.squared_weight, one.tensor.error.squared_weight);
        EXPECT_TRUE(same_bits(many.restored, one.restored));
    }
}

// 3. Zeros.

TEST_P(EachFormat, ZeroInputStaysZero) {
    const RoundTrip result = trip(std::vector<float>(200, 0.0F));
    EXPECT_THAT(result.restored, Each(0.0F));
    EXPECT_EQ(result.tensor.error.rmse(), 0);
    EXPECT_EQ(result.tensor.error.relative_rmse(), 0);
    EXPECT_EQ(result.tensor.error.sqnr_db(), std::numeric_limits<double>::infinity());
    EXPECT_EQ(result.tensor.error.clipped, 0U);
}

TEST_P(EachFormat, KeepsNegativeZerosAndZeroGroupsBesideOthers) {
    std::vector<float> column = gaussian_column(512);
    std::fill(column.begin() + 256, column.begin() + 384, -0.0F);
    const RoundTrip result = trip(column);
    if (!format().grouped() && !format().scales.empty()) return;  // One range for all.
    for (std::size_t i = 256; i < 384; ++i) EXPECT_EQ(result.restored[i], 0.0F) << i;
}

// 4. Uniform input.

TEST_P(EachFormat, UniformInputIsRestored) {
    for (const float value : {1.0F, -1.0F, 0.0317F, -2.75F}) {
        const RoundTrip result = trip(std::vector<float>(130, value));
        // A scale has FP16 precision; FP8 and powers of two are coarser, and BF16 weights.
        const bool coarse =
            format().code.kind == CodeKind::Float && format().code.field_bits[0] != 16;
        const double precision = coarse ? 0.26 : 0x1p-8;
        for (const float restored : result.restored) {
            EXPECT_NEAR(restored, value, precision * std::fabs(static_cast<double>(value)));
        }
    }
}

// 5. Large values.

TEST_P(EachFormat, LargeValuesAreScaled) {
    const double small = trip(gaussian_column(1024)).tensor.error.relative_rmse();
    const double large = trip(gaussian_column(1024, 1024.0F)).tensor.error.relative_rmse();
    EXPECT_NEAR(large, small, 0.01 * small);
}

TEST_P(EachFormat, HugeWeightsStayFinite) {
    std::vector<float> column = gaussian_column(256);
    column[3] = kHuge;
    column[100] = -kHuge;
    const RoundTrip result = trip(column);
    for (const float restored : result.restored) EXPECT_TRUE(std::isfinite(restored));
    EXPECT_GT(result.restored[3], 1.0F);
    EXPECT_LT(result.restored[100], -1.0F);
}

TEST(HugeWeights, AreClippedWhereTheScaleEndsAndCounted) {
    // An FP16 scale ends at 65504, so INT4 ends at 7 * 65504.
    const RoundTrip result = round_trip({1e6F, -1e30F, 1.0F, 0.0F}, scaled(fields({4}), 0, 16));
    EXPECT_EQ(result.restored[0], 7 * 65504.0F);
    EXPECT_EQ(result.restored[1], -7 * 65504.0F);
    EXPECT_EQ(result.tensor.error.clipped, 2U);
    const RoundTrip half = round_trip({1e6F, 65519.0F, -65521.0F}, fp16());
    EXPECT_EQ(half.restored, (std::vector<float>{65504.0F, 65504.0F, -65504.0F}));
    EXPECT_EQ(half.tensor.error.clipped, 2U);
    EXPECT_EQ(round_trip({1e38F, 1.0F}, mxfp4()).tensor.error.clipped, 0U) << "reaches that far";
}

// 6. Compression ratio.

TEST_P(EachFormat, CompressionRatioIsThatOfTheGeometry) {
    const std::uint64_t k = 8192;
    const SyntheticWeights source = gaussian(k, 5);
    const RoundTrip result = round_trip(source, format(), uniform_tiling(k, 5, 320, 2));
    const MatrixFootprint expected = footprint(format(), k, 5, 320);
    EXPECT_EQ(Bytes(result.tensor.packed_bytes), expected.total);
    EXPECT_EQ(result.bytes.size(), result.tensor.packed_bytes);
    EXPECT_EQ(result.tensor.effective_bits(5 * k),
              8.0 * static_cast<double>(expected.total.count()) / (5.0 * static_cast<double>(k)));
}

TEST(Compression, OfThePublishedFormats) {
    const auto bits = [](const NumberFormat& format) {
        const SyntheticWeights source = gaussian(8192, 1);
        return round_trip(source, format, uniform_tiling(8192, 1, 320, 1))
            .tensor.effective_bits(8192);
    };
    EXPECT_EQ(bits(scaled(fields({4}), 64, 16)), 4.25);
    EXPECT_EQ(bits(scaled(fields({4, 3}), 64, 16, 16)), 4.0);
    EXPECT_EQ(bits(scaled(fields({4, 3}), 64, 16, 8)), 3.875);
    EXPECT_EQ(bits(mxfp4()), 4.25);
    EXPECT_EQ(bits(nvfp4()), 4.5);
    EXPECT_EQ(bits(q3_k_like()), 3.4375);
}

// 7. Odd dimensions.

TEST_P(EachFormat, OddDimensionsAreTaken) {
    for (const std::uint64_t k : {1U, 2U, 3U, 31U, 65U, 127U, 641U}) {
        for (const std::uint64_t n : {1U, 3U, 17U}) {
            for (const std::uint32_t tile_rows : {1U, 13U, 320U}) {
                const SyntheticWeights source = gaussian(k, n);
                const RoundTrip result =
                    round_trip(source, format(), uniform_tiling(k, n, tile_rows, 4));
                EXPECT_LT(result.tensor.error.relative_rmse(), 0.5) << k << " x " << n;
                EXPECT_EQ(Bytes(result.bytes.size()), footprint(format(), k, n, tile_rows).total);
            }
        }
    }
}

TEST_P(EachFormat, TakesMatricesWithoutWeights) {
    const SyntheticWeights source = gaussian(16, 0);
    EXPECT_EQ(round_trip(source, format(), uniform_tiling(16, 0, 8, 4)).bytes.size(), 0U);
    const SyntheticWeights flat = gaussian(0, 3);
    EXPECT_EQ(round_trip(flat, format(), uniform_tiling(0, 3, 8, 4)).bytes.size(), 0U);
}

TEST(OddTiles, RestartTheSymbols) {
    // Tiles of one row hold 4-bit fields only, so every weight of 4+3 has 16 levels.
    const SyntheticWeights source = gaussian(512, 4);
    const NumberFormat pairs = scaled(fields({4, 3}), 0, 16, 16);
    const NumberFormat four = scaled(fields({4}), 0, 16, 16);
    const double single =
        round_trip(source, pairs, uniform_tiling(512, 4, 1, 4)).tensor.error.rmse();
    const double int4 =
        round_trip(source, four, uniform_tiling(512, 4, 320, 4)).tensor.error.rmse();
    EXPECT_NEAR(single, int4, 1e-3);
}

// 8. Stability under extreme ranges.

TEST_P(EachFormat, StabilityUnderExtremeRanges) {
    std::vector<float> column;
    for (int exponent = -149; exponent <= 127; ++exponent) {
        column.push_back(std::ldexp(exponent % 2 == 0 ? 1.0F : -1.0F, exponent));
    }
    for (int turn = 0; turn < 2; ++turn) {
        const RoundTrip result = trip(column);
        for (std::size_t i = 0; i < column.size(); ++i) {
            ASSERT_TRUE(std::isfinite(result.restored[i])) << i;
            // Inside the group's range, which is at most twice its largest magnitude; beside the
            // smallest scale that there is.
            const std::size_t group = format().grouped() ? format().group_size : column.size();
            const std::size_t end = std::min(column.size(), (i / group + 1) * group);
            double largest = 0;
            for (std::size_t j = i / group * group; j < end; ++j) {
                largest = std::max(largest, std::fabs(static_cast<double>(column[j])));
            }
            const double error =
                std::fabs(static_cast<double>(result.restored[i]) - static_cast<double>(column[i]));
            ASSERT_LE(error, 2.2 * largest + 1e-4) << i;
        }
        std::reverse(column.begin(), column.end());
    }
}

TEST_P(EachFormat, DenormalWeightsDoNotBecomeLarge) {
    std::vector<float> column(100, 0.0F);
    column[7] = kDenormal;
    column[8] = -1e-40F;
    const RoundTrip result = trip(column);
    // The smallest scale that is not zero times the largest code is the worst that rounding can do.
    for (const float restored : result.restored) EXPECT_LE(std::fabs(restored), 1e-4F);
    for (std::size_t i = 9; i < 100; ++i) EXPECT_EQ(result.restored[i], 0.0F);
}

TEST_P(EachFormat, NoWeightIsOffByMoreThanHalfAStepUnlessClipped) {
    for (const float factor : {1e-3F, 1.0F, 1e3F}) {
        const std::vector<float> column = gaussian_column(640, factor);
        const RoundTrip result = trip(column);
        const MatrixPacker packer(format(), uniform_tiling(640, 1, 320, 1));
        ColumnCodes codes = packer.blank_column();
        packer.unpack(packer.strip(0), 0, {result.bytes.data(), result.bytes.size()}, codes);
        if (!is_integer()) return;
        const GroupScaling scaling(format(), packer.codes());
        for (std::uint64_t k = 0; k < 640; ++k) {
            const std::uint64_t group = format().grouped() ? k / format().group_size : 0;
            const GroupFactors factors =
                scaling.factors(packer.metadata(), codes.metadata.data(), group);
            const CodePlace& place =
                packer.codes().places()[k % 320 % packer.codes().places().size()];
            // Rounding the scale, and an integer zero point, can push the ends of the range out a
            // little.
            const float slack = format().zero_point_bits == 8 ? 0.5F : 0.1F;
            const float half_step = (static_cast<float>(place.step) / 2 + slack) * factors.scale;
            ASSERT_LE(std::fabs(result.restored[k] - column[k]), half_step) << k;
        }
    }
}

// 9. Batch consistency.

TEST_P(EachFormat, BatchConsistencyOfColumns) {
    if (format().tensor_scale) return;  // By definition they do.
    const SyntheticWeights all = gaussian(200, 21);
    const RoundTrip together = round_trip(all, format(), uniform_tiling(200, 21, 96, 8), 3);
    std::vector<float> column;
    for (std::uint64_t n = 0; n < 21; ++n) {
        all.column(n, column);
        const WeightMatrix alone("w", 200, 1, column);
        const RoundTrip single = round_trip(alone, format(), uniform_tiling(200, 1, 96, 1));
        const auto begin = together.restored.begin() + static_cast<std::ptrdiff_t>(200 * n);
        EXPECT_TRUE(std::equal(single.restored.begin(), single.restored.end(), begin)) << n;
    }
}

TEST_P(EachFormat, StripsDoNotChangeTheWeights) {
    const SyntheticWeights source = gaussian(200, 21);
    const RoundTrip narrow = round_trip(source, format(), uniform_tiling(200, 21, 96, 4));
    const RoundTrip wide = round_trip(source, format(), uniform_tiling(200, 21, 96, 21));
    EXPECT_TRUE(same_bits(narrow.restored, wide.restored));
    EXPECT_EQ(narrow.tensor.error.squared_error, wide.tensor.error.squared_error);
}

// NaN and infinity.

TEST_P(EachFormat, RefusesWhatIsNotFinite) {
    for (const auto& [bad, shown] :
         {std::pair(kNan, "NaN"), {-kNan, "NaN"}, {kInfinity, "Inf"}, {-kInfinity, "-Inf"}}) {
        std::vector<float> weights(300 * 5, 0.5F);
        weights[300 * 3 + 217] = bad;
        weights[300 * 3 + 299] = bad;
        weights[300 * 4] = bad;
        const WeightMatrix matrix("layers.7.up", 300, 5, weights);
        for (const unsigned threads : {1U, 4U}) {
            EXPECT_EQ(
                error_of<WeightError>(
                    [&] { round_trip(matrix, format(), uniform_tiling(300, 5, 128, 5), threads); }),
                "tensor 'layers.7.up': the weight at [k = 217, n = 3] is " + std::string(shown));
        }
    }
}

TEST(Quantizing, RefusesATilingOfAnotherShape) {
    const SyntheticWeights source = gaussian(16, 2);
    EXPECT_THROW(round_trip(source, fp16(), uniform_tiling(16, 3, 8, 4)), std::invalid_argument);
    EXPECT_THAT(
        error_of<std::invalid_argument>([&] {
            round_trip(source, scaled(fields({5, 4}), 0, 16, 16), uniform_tiling(16, 2, 8, 4));
        }),
        HasSubstr("code.fields"));
}

TEST(Quantizing, TellsOfItsProgress) {
    const SyntheticWeights source = gaussian(16, 10);
    std::vector<std::uint64_t> seen;
    QuantizeOptions options;
    options.progress = [&seen](std::uint64_t columns) { seen.push_back(columns); };
    quantize_tensor(source, fp16(), uniform_tiling(16, 10, 8, 4), options);
    EXPECT_THAT(seen, testing::ElementsAre(4, 8, 10));
}

}  // namespace
}  // namespace lpusim
