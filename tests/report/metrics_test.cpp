#include "sim/report/metrics.h"

#include <gtest/gtest.h>

#include "tests/result/sample_point.h"

namespace lpusim {
namespace {

// 10^6 cycles at 10^9 Hz are 1 ms, so one user gets 1000 tokens/s.
TEST(Metrics, TimeFollowsFromCyclesAndClock) {
    const Point p = sample_point();
    EXPECT_DOUBLE_EQ(seconds_per_token(p), 0.001);
    EXPECT_DOUBLE_EQ(cold_seconds_per_token(p), 0.00125);
    EXPECT_DOUBLE_EQ(tokens_per_second(p), 1'000);
    EXPECT_DOUBLE_EQ(tokens_per_second_total(p), 1'000);
}

TEST(Metrics, ABatchGivesEachUserItsToken) {
    Point p = sample_point();
    p.batch = 8;
    EXPECT_DOUBLE_EQ(tokens_per_second(p), 1'000);
    EXPECT_DOUBLE_EQ(tokens_per_second_total(p), 8'000);
}

TEST(Metrics, SpeedUpIsTheBasesTimeOverThePoints) {
    EXPECT_DOUBLE_EQ(speed_up(sample_point(), smaller_sample_point()), 1'000'000.0 / 940'000);
    EXPECT_DOUBLE_EQ(speed_up(sample_point(), sample_point()), 1);
    Point slower_clock = sample_point();
    slower_clock.clock = Hertz(500'000'000);
    EXPECT_DOUBLE_EQ(speed_up(sample_point(), slower_clock), 0.5);
}

// 74,375,000 B * 8 / 140,000,000 weights.
TEST(Metrics, EffectiveBitsCountEverythingStored) {
    EXPECT_DOUBLE_EQ(effective_bits_per_weight(sample_point()), 4.25);
    EXPECT_DOUBLE_EQ(effective_bits_per_weight(smaller_sample_point()), 4.0);
}

// 76,000,000 B in 10^6 cycles of at most 80 B.
TEST(Metrics, StreamUtilisationIsAgainstTheEffectiveRate) {
    const Point p = sample_point();
    EXPECT_EQ(p.stream.total(), Bytes(76'000'000));
    EXPECT_DOUBLE_EQ(stream_utilisation(p), 0.95);
    EXPECT_DOUBLE_EQ(peak_stream_bytes_per_second(p), 80e9);
    EXPECT_DOUBLE_EQ(achieved_stream_bytes_per_second(p), 76e9);
}

// The published chip: 1835/21 bytes per cycle at 915.5 MHz.
TEST(Metrics, PeakOfASnappedRate) {
    Point p = sample_point();
    p.clock = Hertz(915'500'000);
    p.stream_rate.ratio = {1835, 21};
    EXPECT_NEAR(peak_stream_bytes_per_second(p), 79'997'261'904.76, 0.01);
}

// 140,000,000 of 400 * 10^6.
TEST(Metrics, MacUtilisation) { EXPECT_DOUBLE_EQ(mac_utilisation(sample_point()), 0.35); }

TEST(Metrics, BottleneckShare) { EXPECT_DOUBLE_EQ(bottleneck_busy_share(sample_point()), 0.95); }

// 70 * 10^9 weights of 4.25 bits: the two units of claims about the model's size.
TEST(Metrics, GigabytesAreNotGibibytes) {
    const Bytes bytes(37'187'500'000);
    EXPECT_DOUBLE_EQ(gigabytes(bytes), 37.1875);
    EXPECT_NEAR(gibibytes(bytes), 34.634, 0.001);
}

TEST(Metrics, NothingIsDividedByNothing) {
    const Point empty;
    EXPECT_EQ(seconds_per_token(empty), 0);
    EXPECT_EQ(tokens_per_second(empty), 0);
    EXPECT_EQ(speed_up(empty, empty), 0);
    EXPECT_EQ(effective_bits_per_weight(empty), 0);
    EXPECT_EQ(stream_utilisation(empty), 0);
    EXPECT_EQ(mac_utilisation(empty), 0);
    EXPECT_EQ(share_of(Cycles(1), Cycles(0)), 0);
}

}  // namespace
}  // namespace lpusim
