#include "hw_models/core/channel.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/support/bench.h"
#include "tests/support/channel_ends.h"

namespace lpusim::test {
namespace {

TEST(Channel, ShowsWhatIsPushedOneCycleLaterPlusItsDelay) {
    for (const std::uint64_t delay : {0U, 1U, 5U}) {
        Channel channel(10, Cycles(delay));
        EXPECT_EQ(channel.next_arrival(Cycles(7)), kNever);
        channel.push(Cycles(7), 4);
        EXPECT_EQ(channel.next_arrival(Cycles(7)), Cycles(8 + delay));
        EXPECT_EQ(channel.available(Cycles(7 + delay)), 0U);
        EXPECT_EQ(channel.available(Cycles(8 + delay)), 4U);
        EXPECT_EQ(channel.next_arrival(Cycles(8 + delay)), kNever);
    }
}

TEST(Channel, ReservesRoomOnThePush) {
    Channel channel(10, Cycles(3));
    channel.push(Cycles(0), 6);
    EXPECT_EQ(channel.room(), 4U);  // although nothing has arrived
    channel.push(Cycles(1), 4);
    EXPECT_EQ(channel.room(), 0U);
    EXPECT_EQ(channel.available(Cycles(4)), 6U);
    EXPECT_EQ(channel.available(Cycles(5)), 10U);
    channel.pop(Cycles(5), 7);
    EXPECT_EQ(channel.room(), 7U);
    EXPECT_EQ(channel.available(Cycles(6)), 3U);
}

TEST(Channel, HoldsAPushOfEachCycleOfItsDelay) {
    constexpr std::uint64_t kDelay = 6;
    Channel channel(100, Cycles(kDelay));
    for (std::uint64_t t = 0; t < 50; ++t) {
        EXPECT_EQ(channel.available(Cycles(t)), t > kDelay ? 1U : 0U);
        if (t > kDelay) channel.pop(Cycles(t), 1);
        channel.push(Cycles(t), 1);
    }
}

using ChannelTest = EachClocking;
INSTANTIATE_TEST_SUITE_P(Clocked, ChannelTest, kEachClocking, testing::PrintToStringParamName());

std::uint64_t cycles_to_move(Clocking clocking, std::uint64_t total, std::uint64_t capacity,
                             std::uint64_t delay) {
    Bench bench(clocking);
    Channel channel(capacity, Cycles(delay));
    ByteSource source(channel, total, 1);
    ByteSink sink(channel, 1);
    channel.connect(bench.attach(source), bench.attach(sink));
    bench.run();
    EXPECT_EQ(sink.received(), total);
    return sink.last_at() + 1;
}

TEST_P(ChannelTest, FullRateNeedsRoomForTwoAndWhatIsInFlight) {
    // Pushed in cycles 0..99; each is popped 1 + delay later.
    EXPECT_EQ(cycles_to_move(GetParam(), 100, 2, 0), 101U);
    EXPECT_EQ(cycles_to_move(GetParam(), 100, 5, 3), 104U);
    // Registered occupancy: with a place for one, every other cycle only. The last push is in cycle
    // 198.
    EXPECT_EQ(cycles_to_move(GetParam(), 100, 1, 0), 200U);
    // Four places, each taken for 5 cycles: 25 rounds; the last of them is pushed in cycle 24 x 5
    // + 3.
    EXPECT_EQ(cycles_to_move(GetParam(), 100, 4, 3), 24U * 5 + 3 + 4 + 1);
}

/// The whole range from the first case on: rapidcheck would start with the smallest values.
std::uint64_t pick(std::uint64_t begin, std::uint64_t end) {
    return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(begin, end));
}

RC_GTEST_PROP(Channel, LosesNothingUnderRandomStalls, ()) {
    const std::uint64_t per_push = pick(1, 9);
    const std::uint64_t capacity = per_push + pick(0, 20);
    const std::uint64_t delay = pick(0, 7);
    const std::uint64_t total = pick(1, 300);
    const Pacer pushes = Pacer::random(pick(0, 1000), static_cast<std::uint32_t>(pick(5, 101)));
    const Pacer pops = Pacer::random(pick(0, 1000), static_cast<std::uint32_t>(pick(5, 101)));
    const std::uint64_t per_pop = pick(1, 9);

    std::uint64_t ends[2] = {};
    for (const Clocking clocking : {Clocking::Sleeping, Clocking::EveryCycle}) {
        Bench bench(clocking);
        Channel channel(capacity, Cycles(delay));
        ByteSource source(channel, total, per_push, pushes);
        ByteSink sink(channel, per_pop, pops);
        channel.connect(bench.attach(source), bench.attach(sink));
        bench.run();
        RC_ASSERT(sink.received() == total);
        RC_ASSERT(channel.room() == capacity);
        ends[clocking == Clocking::EveryCycle ? 1 : 0] = sink.last_at();
    }
    RC_ASSERT(ends[0] == ends[1]);
}

}  // namespace
}  // namespace lpusim::test
