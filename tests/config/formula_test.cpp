#include "sim/config/formula.h"

#include <cmath>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/config/units.h"

namespace lpusim::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

double value_of(const std::string& text, const std::map<std::string, double>& quantities = {}) {
    return Formula::parse(text).evaluate(
        [&](const std::string& name) { return quantities.at(name); });
}

TEST(Formula, Calculates) {
    EXPECT_DOUBLE_EQ(value_of("1 + 2 * 3"), 7);
    EXPECT_DOUBLE_EQ(value_of("(1 + 2) * 3"), 9);
    EXPECT_DOUBLE_EQ(value_of("12 / 3 / 2"), 2);
    EXPECT_DOUBLE_EQ(value_of("7 - 2 - 1"), 4);
    EXPECT_DOUBLE_EQ(value_of("-2 * -3"), 6);
    EXPECT_DOUBLE_EQ(value_of("2 - -1"), 3);
    EXPECT_DOUBLE_EQ(value_of("70e9 * 4.25 / 8"), 37.1875e9);
    EXPECT_DOUBLE_EQ(value_of("sqrt(2 / pi)"), std::sqrt(2 / 3.14159265358979323846));
    EXPECT_DOUBLE_EQ(value_of("min(3, 2) + max(3, 2) * 10"), 32);
    EXPECT_FALSE(std::isfinite(value_of("1 / 0")));
}

TEST(Formula, TakesUnitsWithTheirNumbers) {
    EXPECT_DOUBLE_EQ(value_of("34.63 GiB / 80 GB/s"), 34.63 * 1073741824 / 80e9);
    EXPECT_DOUBLE_EQ(value_of("2 GB/s * 3 ms"), 6e6);
    EXPECT_DOUBLE_EQ(value_of("20480 B * 900 MHz"), 18.432e12);
    EXPECT_NEAR(value_of("5 % + 1 KiB - 1 kB"), 24.05, 1e-9);
    EXPECT_DOUBLE_EQ(value_of("1 GiB / 1 GiB/s"), 1);
    // Without a blank as well, and a unit ends where a name would go on.
    EXPECT_DOUBLE_EQ(value_of("3ms"), 0.003);
    EXPECT_THROW(value_of("3 msx"), BadValue);
}

TEST(Formula, NamesQuantities) {
    const Formula formula = Formula::parse("a.x / b.y_2 - a.x");
    EXPECT_THAT(formula.names(), ElementsAre("a.x", "b.y_2"));
    EXPECT_DOUBLE_EQ(value_of("a.x / b.y_2 - a.x", {{"a.x", 6}, {"b.y_2", 4}}), -4.5);
}

TEST(Formula, SaysWhatIsWrong) {
    const auto error_of = [](const std::string& text) -> std::string {
        try {
            Formula::parse(text);
        } catch (const BadValue& bad) {
            return bad.what();
        }
        return "no error";
    };
    EXPECT_THAT(error_of(""), HasSubstr("ends where a value is wanted"));
    EXPECT_THAT(error_of("1 +"), HasSubstr("ends where a value is wanted"));
    EXPECT_THAT(error_of("(1"), HasSubstr("a ')' is missing"));
    EXPECT_THAT(error_of("1 2"), HasSubstr("goes on with '2'"));
    EXPECT_THAT(error_of("1 ) 2"), HasSubstr("goes on with ') 2'"));
    EXPECT_THAT(error_of("abc"), HasSubstr("'abc' is no quantity"));
    EXPECT_THAT(error_of("log(2)"), HasSubstr("'log' is no function"));
    EXPECT_THAT(error_of("min(2)"), HasSubstr("min() lacks a ','"));
    EXPECT_THAT(error_of("min(2, 3"), HasSubstr("min() lacks its ')'"));
    EXPECT_THAT(error_of("1e999"), HasSubstr("out of range"));
    EXPECT_THAT(error_of("*2"), HasSubstr("'*' is no value"));
    EXPECT_THAT(error_of(std::string(100'000, '(')), HasSubstr("nested too deeply"));
    EXPECT_THAT(error_of(std::string(100'000, '-')), HasSubstr("nested too deeply"));
}

}  // namespace
}  // namespace lpusim::config
