// Which scales and zero points are stored.

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/quantize/column_quantizer.h"
#include "sim/quantize/synthetic_weights.h"
#include "tests/quantize/quantize_support.h"

namespace lpusim {
namespace {

using testing::ElementsAre;

/// The stored metadata of one column.
std::vector<std::uint32_t> metadata_of(const NumberFormat& format, const std::vector<float>& column,
                                       float tensor_scale = 1) {
    const MatrixPacker packer(format, uniform_tiling(column.size(), 1, 320, 1));
    ColumnCodes codes = packer.blank_column();
    ColumnQuantizer(packer).quantize(column.data(), tensor_scale, codes, nullptr);
    return codes.metadata;
}

std::uint32_t half(double value) { return kFp16.encode(value); }

TEST(Scales, OfSymmetricCodesCoverTheLargestMagnitude) {
    EXPECT_THAT(metadata_of(scaled(fields({4}), 2, 16), {1, -7, 3.5F, 0}),
                ElementsAre(half(1), half(0.5)));
    EXPECT_THAT(metadata_of(scaled(fields({4, 3}), 0, 16), {0, -42, 0}), ElementsAre(half(2)));
    EXPECT_THAT(metadata_of(scaled(radix({11, 11}), 0, 16), {10, 0}), ElementsAre(half(2)));
}

TEST(Scales, OfAsymmetricCodesCoverTheRangeAndZero) {
    const NumberFormat pairs = scaled(fields({4, 3}), 0, 16, 16);
    // Scale, zero point.
    EXPECT_THAT(metadata_of(pairs, {-5, 100}), ElementsAre(half(1), half(5)));
    EXPECT_THAT(metadata_of(pairs, {52.5F, 105}), ElementsAre(half(1), half(0)));
    EXPECT_THAT(metadata_of(pairs, {-52.5F, -105}), ElementsAre(half(1), half(105)));
    NumberFormat integer = scaled(fields({4, 3}), 0, 16, 8);
    EXPECT_THAT(metadata_of(integer, {-5.4F, 99.6F}), ElementsAre(half(1), 5U));
}

TEST(Scales, AreRoundedToTheirWidthBeforeUse) {
    const std::vector<float> column = {0.7F, -0.1F};
    const auto stored = static_cast<double>(kFp16.decode(half(static_cast<double>(0.7F) / 7)));
    const RoundTrip result = round_trip(column, scaled(fields({4}), 0, 16));
    EXPECT_EQ(result.restored[0], static_cast<float>(7 * stored));
    EXPECT_EQ(result.restored[1], static_cast<float>(-stored));
}

TEST(Scales, AreZeroOnlyForZeros) {
    const NumberFormat format = scaled(fields({4}), 2, 16);
    EXPECT_THAT(metadata_of(format, {0, 0, 1e-30F, 0, 1e30F, 0}), ElementsAre(0U, 1U, half(65504)));
    // Small beside its neighbour under the same super-scale: not zero either.
    NumberFormat super = scaled(fields({3}), 2, 6);
    super.scales.push_back({0, 16});
    const std::vector<std::uint32_t> metadata = metadata_of(super, {189, 0, 0.01F, 0, 0, 0});
    EXPECT_THAT(metadata, ElementsAre(63U, 1U, 0U, half(1)));
}

TEST(Scales, UnderASuperScaleAreSharesOfIt) {
    NumberFormat super = scaled(fields({3}), 2, 6);
    super.scales.push_back({4, 16});
    // Scales 63 and 30 under 1, 12.6 under 0.2 (63 steps).
    EXPECT_THAT(metadata_of(super, {189, 1, -90, 0, 37.8F, 0}),
                ElementsAre(63U, 30U, 63U, half(1), half(0.2)));
}

TEST(Scales, OfMxfp4FollowTheSpecification) {
    // Largest magnitude in [4, 8): 2^0; in [8, 16): 2^1. Exactly 4 is not taken for less.
    const auto exponent = [](float largest) {
        std::vector<float> column(32, 0.0F);
        column[5] = -largest;
        return static_cast<int>(metadata_of(mxfp4(), column)[0]) - 127;
    };
    EXPECT_EQ(exponent(4), 0);
    EXPECT_EQ(exponent(std::nextafter(4.0F, 0.0F)), -1);
    EXPECT_EQ(exponent(std::nextafter(8.0F, 0.0F)), 0);
    EXPECT_EQ(exponent(8), 1);
    for (int power = -120; power <= 127; ++power) {
        EXPECT_EQ(exponent(std::ldexp(1.0F, power)), power - 2);
    }
    EXPECT_EQ(exponent(0x1p-140F), -127) << "the smallest there is";
    std::vector<float> column(32, 0.0F);
    column[0] = 7.9F;
    EXPECT_EQ(round_trip(column, mxfp4()).restored[0], 6.0F) << "clipped, as specified";
}

TEST(Scales, OfIntegersThatArePowersOfTwoDoNotClip) {
    NumberFormat format = scaled(fields({4}), 0, 8);
    format.scales[0].kind = MetadataKind::PowerOfTwo;
    EXPECT_THAT(metadata_of(format, {7}), ElementsAre(127U));
    EXPECT_THAT(metadata_of(format, {7.01F}), ElementsAre(128U));
    EXPECT_THAT(metadata_of(format, {3.51F}), ElementsAre(127U));
}

TEST(Scales, OfATensorLetFp8ScalesUseTheirRange) {
    // NVFP4: the tensor's scale is largest / (6 * 448), so the largest group's scale is 448.
    std::vector<float> column(64, 0.01F);
    column[20] = -2.5F;
    const WeightMatrix matrix("w", 64, 1, column);
    const RoundTrip result = round_trip(matrix, nvfp4(), uniform_tiling(64, 1, 64, 1));
    EXPECT_FLOAT_EQ(result.tensor.tensor_scale, 2.5F / (6 * 448));
    const std::vector<std::uint32_t> metadata =
        metadata_of(nvfp4(), column, result.tensor.tensor_scale);
    EXPECT_EQ(metadata[1], kFp8E4m3.max_code());
    EXPECT_EQ(result.restored[20], -2.5F);
    EXPECT_NEAR(result.restored[0], 0.01, 0.0008);
}

TEST(Scales, OfATensorOfZerosIsOne) {
    const WeightMatrix matrix("w", 64, 2, std::vector<float>(128, 0.0F));
    EXPECT_EQ(round_trip(matrix, nvfp4(), uniform_tiling(64, 2, 64, 1)).tensor.tensor_scale, 1.0F);
}

TEST(Scales, WithAnInt8OffsetGiveTheSameWeights) {
    // Asymmetric INT8: the grid of 255 steps is moved by 128 for the array, not for the weights.
    std::vector<float> column;
    for (int i = 0; i <= 255; ++i) column.push_back(static_cast<float>(i - 100) / 4);
    const RoundTrip result = round_trip(column, scaled(fields({8}), 0, 16, 16));
    EXPECT_EQ(result.restored, column);
}

}  // namespace
}  // namespace lpusim
