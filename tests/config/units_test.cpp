#include "sim/config/units.h"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace lpusim::config {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

struct Measured {
    std::string text;
    Dimension dimension;
    std::uint64_t value;
};

TEST(ParseMeasure, IsExact) {
    const std::vector<Measured> cases = {
        {"0.9155 GHz", Dimension::Frequency, 915'500'000},
        {"915.5 MHz", Dimension::Frequency, 915'500'000},
        {"0.000000001 GHz", Dimension::Frequency, 1},
        {"80 GB/s", Dimension::Bandwidth, 80'000'000'000},
        {"80 TB/s", Dimension::Bandwidth, 80'000'000'000'000},
        {"76.8 GB/s", Dimension::Bandwidth, 76'800'000'000},
        {"1.5 KiB/s", Dimension::Bandwidth, 1536},
        {"230 MB", Dimension::Size, 230'000'000},
        {"220 MiB", Dimension::Size, 230'686'720},
        {"2.5 MiB", Dimension::Size, 2'621'440},
        {"32.6 GB", Dimension::Size, 32'600'000'000},
        {"0.0009765625 KiB", Dimension::Size, 1},
        {"20480 B", Dimension::Size, 20'480},
        {"1.500 kB", Dimension::Size, 1'500},
        {"18446744073709551615 B", Dimension::Size, kMax},
        {"40 cycles", Dimension::Duration, 40},
        {"1 cycle", Dimension::Duration, 1},
        {"40cycles", Dimension::Duration, 40},
        {"28160 B/cycle", Dimension::PortRate, 28'160},
        {"16 bits", Dimension::Width, 16},
        {"90 s", Dimension::Time, 90},
        {"1.5 h", Dimension::Time, 5'400},
        {"2 d", Dimension::Time, 172'800},
    };
    for (const Measured& c : cases)
        EXPECT_EQ(parse_measure(c.text, c.dimension), c.value) << c.text;
}

std::string why_bad(const std::string& text, Dimension dimension) {
    try {
        parse_measure(text, dimension);
    } catch (const BadValue& bad) {
        return bad.what() + (bad.suggestion.empty() ? "" : " -> " + bad.suggestion);
    }
    return "good";
}

TEST(ParseMeasure, SaysWhatIsWrong) {
    EXPECT_EQ(why_bad("80", Dimension::Bandwidth), ", which has no unit");
    EXPECT_EQ(why_bad("80 GHz", Dimension::Bandwidth), ", where the unit 'GHz' does not fit");
    EXPECT_EQ(why_bad("80 gb/s", Dimension::Bandwidth),
              ", where the unit 'gb/s' does not fit -> GB/s");
    EXPECT_EQ(why_bad("80 Gbit/s", Dimension::Bandwidth), ", where the unit 'Gbit/s' does not fit");
    EXPECT_EQ(why_bad("-80 GB/s", Dimension::Bandwidth), ", which is negative");
    EXPECT_EQ(why_bad("fast", Dimension::Bandwidth), ", which is not a number");
    EXPECT_EQ(why_bad(".nan", Dimension::Bandwidth), ", which is not a number");
    EXPECT_EQ(why_bad("nan GB/s", Dimension::Bandwidth), ", which is not a number");
    EXPECT_EQ(why_bad("inf GB/s", Dimension::Bandwidth), ", which is not a number");
    EXPECT_EQ(why_bad("-.inf", Dimension::Bandwidth), ", which is not a number");
    EXPECT_EQ(why_bad("", Dimension::Bandwidth), ", which is not a number");
    EXPECT_EQ(why_bad("1e9 B/s", Dimension::Bandwidth), ", which is not a plain decimal number");
    EXPECT_EQ(why_bad("1,000 B/s", Dimension::Bandwidth), ", which is not a plain decimal number");
    EXPECT_EQ(why_bad("0x10 B", Dimension::Size), ", which is not a plain decimal number");
    EXPECT_EQ(why_bad("1.2.3 B", Dimension::Size), ", which is not a plain decimal number");
    EXPECT_EQ(why_bad("1. B", Dimension::Size), ", which is not a plain decimal number");
    EXPECT_EQ(why_bad("010 B", Dimension::Size), ", which begins with a zero");
    EXPECT_EQ(why_bad("1.5 B", Dimension::Size), ", which is not a whole number of B");
    EXPECT_EQ(why_bad("0.3 KiB", Dimension::Size), ", which is not a whole number of B");
    EXPECT_EQ(why_bad("1.5 cycles", Dimension::Duration),
              ", which is not a whole number of cycles");
    EXPECT_EQ(why_bad("18446744073709551616 B", Dimension::Size), ", which is too large");
    EXPECT_EQ(why_bad("99999999999 TB", Dimension::Size), ", which is too large");
    EXPECT_EQ(why_bad(std::string(1000, '9') + " B", Dimension::Size), ", which is too large");
    EXPECT_EQ(why_bad("0.00000000000000000001 TB", Dimension::Size),
              ", which has too many decimals");
    EXPECT_EQ(why_bad("18446744073709551615.5 kB", Dimension::Size), ", which has too many digits");
}

TEST(ParseCount, TakesWholeNumbersWithoutUnit) {
    EXPECT_EQ(parse_count("0"), 0U);
    EXPECT_EQ(parse_count("64.0"), 64U);
    EXPECT_THROW(parse_count("64 B"), BadValue);
    EXPECT_THROW(parse_count("6.4"), BadValue);
    EXPECT_THROW(parse_count("true"), BadValue);
}

TEST(Percent, IsAnExactFraction) {
    EXPECT_EQ(parse_percent("5 %"), (Fraction{1, 20}));
    EXPECT_EQ(parse_percent("100 %"), (Fraction{1, 1}));
    EXPECT_EQ(parse_percent("87.65%"), (Fraction{1753, 2000}));
    EXPECT_EQ(print_percent({1753, 2000}), "87.65 %");
    EXPECT_EQ(print_percent({1, 1}), "100 %");
    EXPECT_THROW(parse_percent("0.95"), BadValue);
    EXPECT_THROW(print_percent({1, 3}), std::invalid_argument);
}

TEST(PrintMeasure, TakesTheShortestExactText) {
    EXPECT_EQ(print_measure(915'500'000, Dimension::Frequency), "915.5 MHz");
    EXPECT_EQ(print_measure(1'000'000'000, Dimension::Frequency), "1 GHz");
    EXPECT_EQ(print_measure(230'686'720, Dimension::Size), "220 MiB");
    EXPECT_EQ(print_measure(80'000'000'000'000, Dimension::Bandwidth), "80 TB/s");
    EXPECT_EQ(print_measure(64, Dimension::Size), "64 B");
    EXPECT_EQ(print_measure(0, Dimension::Duration), "0 cycles");
    EXPECT_EQ(print_measure(1, Dimension::Duration), "1 cycle");
    EXPECT_EQ(print_measure(kMax, Dimension::Size), "18446744073709551615 B");
}

RC_GTEST_PROP(PrintMeasure, IsReadBackExactly, ()) {
    const auto dimension =
        *rc::gen::element(Dimension::Frequency, Dimension::Bandwidth, Dimension::Size,
                          Dimension::Duration, Dimension::PortRate, Dimension::Width);
    const auto value = *rc::gen::arbitrary<std::uint64_t>();
    // Rounder numbers take other units.
    for (const std::uint64_t v : {value, value / 1000 * 1000, value >> 20U << 20U, value % 4096}) {
        RC_ASSERT(parse_measure(print_measure(v, dimension), dimension) == v);
    }
}

RC_GTEST_PROP(Percent, IsReadBackExactly, ()) {
    const auto digits = *rc::gen::inRange<std::uint64_t>(1, 10'000'000);
    const Fraction fraction = reduced(digits, 10'000'000);
    RC_ASSERT(parse_percent(print_percent(fraction)) == fraction);
}

}  // namespace
}  // namespace lpusim::config
