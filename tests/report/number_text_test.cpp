#include "sim/report/number_text.h"

#include <limits>

#include <gtest/gtest.h>

namespace lpusim {
namespace {

TEST(NumberText, Counts) {
    EXPECT_EQ(count_text(0), "0");
    EXPECT_EQ(count_text(999), "999");
    EXPECT_EQ(count_text(1'000), "1,000");
    EXPECT_EQ(count_text(424'531'120), "424,531,120");
    EXPECT_EQ(count_text(std::numeric_limits<std::uint64_t>::max()), "18,446,744,073,709,551,615");
}

TEST(NumberText, Reals) {
    EXPECT_EQ(real_text(2.15665, 4), "2.157");
    EXPECT_EQ(real_text(12345.6, 4), "12,346");
    EXPECT_EQ(real_text(0.000431, 4), "0.0004310");
    EXPECT_EQ(real_text(0, 4), "0.000");
    EXPECT_EQ(real_text(-1234.5, 5), "-1,234.5");
    EXPECT_EQ(real_text(std::numeric_limits<double>::infinity(), 4), "–");
}

TEST(NumberText, BytesInBothUnits) {
    EXPECT_EQ(decimal_bytes_text(Bytes(37'187'500'000)), "37.19 GB");
    EXPECT_EQ(binary_bytes_text(Bytes(37'187'500'000), Bytes(37'187'500'000)), "34.63 GiB");
    EXPECT_EQ(decimal_bytes_text(Bytes(999)), "999 B");
    EXPECT_EQ(decimal_bytes_text(Bytes(0)), "0 B");
    EXPECT_EQ(decimal_bytes_text(Bytes(1'000)), "1.000 kB");
    EXPECT_EQ(binary_bytes_text(Bytes(1'023), Bytes(1'023)), "1023 B");
}

TEST(NumberText, FiguresBesideEachOtherShareUnitAndDecimals) {
    EXPECT_EQ(decimal_bytes_text(Bytes(940'000'000), Bytes(1'200'000'000)), "0.940 GB");
    EXPECT_EQ(seconds_text(0.00094, 0.00125), "0.940 ms");
    EXPECT_EQ(seconds_text(0.00125, 0.00125), "1.250 ms");
}

TEST(NumberText, TimesRatesAndFrequencies) {
    EXPECT_EQ(seconds_text(0.4637, 0.4637), "463.7 ms");
    EXPECT_EQ(seconds_text(3.2e-6, 3.2e-6), "3.200 µs");
    EXPECT_EQ(seconds_text(12.5, 12.5), "12.50 s");
    EXPECT_EQ(rate_text(79'998'312'000.0), "79.9983 GB/s");
    EXPECT_EQ(rate_text(80e12), "80 TB/s");
    EXPECT_EQ(frequency_text(Hertz(915'500'000)), "915.5 MHz");
    EXPECT_EQ(frequency_text(Hertz(1'000'000'000)), "1 GHz");
}

TEST(NumberText, SharesTellALittleFromNothing) {
    EXPECT_EQ(percent_text(0.98714), "98.7");
    EXPECT_EQ(percent_text(1), "100.0");
    EXPECT_EQ(percent_text(0.0004), "<0.1");
    EXPECT_EQ(percent_text(0.0005), "0.1");
    EXPECT_EQ(percent_text(0), "0.0");
}

}  // namespace
}  // namespace lpusim
