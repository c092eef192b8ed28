#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/config/load.h"
#include "tests/config/temporary_file.h"

namespace lpusim {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Lines 1 to 5; what a test adds begins in line 6.
const std::string kGrouped =
    "kind: format\nname: f\ncode: {fields: [4, 3]}\ngroup_size: 64\nscales: [{per: group, bits: "
    "16}]\n";

NumberFormat load(const std::string& content) {
    const TemporaryFolder folder;
    return load_format(folder.write("f.yaml", content));
}

std::vector<std::string> errors(const std::string& content) { return errors_of(content, "f.yaml"); }

TEST(FormatFile, EveryValueReachesItsMember) {
    const NumberFormat format =
        load(replaced(kGrouped, "bits: 16}]", "bits: 6}, {per: 256, bits: 16}]") +
             "zero_point: 8 bits\npacking: padded\nlayout: separate\n");
    EXPECT_EQ(format.name, "f");
    EXPECT_EQ(format.code.kind, CodeKind::Integer);
    EXPECT_THAT(format.code.field_bits, ElementsAre(4U, 3U));
    EXPECT_THAT(format.code.radix_levels, IsEmpty());
    EXPECT_EQ(format.packing, Packing::Padded);
    EXPECT_EQ(format.layout, MetadataLayout::Separate);
    EXPECT_EQ(format.group_size, 64U);
    ASSERT_EQ(format.scales.size(), 2U);
    EXPECT_EQ(format.scales[0].per_weights, 64U);
    EXPECT_EQ(format.scales[0].bits, 6U);
    EXPECT_EQ(format.scales[1].per_weights, 256U);
    EXPECT_EQ(format.scales[1].bits, 16U);
    EXPECT_EQ(format.zero_point_bits, 8U);
    EXPECT_EQ(format.operand_bytes, 1U);
}

TEST(FormatFile, Defaults) {
    const NumberFormat format =
        load("kind: format\nname: f\ncode: {radix: [11, 11]}\noperand: fp16\n");
    EXPECT_EQ(format.code.kind, CodeKind::Integer);
    EXPECT_EQ(format.code.exponent_bits, 0U);
    EXPECT_EQ(format.zero_point_kind, MetadataKind::ByWidth);
    EXPECT_FALSE(format.tensor_scale);
    EXPECT_THAT(format.code.radix_levels, ElementsAre(11U, 11U));
    EXPECT_EQ(format.packing, Packing::Dense);
    EXPECT_EQ(format.layout, MetadataLayout::Inline);
    EXPECT_FALSE(format.grouped());
    EXPECT_THAT(format.scales, IsEmpty());
    EXPECT_EQ(format.zero_point_bits, 0U);
    EXPECT_EQ(format.operand_bytes, 2U);
}

// A floating-point code: lines 1 to 4.
const std::string kFloat =
    "kind: format\nname: f\ncode: {kind: float, fields: [4]}\ngroup_size: 16\n";

TEST(FormatFile, WhatTheBitsMeanReachesItsMember) {
    const NumberFormat nvfp4 =
        load(replaced(kFloat, "[4]", "[4], exponent_bits: 2") +
             "scales: [{per: group, bits: 8, kind: fp8_e4m3}]\ntensor_scale: true\n");
    EXPECT_EQ(nvfp4.code.kind, CodeKind::Float);
    EXPECT_EQ(nvfp4.code.exponent_bits, 2U);
    EXPECT_EQ(nvfp4.scales.at(0).kind, MetadataKind::Fp8E4m3);
    EXPECT_TRUE(nvfp4.tensor_scale);

    const NumberFormat asymmetric = load(replaced(kGrouped, "bits: 16}", "bits: 16, kind: bf16}") +
                                         "zero_point: 16 bits\nzero_point_kind: bf16\n");
    EXPECT_EQ(asymmetric.scales.at(0).kind, MetadataKind::Bf16);
    EXPECT_EQ(asymmetric.zero_point_kind, MetadataKind::Bf16);
    EXPECT_FALSE(asymmetric.tensor_scale);
}

TEST(FormatFile, AScaleOfAWholeColumn) {
    const std::string text = replaced(kGrouped, "group_size: 64", "group_size: column");
    EXPECT_EQ(load(text).scales.at(0).per_weights, 0U);
    EXPECT_EQ(load(replaced(text, "per: group", "per: column")).scales.at(0).per_weights, 0U);
}

TEST(FormatErrors, Groups) {
    const std::string group = "; allowed: column, or a whole number from 1 to 1048576";
    EXPECT_THAT(
        errors(replaced(kGrouped, "group_size: 64", "group_size: 0")),
        ElementsAre("f.yaml:4:13: error: key 'group_size': got '0', which is zero" + group));
    EXPECT_THAT(
        errors(replaced(kGrouped, "group_size: 64", "group_size: -64")),
        ElementsAre("f.yaml:4:13: error: key 'group_size': got '-64', which is negative" + group));
    EXPECT_THAT(
        errors(replaced(kGrouped, "group_size: 64", "group_size: 6.4")),
        ElementsAre("f.yaml:4:13: error: key 'group_size': got '6.4', which is not a whole number" +
                    group));
    EXPECT_THAT(errors(replaced(kGrouped, "group_size: 64", "group_size: [64]")),
                ElementsAre("f.yaml:4:13: error: key 'group_size': got a list" + group));
    EXPECT_THAT(
        errors(replaced(kGrouped, "group_size: 64", "group_size: row")),
        ElementsAre("f.yaml:4:13: error: key 'group_size': got 'row', which is not a number" +
                    group));
    EXPECT_THAT(errors(replaced(kGrouped, "scales: [{per: group, bits: 16}]", "")),
                ElementsAre("f.yaml:4:13: error: key 'group_size': groups need a scale: give "
                            "scales, or no group size"));
}

TEST(FormatErrors, Codes) {
    const std::string fields =
        "; allowed: a list of 1 to 16 bit widths, each a whole number from 1 to 16";
    EXPECT_THAT(errors(replaced(kGrouped, "[4, 3]", "4")),
                ElementsAre("f.yaml:3:16: error: key 'code.fields': got '4'" + fields));
    EXPECT_THAT(errors(replaced(kGrouped, "[4, 3]", "[]")),
                ElementsAre("f.yaml:3:16: error: key 'code.fields': got a list of 0" + fields));
    EXPECT_THAT(
        errors(replaced(kGrouped, "[4, 3]", "[4, 0]")),
        ElementsAre("f.yaml:3:20: error: key 'code.fields[1]': got '0', which is zero" + fields));
    EXPECT_THAT(errors(replaced(kGrouped, "[4, 3]", "[4, 3 bits]")),
                ElementsAre("f.yaml:3:20: error: key 'code.fields[1]': got '3 bits', but a plain "
                            "number has no unit such as 'bits'" +
                            fields));
    EXPECT_THAT(errors(replaced(kGrouped, "[4, 3]", "[4, [3]]")),
                ElementsAre("f.yaml:3:20: error: key 'code.fields[1]': got a list" + fields));
    EXPECT_THAT(errors(replaced(kGrouped, "[4, 3]", "[4, 9]")),
                ElementsAre("f.yaml:3:20: error: key 'code.fields[1]': a 9-bit code does not fit "
                            "an operand of 8 bits"));
    EXPECT_THAT(
        errors(replaced(kGrouped, "{fields: [4, 3]}", "{fields: [4, 3], radix: [11, 11]}")),
        ElementsAre("f.yaml:3:7: error: key 'code': both fields and radix are given; keep one"));
    EXPECT_THAT(errors(replaced(kGrouped, "code: {fields: [4, 3]}\n", "")),
                ElementsAre("f.yaml:1:1: error: key 'code': neither fields nor radix is given"));
    EXPECT_THAT(
        errors(replaced(kGrouped, "fields: [4, 3]", "radix: [256, 256, 2]")),
        ElementsAre(
            "f.yaml:3:15: error: key 'code.radix': a symbol has more than 65536 values (16 bits)"));
}

TEST(FormatErrors, Scales) {
    const std::string scales =
        "; allowed: a list of 0 to 4 scales, each {per: group, column or a number of weights, "
        "bits: 1 to 32, and if need be kind: fp16, bf16, fp32, fp8_e4m3, power_of_two or integer}";
    const auto with = [&](const std::string& list) {
        return errors(replaced(kGrouped, "[{per: group, bits: 16}]", list));
    };
    EXPECT_THAT(with("16"), ElementsAre("f.yaml:5:9: error: key 'scales': got '16'" + scales));
    EXPECT_THAT(with("[16]"),
                ElementsAre("f.yaml:5:10: error: key 'scales[0]': got '16'" + scales));
    EXPECT_THAT(
        with("[{per: group}]"),
        ElementsAre("f.yaml:5:10: error: key 'scales[0]': got a map without 'bits'" + scales));
    EXPECT_THAT(
        with("[{per: group, bits: 0}]"),
        ElementsAre("f.yaml:5:29: error: key 'scales[0].bits': got '0', which is zero" + scales));
    EXPECT_THAT(
        with("[{per: grop, bits: 16}]"),
        ElementsAre("f.yaml:5:16: error: key 'scales[0].per': got 'grop', which is not a number" +
                    scales));
    EXPECT_THAT(with("[{per: group, bit: 16}]"),
                ElementsAre("f.yaml:5:28: error: key 'scales[0].bit': got '16' for an unknown key" +
                            scales + "; did you mean 'bits'?"));
    EXPECT_THAT(with("[{per: 32, bits: 16}]"),
                ElementsAre("f.yaml:5:10: error: key 'scales[0].per': the innermost scale covers "
                            "one group (64 weights)"));
    EXPECT_THAT(
        with("[{per: group, bits: 16}, {per: 96, bits: 16}]"),
        ElementsAre(
            "f.yaml:5:34: error: key 'scales[1].per': each scale must cover a whole multiple (2 or "
            "more) of the weights of the scale before it: the innermost comes first"));
}

TEST(FormatErrors, ZeroPoints) {
    EXPECT_THAT(errors(kGrouped + "zero_point: 16\n"),
                ElementsAre("f.yaml:6:13: error: key 'zero_point': got '16', which has no unit; "
                            "allowed: none, or a width (bits) from 1 bit to 32 bits"));
    EXPECT_THAT(errors("kind: format\nname: f\ncode: {fields: [4]}\nzero_point: 16 bits\n"),
                ElementsAre("f.yaml:4:13: error: key 'zero_point': a zero point needs a scale"));
}

TEST(FormatErrors, WhatTheBitsMean) {
    const std::string scales = "scales: [{per: group, bits: 8, kind: power_of_two}]\n";
    EXPECT_THAT(errors(kFloat + scales), IsEmpty());
    EXPECT_THAT(
        errors(replaced(kFloat, "[4]", "[5]") + scales),
        ElementsAre("f.yaml:3:29: error: key 'code.fields': no such floating-point code: one field "
                    "of 4 (E2M1), 6 (E2M3, E3M2), 8 (E4M3, E5M2) or 16 bits (FP16, or BF16 with an "
                    "exponent of 8)"));
    EXPECT_THAT(errors(replaced(kFloat, "[4]", "[4], exponent_bits: 9") + scales),
                ElementsAre("f.yaml:3:49: error: key 'code.exponent_bits': got '9', which is too "
                            "large; allowed: a whole number from 1 to 8"));
    EXPECT_THAT(errors(replaced(kGrouped, "[4, 3]", "[4, 3], exponent_bits: 2")),
                ElementsAre("f.yaml:3:39: error: key 'code.exponent_bits': only a floating-point "
                            "code has an exponent"));
    EXPECT_THAT(
        errors(kFloat + replaced(scales, "power_of_two", "powr_of_two")),
        ElementsAre("f.yaml:5:38: error: key 'scales[0].kind': got 'powr_of_two'; allowed: "
                    "a list of 0 to 4 scales, each {per: group, column or a number of weights, "
                    "bits: 1 to 32, and if need "
                    "be kind: fp16, bf16, fp32, fp8_e4m3, power_of_two or integer}; did you "
                    "mean 'power_of_two'?"));
    EXPECT_THAT(
        errors(kFloat + replaced(scales, "bits: 8", "bits: 9")),
        ElementsAre("f.yaml:5:10: error: key 'scales[0].bits': 9 bits; power-of-two has 8"));
    EXPECT_THAT(
        errors(kFloat + scales + "zero_point_kind: fp16\n"),
        ElementsAre("f.yaml:6:18: error: key 'zero_point_kind': there is no zero_point to be "
                    "of a kind"));
    EXPECT_THAT(errors(kGrouped + "zero_point: 6 bits\n"),
                ElementsAre("f.yaml:6:13: error: key 'zero_point': 6 bits; the codes' common grid "
                            "has 105 steps to point at"));
    EXPECT_THAT(errors(replaced(kGrouped, "[4, 3]", "[8, 4]")),
                ElementsAre("f.yaml:3:16: error: key 'code.fields': the codes' common grid goes "
                            "from -1016 to 889; an INT8 operand holds -128 to 127"));
}

TEST(FormatJson, IsAFileThatGivesTheSameFormat) {
    for (const std::string& text :
         {kGrouped + "zero_point: 8 bits\n",
          replaced(kGrouped, "fields: [4, 3]", "radix: [11, 11]"),
          replaced(kGrouped, "64", "column"),
          std::string("kind: format\nname: f\ncode: {fields: [8]}\n"),
          kFloat + "scales: [{per: group, bits: 8, kind: fp8_e4m3}]\ntensor_scale: true\n",
          std::string("kind: format\nname: f\ncode: {kind: float, fields: [16], exponent_bits: 8}\n"
                      "operand: fp16\n"),
          replaced(kGrouped, "bits: 16}]",
                   "bits: 6}, {per: 256, bits: 4}, {per: column, bits: 16}]")}) {
        const std::string json = effective_json(load(text)).dump();
        EXPECT_EQ(effective_json(load(json)).dump(), json);
    }
    EXPECT_EQ(
        effective_json(load(kGrouped)).dump(),
        R"({"kind":"format","name":"f","code":{"kind":"integer","fields":[4,3]},"packing":"dense",)"
        R"("group_size":64,"scales":[{"per":"group","bits":16,"kind":"fp16"}],"zero_point":"none",)"
        R"("tensor_scale":false,"layout":"inline","operand":"int8"})");
}

TEST(FormatJson, OfEqualFormatsIsEqual) {
    EXPECT_EQ(effective_json(load(kGrouped + "zero_point: 16 bits\n")),
              effective_json(load(replaced(kGrouped, "bits: 16}", "bits: 16, kind: fp16}") +
                                  "zero_point: 16 bits\nzero_point_kind: fp16\n")));
}

}  // namespace
}  // namespace lpusim
