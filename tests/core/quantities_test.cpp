#include "hw_models/core/quantities.h"

#include <algorithm>
#include <type_traits>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace lpusim {
namespace {

__extension__ using Wide = unsigned __int128;

/// The whole range from the first case on: rapidcheck would start with the smallest values.
std::uint64_t pick(std::uint64_t begin, std::uint64_t end) {
    return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(begin, end));
}

constexpr Fraction kAlways{1, 1};

TEST(Quantity, CountsWithoutMixingUnits) {
    EXPECT_EQ((Bytes(3) + Bytes(4)).count(), 7U);
    EXPECT_EQ((Bytes(9) - Bytes(4)).count(), 5U);
    EXPECT_EQ((3 * Bytes(4)).count(), 12U);
    EXPECT_LT(Cycles(3), Cycles(4));
    EXPECT_LT(Cycles(~std::uint64_t{0} - 1), kNever);
    static_assert(!std::is_convertible_v<Bytes, Cycles>);
    static_assert(!std::is_convertible_v<std::uint64_t, Bytes>);
    static_assert(!std::is_convertible_v<Bytes, std::uint64_t>);
}

TEST(Quantity, RoundsUp) {
    EXPECT_EQ(ceil_div(0, 7), 0U);
    EXPECT_EQ(ceil_div(7, 7), 1U);
    EXPECT_EQ(ceil_div(8, 7), 2U);
    EXPECT_EQ(ceil_div(~std::uint64_t{0}, 2), std::uint64_t{1} << 63);
    EXPECT_EQ(round_up(13, 4), 16U);
    EXPECT_EQ(round_up(16, 4), 16U);
}

TEST(Fraction, ReducesToLowestTerms) {
    EXPECT_EQ(reduced(12, 18), (Fraction{2, 3}));
    EXPECT_EQ(reduced(0, 5), (Fraction{0, 1}));
    EXPECT_EQ(reduced(5, 1), (Fraction{5, 1}));
}

