#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/numerics/formats.h"

namespace lpusim {
namespace {

using testing::ElementsAre;

std::vector<std::string> texts(const NumberFormat& format) {
    std::vector<std::string> lines;
    for (const FormatProblem& problem : problems(format)) {
        lines.push_back(problem.key + ": " + problem.message);
    }
    return lines;
}

TEST(Problems, AreNoneForShippedFormats) {
    EXPECT_TRUE(problems(fp16()).empty());
    EXPECT_TRUE(problems(scaled(fields({4}), 0, 16, 16)).empty());
    EXPECT_TRUE(problems(padded(scaled(fields({4, 3}), 64, 16, 16))).empty());
    EXPECT_TRUE(problems(scaled(radix({11, 11}), 64, 16)).empty());
    EXPECT_TRUE(problems(q3_k_like()).empty());
}

TEST(Problems, NameTheCode) {
    EXPECT_THAT(texts(fields({})), ElementsAre("code: neither fields nor radix is given"));
    NumberFormat both = fields({4});
    both.code.radix_levels = {11};
    EXPECT_THAT(texts(both), ElementsAre("code: both fields and radix are given; keep one"));
}

TEST(Problems, NameFieldsOutOfRange) {
    NumberFormat format = fields({4, 0, 17});
    format.operand_bytes = 2;
    EXPECT_THAT(texts(format), ElementsAre("code.fields[1]: 0 bits; a field has 1 to 16 bits",
                                           "code.fields[2]: 17 bits; a field has 1 to 16 bits"));
    EXPECT_THAT(texts(fields({9})),
                ElementsAre("code.fields[0]: a 9-bit code does not fit an operand of 8 bits"));
}

TEST(Problems, NameRadixLevelsOutOfRange) {
    EXPECT_THAT(texts(radix({11, 1})),
                ElementsAre("code.radix[1]: 1 levels; a weight has 2 to 256 levels"));
    EXPECT_THAT(texts(radix({257})),
                ElementsAre("code.radix[0]: 257 levels; a weight has 2 to 256 levels"));
    EXPECT_THAT(texts(radix({256, 256, 2})),
                ElementsAre("code.radix: a symbol has more than 65536 values (16 bits)"));
    EXPECT_THAT(texts(radix(std::vector<std::uint32_t>(100, 256))),
                ElementsAre("code.radix: a symbol has more than 65536 values (16 bits)"));
}

TEST(Problems, NameScalesThatDoNotNest) {
    EXPECT_THAT(texts(scaled(fields({4}), 64, 33)),
                ElementsAre("scales[0].bits: 33 bits; a scale has 1 to 32 bits"));
    NumberFormat format = scaled(fields({4}), 16, 6);
    format.scales.push_back({40, 16});
    const char* nesting =
        "scales[1].per: each scale must cover a whole multiple (2 or more) of the weights of the "
        "scale before it: the innermost comes first";
    EXPECT_THAT(texts(format), ElementsAre(nesting));
    format.scales[1].per_weights = 16;
    EXPECT_THAT(texts(format), ElementsAre(nesting));
    format.scales[1].per_weights = 0;
    EXPECT_TRUE(texts(format).empty()) << "a column scale over groups";
    format.group_size = 0;
    format.scales = {{0, 16}, {64, 16}};
    EXPECT_THAT(texts(format), ElementsAre(nesting));
}

TEST(Problems, NameGroupsWithoutTheirScale) {
    NumberFormat format = scaled(fields({4}), 64, 16);
    format.scales[0].per_weights = 32;
    EXPECT_THAT(texts(format),
                ElementsAre("scales[0].per: the innermost scale covers one group (64 weights)"));
    format.group_size = 0;
    EXPECT_THAT(
        texts(format),
        ElementsAre("scales[0].per: the innermost scale covers one group (the whole column)"));
    format.group_size = 64;
    format.scales.clear();
    EXPECT_THAT(texts(format),
                ElementsAre("group_size: groups need a scale: give scales, or no group size"));
}

TEST(Problems, NameZeroPointAndOperand) {
    EXPECT_THAT(texts(scaled(fields({4}), 64, 16, 40)),
                ElementsAre("zero_point: 40 bits; a zero point has 0 to 32"));
    NumberFormat format = fields({4});
    format.zero_point_bits = 8;
    EXPECT_THAT(texts(format), ElementsAre("zero_point: a zero point needs a scale"));
    format = fields({4});
    format.operand_bytes = 4;
    EXPECT_THAT(texts(format), ElementsAre("operand_bytes: 4 bytes; an operand has 1 or 2"));
}

}  // namespace
}  // namespace lpusim
