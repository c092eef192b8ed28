#include "sim/sweep/expression.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lpusim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Expression::Types kTypes = {{"batch", ValueType::Number},
                                  {"unpack.lanes", ValueType::Number},
                                  {"bandwidth", ValueType::Number},
                                  {"rmse", ValueType::Number},
                                  {"format", ValueType::Text}};

FigureValue lookup(const std::string& name) {
    if (name == "format") return std::string("int4-g64");
    if (name == "batch") return 4.0;
    if (name == "unpack.lanes") return 256.0;
    if (name == "bandwidth") return 80e9;
    return std::nan("");
}

bool holds(const std::string& text) { return Expression(text, kTypes).holds(lookup); }

std::string error_of(const std::string& text) {
    try {
        Expression(text, kTypes);
    } catch (const ExpressionError& e) {
        return e.what();
    }
    return "no error";
}

TEST(Expression, Compares) {
    EXPECT_TRUE(holds("batch == 4"));
    EXPECT_FALSE(holds("batch != 4"));
    EXPECT_TRUE(holds("batch<5"));
    EXPECT_FALSE(holds("batch < 4"));
    EXPECT_TRUE(holds("batch <= 4"));
    EXPECT_TRUE(holds("batch >= 4"));
    EXPECT_FALSE(holds("batch > 4"));
    EXPECT_TRUE(holds("format == 'int4-g64'"));
    EXPECT_TRUE(holds("format != \"w3p5-g64\""));
}

TEST(Expression, NumbersMayHaveUnits) {
    EXPECT_TRUE(holds("bandwidth == 80 GB/s"));
    EXPECT_TRUE(holds("bandwidth == 80GB/s"));
    EXPECT_TRUE(holds("bandwidth < 0.1 TB/s"));
    EXPECT_TRUE(holds("bandwidth == 40 GB/s * 2"));
    EXPECT_TRUE(holds("batch / 8 == 50 %"));
    EXPECT_TRUE(holds("unpack.lanes == 0.25 KiB"));
}

TEST(Expression, BindsAsExpected) {
    EXPECT_TRUE(holds("batch + 2 * 3 == 10"));
    EXPECT_TRUE(holds("(batch + 2) * 3 == 18"));
    EXPECT_TRUE(holds("10 - 4 - 3 == 3"));
    EXPECT_TRUE(holds("16 / 4 / 2 == 2"));
    EXPECT_TRUE(holds("-batch == 0 - 4"));
    EXPECT_TRUE(holds("batch == 1 or batch == 4 and unpack.lanes == 256"));
    EXPECT_FALSE(holds("(batch == 1 or batch == 4) and unpack.lanes == 1"));
    EXPECT_TRUE(holds("not batch == 1 and not (batch == 2 or batch == 3)"));
}

TEST(Expression, NothingHoldsOfWhatIsNoNumber) {
    EXPECT_FALSE(holds("rmse < 1"));
    EXPECT_FALSE(holds("rmse >= 1"));
    EXPECT_FALSE(holds("rmse == rmse"));
}

TEST(Expression, KnowsItsNames) {
    const Expression expression("batch > 1 and (unpack.lanes > batch)", kTypes);
    EXPECT_THAT(expression.names(), ElementsAre("batch", "unpack.lanes"));
}

TEST(Expression, SaysWhatIsWrong) {
    EXPECT_EQ(error_of("bacth == 1"), "unknown name 'bacth'; did you mean 'batch'?");
    EXPECT_THAT(error_of("zzzzzzz == 1"), HasSubstr("allowed: bandwidth, batch, format, rmse or"));
    EXPECT_EQ(error_of("format == 1"), "a text is compared with a number");
    EXPECT_EQ(error_of("batch = 1"), "'=' is no comparison; did you mean '=='?");
    EXPECT_EQ(error_of("batch"), "the whole is a number, where a condition is needed");
    EXPECT_EQ(error_of("(batch == 1"), "the end stands where ')' is expected");
    EXPECT_EQ(error_of("batch == 1 batch"), "'batch' is not expected here");
    EXPECT_EQ(error_of("batch =="), "it ends where a figure is expected");
    EXPECT_EQ(error_of("format == 'x"), "a text has no closing quote");
    EXPECT_EQ(error_of("format + 1 == 2"),
              "what is calculated with is a text, where a number is "
              "needed");
    EXPECT_EQ(error_of("batch and batch == 1"),
              "what stands before 'and' is a number, where a condition is needed");
    EXPECT_EQ(error_of("batch == 1.2.3"), "'1.2.3' is no number");
    EXPECT_EQ(error_of("batch == $"), "'$' is no figure");
    EXPECT_EQ(error_of(std::string(200, '(')), "it is nested too deeply");
    EXPECT_EQ(error_of(""), "it ends where a figure is expected");
}

}  // namespace
}  // namespace lpusim
