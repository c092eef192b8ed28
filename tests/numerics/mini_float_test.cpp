#include "hw_models/numerics/mini_float.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "hw_models/numerics/float_bits.h"
#include "hw_models/numerics/metadata_code.h"

namespace lpusim {
namespace {

TEST(MiniFloat, HasTheValuesOfItsStandard) {
    // OCP microscaling formats specification 1.0, tables 3 to 5; OCP OFP8, table 1; IEEE 754
    // binary16.
    const float fp4[] = {0, 0.5, 1, 1.5, 2, 3, 4, 6};
    for (std::uint32_t code = 0; code < 8; ++code) {
        EXPECT_EQ(kFp4E2m1.decode(code), fp4[code]);
        EXPECT_EQ(kFp4E2m1.decode(code | 8), -fp4[code]);
    }
    EXPECT_EQ(kFp6E2m3.max(), 7.5F);
    EXPECT_EQ(kFp6E2m3.min(), 0.125F);
    EXPECT_EQ(kFp6E3m2.max(), 28.0F);
    EXPECT_EQ(kFp6E3m2.min(), 0.0625F);
    EXPECT_EQ(kFp8E4m3.max(), 448.0F);
    EXPECT_EQ(kFp8E4m3.min(), 0x1p-9F);
    EXPECT_FALSE(kFp8E4m3.is_finite(0x7f));
    EXPECT_FALSE(kFp8E4m3.is_finite(0xff));
    EXPECT_TRUE(kFp8E4m3.is_finite(0x78));
    EXPECT_EQ(kFp8E5m2.max(), 57344.0F);
    EXPECT_EQ(kFp8E5m2.min(), 0x1p-16F);
    EXPECT_EQ(kFp16.max(), 65504.0F);
    EXPECT_EQ(kFp16.min(), 0x1p-24F);
    EXPECT_EQ(kFp16.decode(0x3c00), 1.0F);
    EXPECT_EQ(kFp16.decode(0xc000), -2.0F);
    EXPECT_EQ(kFp16.decode(0x3555), 0.333251953125F);
    EXPECT_FALSE(kFp16.is_finite(0x7c00));
    EXPECT_EQ(kBf16.decode(0x3f80), 1.0F);
    EXPECT_EQ(kBf16.max(), 0x1.fep127F);
    EXPECT_EQ(kBf16.min(), 0x1p-133F);
}

constexpr MiniFloat kAll[] = {kFp4E2m1, kFp6E2m3, kFp6E3m2, kFp8E4m3, kFp8E5m2, kFp16, kBf16};

TEST(MiniFloat, EncodesEachOfItsNumbersAsItself) {
    for (const MiniFloat& format : kAll) {
        for (std::uint32_t code = 0; code < 1U << format.bits(); ++code) {
            if (!format.is_finite(code)) continue;
            ASSERT_EQ(format.encode(static_cast<double>(format.decode(code))), code);
        }
    }
}

TEST(MiniFloat, RoundsBetweenNeighboursToTheNearerOneAndTiesToEven) {
    for (const MiniFloat& format : kAll) {
        for (std::uint32_t code = 0; code < format.max_code(); ++code) {
            const auto below = static_cast<double>(format.decode(code));
            const auto above = static_cast<double>(format.decode(code + 1));
            const double tie = (below + above) / 2;
            const std::uint32_t even = code + code % 2;
            ASSERT_EQ(format.encode(tie), even);
            ASSERT_EQ(format.encode(std::nextafter(tie, 0)), code);
            ASSERT_EQ(format.encode(std::nextafter(tie, 1e300)), code + 1);
            ASSERT_EQ(format.encode(-tie), even | 1U << (format.bits() - 1));
        }
    }
}

TEST(MiniFloat, SaturatesAndKeepsTheSignOfZero) {
    for (const MiniFloat& format : kAll) {
        const std::uint32_t sign = 1U << (format.bits() - 1);
        for (const double large : {2.0 * static_cast<double>(format.max()), 1e300}) {
            EXPECT_EQ(format.encode(large), format.max_code());
            EXPECT_EQ(format.encode(-large), format.max_code() | sign);
        }
        EXPECT_EQ(format.encode(0.0), 0U);
        EXPECT_EQ(format.encode(-0.0), sign);
        EXPECT_EQ(format.encode(-1e-300), sign);
    }
}

TEST(PowersOfTwo, AreThoseOfTheLibrary) {
    for (int exponent = -1080; exponent <= 1030; ++exponent) {
        EXPECT_EQ(power_of_two(exponent), std::ldexp(1.0, exponent)) << exponent;
    }
    for (int exponent = -1074; exponent <= 1023; ++exponent) {
        const double power = std::ldexp(1.0, exponent);
        for (const double value : {std::nextafter(power, 0), power, std::nextafter(power, 1e308)}) {
            if (value == 0) continue;
            EXPECT_EQ(floor_log2(value), std::ilogb(value)) << exponent;
        }
    }
}

TEST(MetadataCode, MeansWhatItsKindSays) {
    EXPECT_EQ(MetadataCode(MetadataKind::ByWidth, 16).kind(), MetadataKind::Fp16);
    EXPECT_EQ(MetadataCode(MetadataKind::ByWidth, 32).kind(), MetadataKind::Fp32);
    EXPECT_EQ(MetadataCode(MetadataKind::ByWidth, 6).kind(), MetadataKind::Integer);
    EXPECT_EQ(MetadataCode(MetadataKind::Fp32, 32).decode(0x3fc00000), 1.5F);
    EXPECT_EQ(MetadataCode(MetadataKind::Bf16, 16).decode(0x3fc0), 1.5F);
    EXPECT_EQ(MetadataCode(MetadataKind::Fp8E4m3, 8).decode(0x38), 1.0F);
    EXPECT_EQ(MetadataCode(MetadataKind::Integer, 6).decode(63), 63.0F);

    const MetadataCode power(MetadataKind::PowerOfTwo, 8);
    EXPECT_EQ(power.decode(127), 1.0F);
    EXPECT_EQ(power.decode(0), 0x1p-127F);
    EXPECT_EQ(power.decode(254), 0x1p127F);
    EXPECT_FALSE(power.valid(255));
    EXPECT_TRUE(power.valid(254));
    EXPECT_FALSE(MetadataCode(MetadataKind::Fp16, 16).valid(0x7c00));
    EXPECT_FALSE(MetadataCode(MetadataKind::Fp32, 32).valid(0x7f800000));
    EXPECT_FALSE(MetadataCode(MetadataKind::Fp8E4m3, 8).valid(0x7f));
}

TEST(MetadataCode, RoundsToTheNearestOfItsValues) {
    const MetadataCode integer(MetadataKind::Integer, 6);
    EXPECT_EQ(integer.encode(2.5), 2U);
    EXPECT_EQ(integer.encode(3.5), 4U);
    EXPECT_EQ(integer.encode(1e30), 63U);
    EXPECT_EQ(integer.largest(), 63.0F);
    const MetadataCode power(MetadataKind::PowerOfTwo, 8);
    EXPECT_EQ(power.encode(1.0), 127U);
    EXPECT_EQ(power.encode(1.99), 127U) << "down";
    EXPECT_EQ(power.encode(0x1p-130), 0U);
    EXPECT_EQ(power.encode(1e300), 254U);
    const MetadataCode half(MetadataKind::Fp16, 16);
    EXPECT_EQ(half.encode(1e9), 0x7bffU);
    EXPECT_EQ(half.encode(0x1p-26), 0U);
    EXPECT_EQ(half.smallest_positive(), 1U);
    EXPECT_EQ(MetadataCode(MetadataKind::Fp32, 32).encode(1e300), 0x7f7fffffU);
}

}  // namespace
}  // namespace lpusim
