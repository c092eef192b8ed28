#include "hw_models/numerics/weight_codes.h"

#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hw_models/numerics/group_scaling.h"
#include "hw_models/numerics/packed_data_error.h"
#include "tests/numerics/formats.h"

namespace lpusim {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

NumberFormat asymmetric(NumberFormat format) { return scaled(std::move(format), 64, 16, 16); }
NumberFormat symmetric(NumberFormat format) { return scaled(std::move(format), 64, 16); }

NumberFormat fp4() {
    NumberFormat format = scaled(fields({4}), 32, 8);
    format.code.kind = CodeKind::Float;
    format.scales[0].kind = MetadataKind::PowerOfTwo;
    return format;
}

std::vector<int> operands(const NumberFormat& format, std::size_t place) {
    const WeightCodes codes(format);
    std::vector<int> values;
    for (std::uint32_t code = 0; code < codes.places()[place].levels; ++code) {
        values.push_back(codes.int8_operand(place, code));
    }
    return values;
}

std::vector<std::string> texts(const NumberFormat& format) {
    std::vector<std::string> lines;
    for (const FormatProblem& problem : value_problems(format)) {
        lines.push_back(problem.key + ": " + problem.message);
    }
    return lines;
}

TEST(WeightCodes, SymmetricIntegersAreTwosComplement) {
    EXPECT_THAT(operands(symmetric(fields({4})), 0),
                ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1));
    const WeightCodes codes(symmetric(fields({4})));
    EXPECT_EQ(codes.places()[0].lowest, -7) << "-8 can be decoded, but is not written";
    EXPECT_EQ(codes.places()[0].highest, 7);
    EXPECT_EQ(codes.span(), 7.0F);
    EXPECT_EQ(WeightCodes(symmetric(fields({8}))).span(), 127.0F);
}