TEST(BytesPerCycle, DeliversTheFloorOfTheExactProduct) {
    const BytesPerCycle rate{{1835, 21}};
    EXPECT_EQ(rate.after(Cycles(0)), Bytes(0));
    EXPECT_EQ(rate.after(Cycles(1)), Bytes(87));     // 87.38
    EXPECT_EQ(rate.after(Cycles(3)), Bytes(262));    // 262.14
    EXPECT_EQ(rate.after(Cycles(21)), Bytes(1835));  // a whole period
    // 21 does not divide 10^9: 10^9 x 1835 / 21 = 87'380'952'380.95
    EXPECT_EQ(rate.after(Cycles(1'000'000'000)), Bytes(87'380'952'380));
    // 2^63 x 1835 needs more than 64 bits.
    const BytesPerCycle half{{1835, 3670}};
    EXPECT_EQ(half.after(Cycles(std::uint64_t{1} << 63)), Bytes(std::uint64_t{1} << 62));
}

RC_GTEST_PROP(BytesPerCycle, CyclesForIsTheInverseOfAfter, ()) {
    const BytesPerCycle rate{reduced(pick(1, 100'000), pick(1, 100'000))};
    const Bytes bytes(pick(1, 1'000'000'000));
    const Cycles cycles = rate.cycles_for(bytes);
    RC_ASSERT(rate.after(cycles) >= bytes);
    RC_ASSERT(rate.after(cycles - Cycles(1)) < bytes);
}

TEST(SnapRate, KeepsThePublishedBandwidthWithin50PpmIn21Phases) {
    // 80 GB/s at 915.5 MHz = 160000/1831 B/cycle; 160000 x 21 - 1835 x 1831 = 115, and 115 /
    // 3'360'000 = 34.2 ppm.
    const auto snapped = snap_rate(BytesPerSecond(80'000'000'000), Hertz(915'500'000), kAlways);
    ASSERT_TRUE(snapped);
    EXPECT_EQ(snapped->rate.ratio, (Fraction{1835, 21}));
    EXPECT_NEAR(snapped->deviation_ppm, 115.0 / 3.36, 1e-9);
}

TEST(SnapRate, LeavesSimpleRatiosExact) {
    struct Case {
        std::uint64_t bandwidth = 0;
        std::uint64_t clock = 0;
        Fraction duty;
        Fraction expected;
    };
    const Case cases[] = {
        {16'000'000'000, 1'000'000'000, {1, 1}, {16, 1}},
        {80'000'000'000, 1'000'000'000, {9, 10}, {72, 1}},
        {50'000'000'000, 2'000'000'000, {1, 3}, {25, 3}},
        {10, 1'000'000'000, {1, 1}, {1, 100'000'000}},
        {1'000'000'000, 3'000'000'000, {1, 1}, {1, 3}},
    };
    for (const Case& c : cases) {
        const auto snapped = snap_rate(BytesPerSecond(c.bandwidth), Hertz(c.clock), c.duty);
        ASSERT_TRUE(snapped);
        EXPECT_EQ(snapped->rate.ratio, c.expected) << c.bandwidth << " B/s at " << c.clock << " Hz";
        EXPECT_EQ(snapped->deviation_ppm, 0.0);
    }
}

TEST(SnapRate, TakesExtremeBandwidths) {
    // 80 TB/s at 915.5 MHz = 87'383.94 B/cycle: 43'691 / 0.5 ppm are 4 B, so a whole number is
    // close enough.
    const auto fast = snap_rate(BytesPerSecond(80'000'000'000'000), Hertz(915'500'000), kAlways);
    ASSERT_TRUE(fast);
    EXPECT_EQ(fast->rate.ratio, (Fraction{87'383, 1}));
    // 10 B/s: 91'550'000 cycles per byte, exactly.
    const auto slow = snap_rate(BytesPerSecond(10), Hertz(915'500'000), kAlways);
    ASSERT_TRUE(slow);
    EXPECT_EQ(slow->rate.ratio, (Fraction{1, 91'550'000}));
}

TEST(SnapRate, SaysWhenTheExactRatioDoesNotFit) {
    // Nothing to cancel, and 2^63 x 10^6 exceeds 64 bits.
    EXPECT_FALSE(snap_rate(BytesPerSecond((std::uint64_t{1} << 63) - 1), Hertz(1), kAlways));
}

TEST(SnapRate, HasNoRateForZeros) {
    EXPECT_FALSE(snap_rate(BytesPerSecond(0), Hertz(1), kAlways));
    EXPECT_FALSE(snap_rate(BytesPerSecond(1), Hertz(0), kAlways));
    EXPECT_FALSE(snap_rate(BytesPerSecond(0), Hertz(0), kAlways));
    EXPECT_FALSE(snap_rate(BytesPerSecond(1), Hertz(1), {0, 1}));
}

struct Asked {
    std::uint64_t num;
    std::uint64_t den;
};

/// num/den is at most 50 ppm below asked, and not above it.
bool close_enough(Asked asked, Wide num, Wide den) {
    if (num * asked.den > asked.num * den) return false;
    // Below one byte per cycle it is the cycles per byte that may grow by 50 ppm.
    const bool below_one = asked.num < asked.den;
    const Wide lhs = num * asked.den * (below_one ? 1'000'050 : 1'000'000);
    const Wide rhs = asked.num * den * (below_one ? 1'000'000 : 999'950);
    return lhs >= rhs;
}

/// By brute force: the smallest denominator of bytes per cycle, or from below 1 B/cycle of cycles
/// per byte.
std::uint64_t smallest_denominator(Asked asked) {
    for (std::uint64_t n = 1;; ++n) {
        const bool below_one = asked.num < asked.den;
        const Wide bytes = below_one ? n : Wide{asked.num} * n / asked.den;
        const Wide cycles = below_one ? (Wide{asked.den} * n + asked.num - 1) / asked.num : Wide{n};
        if (close_enough(asked, bytes, cycles)) return n;
    }
}

void check_snap(BytesPerSecond bandwidth, Hertz clock) {
    const auto snapped = snap_rate(bandwidth, clock, kAlways);
    RC_ASSERT(snapped.has_value());
    const Asked asked{bandwidth.count(), clock.count()};
    const Fraction got = snapped->rate.ratio;
    RC_ASSERT(close_enough(asked, got.num, got.den));
    RC_ASSERT((asked.num < asked.den ? got.num : got.den) == smallest_denominator(asked));
    RC_ASSERT(got == reduced(got.num, got.den));
    const double wanted = static_cast<double>(asked.num) / static_cast<double>(asked.den);
    const double effective = static_cast<double>(got.num) / static_cast<double>(got.den);
    RC_ASSERT(snapped->deviation_ppm >= 0);
    RC_ASSERT(snapped->deviation_ppm <= 50);
    RC_ASSERT(std::abs((wanted - effective) / wanted * 1e6 - snapped->deviation_ppm) < 1e-6);
}

RC_GTEST_PROP(SnapRate, FindsTheSmallestDenominatorWithin50Ppm, ()) {
    check_snap(BytesPerSecond(pick(1'000, 200'000) * 1'000'000),
               Hertz(pick(100, 20'000) * 100'000 + pick(0, 3)));
}

RC_GTEST_PROP(SnapRate, BelowOneBytePerCycleToo, ()) {
    check_snap(BytesPerSecond(pick(1, 1'000'000)), Hertz(pick(1'000'000, 2'000'000'000)));
}

}  // namespace
}  // namespace lpusim