TEST(WeightCodes, AsymmetricIntegersAreUnsigned) {
    EXPECT_THAT(operands(asymmetric(fields({3})), 0), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
    EXPECT_EQ(WeightCodes(asymmetric(fields({4}))).span(), 15.0F);
}

TEST(WeightCodes, FourAndThreeBitsShareAGridOf105Steps) {
    const NumberFormat format = asymmetric(fields({4, 3}));
    const WeightCodes codes(format);
    EXPECT_EQ(codes.span(), 105.0F);
    EXPECT_EQ(codes.offset(), 0);
    for (int q = 0; q < 16; ++q) EXPECT_EQ(operands(format, 0)[static_cast<std::size_t>(q)], 7 * q);
    for (int q = 0; q < 8; ++q) EXPECT_EQ(operands(format, 1)[static_cast<std::size_t>(q)], 15 * q);
}

TEST(WeightCodes, SymmetricFourAndThreeBitsShareAGridOf21Steps) {
    const NumberFormat format = symmetric(fields({4, 3}));
    EXPECT_EQ(WeightCodes(format).span(), 21.0F);
    EXPECT_THAT(operands(format, 1), ElementsAre(0, 7, 14, 21, -28, -21, -14, -7));
    EXPECT_EQ(operands(format, 0)[7], 21);
    EXPECT_EQ(operands(format, 0)[8], -24);
}

TEST(WeightCodes, OtherMixturesHaveTheGridOfTheirLevels) {
    const auto span = [](std::vector<std::uint32_t> bits) {
        return WeightCodes(asymmetric(fields(std::move(bits)))).span();
    };
    EXPECT_EQ(span({4, 3, 3, 3}), 105.0F);
    EXPECT_EQ(span({4, 4, 4, 3}), 105.0F);
    EXPECT_EQ(span({3, 2}), 21.0F);
    EXPECT_EQ(span({4, 2}), 15.0F);
    EXPECT_EQ(span({6, 3}), 63.0F);
    EXPECT_EQ(span({5, 3}), 217.0F);
}

TEST(WeightCodes, AGridPast127IsMovedDown) {
    const NumberFormat int8 = asymmetric(fields({8}));
    EXPECT_EQ(WeightCodes(int8).offset(), 128);
    EXPECT_EQ(operands(int8, 0).front(), -128);
    EXPECT_EQ(operands(int8, 0).back(), 127);
    const NumberFormat mixed = asymmetric(fields({5, 3}));
    EXPECT_EQ(WeightCodes(mixed).offset(), 128);
    EXPECT_EQ(operands(mixed, 1).back(), 7 * 31 - 128);
}

TEST(WeightCodes, RadixDigitsAreLevels) {
    EXPECT_EQ(WeightCodes(asymmetric(radix({11, 11}))).span(), 10.0F);
    EXPECT_THAT(operands(asymmetric(radix({11, 11})), 1),
                ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
    EXPECT_THAT(operands(symmetric(radix({11, 11})), 0),
                ElementsAre(-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5));
    EXPECT_THAT(operands(symmetric(radix({4})), 0), ElementsAre(-2, -1, 0, 1));
    EXPECT_EQ(WeightCodes(symmetric(radix({4}))).places()[0].lowest, -1);
    EXPECT_FALSE(WeightCodes(symmetric(radix({11, 11}))).valid(0, 11));
    // Unequal levels share a grid like fields: 10 and 4 steps make 20.
    EXPECT_THAT(operands(asymmetric(radix({11, 5})), 1), ElementsAre(0, 5, 10, 15, 20));
}

TEST(WeightCodes, Fp4IsCountedInHalves) {
    EXPECT_THAT(operands(fp4(), 0),
                ElementsAre(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12));
    EXPECT_EQ(WeightCodes(fp4()).unit(), 0.5F);
    EXPECT_EQ(WeightCodes(fp4()).span(), 6.0F);
}

TEST(WeightCodes, SixteenBitOperandsAreNumbers) {
    const WeightCodes half(fp16());
    EXPECT_EQ(half.float_operand(0, 0x3c00), 0x3c00) << "passes through";
    EXPECT_FALSE(half.valid(0, 0x7c00));
    NumberFormat bf16 = fp16();
    bf16.code.exponent_bits = 8;
    EXPECT_EQ(WeightCodes(bf16).float_operand(0, 0x3f80), 0x3f80);
    EXPECT_EQ(WeightCodes(bf16).value_of_float_operand(0x3f80), 1.0F);
    NumberFormat int10 = symmetric(fields({10}));
    int10.operand_bytes = 2;
    EXPECT_EQ(kFp16.decode(WeightCodes(int10).float_operand(0, 0x3ff)), -1.0F);
    NumberFormat fp8 = symmetric(fields({8}));
    fp8.code.kind = CodeKind::Float;
    fp8.operand_bytes = 2;
    EXPECT_EQ(WeightCodes(fp8).value_of_float_operand(WeightCodes(fp8).float_operand(0, 0x7e)),
              448.0F);
}

TEST(WeightCodes, RefusesFormatsWithoutMeaning) {
    EXPECT_THROW(WeightCodes(asymmetric(fields({5, 4}))), std::invalid_argument);
}

TEST(ValueProblems, AreNoneForShippedFormats) {
    for (const NumberFormat& format :
         {fp16(), fp4(), q3_k_like(), scaled(fields({8}), 0, 16), scaled(fields({4}), 0, 16, 16),
          asymmetric(fields({4, 3})), scaled(fields({4, 3}), 64, 16, 8),
          asymmetric(radix({11, 11})), symmetric(fields({4, 3, 3, 3}))}) {
        EXPECT_THAT(texts(format), IsEmpty());
    }
    NumberFormat nvfp4 = fp4();
    nvfp4.scales[0].kind = MetadataKind::Fp8E4m3;
    nvfp4.tensor_scale = true;
    EXPECT_THAT(texts(nvfp4), IsEmpty());
}

TEST(ValueProblems, NameGridsThatNoOperandHolds) {
    EXPECT_THAT(texts(asymmetric(fields({5, 4}))),
                ElementsAre("code.fields: the codes' common grid has 465 steps; an INT8 operand "
                            "holds 255"));
    EXPECT_THAT(texts(symmetric(fields({8, 4}))),
                ElementsAre("code.fields: the codes' common grid goes from -1016 to 889; an INT8 "
                            "operand holds -128 to 127"));
    NumberFormat wide = asymmetric(fields({5, 4}));
    wide.operand_bytes = 2;
    EXPECT_THAT(texts(wide), IsEmpty()) << "FP16 operands hold 465 steps";
    wide.code.field_bits = {16};
    EXPECT_THAT(texts(wide),
                ElementsAre("code.fields: the codes' common grid has 65535 steps; an FP16 operand "
                            "holds integers up to 2048 exactly"));
    wide.code.field_bits = {16, 15, 14, 13};
    EXPECT_THAT(texts(wide),
                ElementsAre("code.fields: the codes' common grid has more than 2^31 steps; an FP16 "
                            "operand holds integers up to 2048 exactly"));
}

TEST(ValueProblems, NameCodesWithoutMeaning) {
    EXPECT_THAT(
        texts(symmetric(fields({4, 1}))),
        ElementsAre("code.fields[1]: a symmetric code needs three levels or more: -1, 0 and "
                    "1"));
    EXPECT_THAT(texts(symmetric(radix({2}))),
                ElementsAre("code.radix[0]: a symmetric code needs three levels or more: -1, 0 and "
                            "1"));
    EXPECT_THAT(texts(asymmetric(fields(std::vector<std::uint32_t>(17, 4)))),
                ElementsAre("code.fields: a symbol has more than 16 weights"));
    NumberFormat format = symmetric(fields({4}));
    format.code.exponent_bits = 2;
    EXPECT_THAT(texts(format),
                ElementsAre("code.exponent_bits: only a floating-point code has an exponent"));
}

TEST(ValueProblems, NameFloatCodesThatDoNotExist) {
    NumberFormat format = fp4();
    format.code.field_bits = {5};
    const char* none =
        "code.fields: no such floating-point code: one field of 4 (E2M1), 6 (E2M3, E3M2), 8 (E4M3, "
        "E5M2) or 16 bits (FP16, or BF16 with an exponent of 8)";
    EXPECT_THAT(texts(format), ElementsAre(none));
    format.code.field_bits = {4, 4};
    EXPECT_THAT(texts(format), ElementsAre(none));
    format.code.field_bits = {8};
    EXPECT_THAT(texts(format), ElementsAre("operand: an INT8 operand cannot hold these "
                                           "floating-point codes exactly"));
    format = fp4();
    format.zero_point_bits = 8;
    EXPECT_THAT(texts(format), ElementsAre("zero_point: a floating-point code has a sign: it takes "
                                           "no zero point"));
    format = radix({11, 11});
    format.code.kind = CodeKind::Float;
    EXPECT_THAT(texts(format), ElementsAre("code.radix: a floating-point code is a field of bits, "
                                           "not a radix digit"));
}

TEST(ValueProblems, NameMetadataWithoutMeaning) {
    EXPECT_THAT(texts(scaled(fields({4}), 32, 8)),
                ElementsAre("scales[0].kind: an integer scale needs a floating-point scale above "
                            "it; scales of 16 and 32 bits are FP16 and FP32, others must say their "
                            "kind"));
    NumberFormat format = scaled(fields({4}), 32, 16);
    format.scales[0].kind = MetadataKind::Fp8E4m3;
    EXPECT_THAT(texts(format), ElementsAre("scales[0].bits: 16 bits; FP8 E4M3 has 8"));
    EXPECT_THAT(
        texts(scaled(fields({4, 3}), 64, 16, 6)),
        ElementsAre("zero_point: 6 bits; the codes' common grid has 105 steps to point at"));
    EXPECT_THAT(texts(scaled(fields({4}), 64, 16, 20)),
                ElementsAre("zero_point: 20 bits; an integer zero point has 1 to 16"));
    format = scaled(fields({4}), 64, 16, 8);
    format.zero_point_kind = MetadataKind::PowerOfTwo;
    EXPECT_THAT(texts(format),
                ElementsAre("zero_point_kind: a zero point is an integer, FP16, BF16 or FP32, not "
                            "power-of-two"));
    format.zero_point_kind = MetadataKind::Bf16;
    EXPECT_THAT(texts(format), ElementsAre("zero_point: 8 bits; BF16 has 16"));
    format = fields({4});
    format.tensor_scale = true;
    EXPECT_THAT(texts(format), ElementsAre("tensor_scale: a tensor scale needs a scale below it"));
}

TEST(GroupScaling, MultipliesAllScalesAndTheUnit) {
    NumberFormat format = q3_k_like();
    const WeightCodes codes(format);
    const MetadataMap map(format, 512);
    ASSERT_EQ(map.size(), 32U + 2U);
    std::vector<std::uint32_t> metadata(map.size(), 0);
    metadata[17] = 5;       // weights 272 ... 287
    metadata[33] = 0x3800;  // weights 256 ... 511: one half
    const GroupScaling scaling(format, codes);
    EXPECT_EQ(scaling.factors(map, metadata.data(), 17).scale, 2.5F);
    EXPECT_EQ(scaling.factors(map, metadata.data(), 17, 4.0F).scale, 10.0F);
    EXPECT_EQ(scaling.factors(map, metadata.data(), 16).scale, 0.0F);
}

TEST(GroupScaling, TakesTheOperandsOffsetFromTheZeroPoint) {
    const NumberFormat format = scaled(fields({8}), 0, 16, 16);
    const MetadataMap map(format, 10);
    const std::vector<std::uint32_t> metadata = {0x3c00, 0x5640};  // 1 and 100
    const GroupFactors factors =
        GroupScaling(format, WeightCodes(format)).factors(map, metadata.data(), 0);
    EXPECT_EQ(factors.scale, 1.0F);
    EXPECT_EQ(factors.zero, -28.0F);
}

TEST(GroupScaling, RefusesNumbersThatAreNotFinite) {
    const NumberFormat format = scaled(fields({4}), 0, 16, 16);
    const MetadataMap map(format, 10);
    const GroupScaling scaling(format, WeightCodes(format));
    for (const std::vector<std::uint32_t>& bad :
         {std::vector<std::uint32_t>{0x7c00, 0}, {0x3c00, 0xfe00}}) {
        EXPECT_THROW(scaling.factors(map, bad.data(), 0), PackedDataError);
    }
    const std::vector<std::uint32_t> good = {0x7bff, 0};
    EXPECT_THROW(scaling.factors(map, good.data(), 0, 1e38F), PackedDataError);
}

}  // namespace
}  // namespace lpusim
