#include "hw_models/units/weight_stream.h"

#include <numeric>

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "hw_models/units/sram_banks.h"
#include "tests/support/bench.h"
#include "tests/support/contending_client.h"
#include "tests/support/instructions.h"
#include "tests/support/pick.h"
#include "tests/support/scripted_source.h"

namespace lpusim::test {
namespace {

using testing::ElementsAre;

WeightStreamParams stream_of(Fraction rate, std::uint64_t latency, std::uint32_t outstanding = 4) {
    WeightStreamParams params;
    params.rate = {rate};
    params.latency = Cycles(latency);
    params.outstanding = outstanding;
    return params;
}

SramBanksParams banks(std::uint32_t count, std::uint64_t width = 16) {
    SramBanksParams params;
    params.banks = count;
    params.width = Bytes(width);
    return params;
}

/// Source - stream - SRAM.
struct Rig {
    Rig(Clocking clocking, const WeightStreamParams& params, std::vector<isa::Instruction> script,
        const SramBanksParams& sram = banks(16), Pacer issue = Pacer::always(),
        EngineState while_stalled = EngineState::Waiting)
        : bench(clocking),
          memory(sc_core::sc_gen_unique_name("sram_banks"), sram),
          source(std::move(script), issue, while_stalled),
          stream(sc_core::sc_gen_unique_name("weight_stream"), params, source,
                 memory.port(SramClient::StreamWrite), 2) {
        bench.attach(memory);
        memory.connect(SramClient::StreamWrite, bench.attach(stream));
    }
    std::uint64_t words() { return memory.port(SramClient::StreamWrite).words(); }

    Bench bench;
    SramBanks memory;
    ScriptedSource source;
    WeightStream stream;
};

std::vector<isa::Instruction> transfers(std::size_t count, std::uint64_t bytes) {
    return repeat(count, instruction(transfer(bytes)));
}

using WeightStreamTest = EachClocking;
INSTANTIATE_TEST_SUITE_P(Clocked, WeightStreamTest, kEachClocking,
                         testing::PrintToStringParamName());

TEST_P(WeightStreamTest, TakesTheLatencyAndTheBytesOverTheRate) {
    struct Case {
        Fraction rate;
        std::uint64_t latency = 0;
        std::uint64_t bytes = 0;
        std::uint64_t cycles = 0;  // ceil(bytes / rate)
    };
    const Case cases[] = {
        {{16, 1}, 10, 64, 4},    {{16, 1}, 0, 65, 5},        {{1, 3}, 10, 5, 15},
        {{1, 1000}, 7, 3, 3000}, {{1835, 21}, 10, 1835, 21}, {{1835, 21}, 10, 1836, 22},
        {{200, 1}, 100, 1, 1},
    };
    for (const Case& c : cases) {
        Rig rig(GetParam(), stream_of(c.rate, c.latency), transfers(1, c.bytes));
        rig.bench.run();
        // Requested in cycle 0, delivered in 1 + latency .. latency + cycles, the last word written
        // one later.
        EXPECT_THAT(rig.source.signals(), ElementsAre(1 + c.latency + c.cycles)) << c.bytes << " B";
        EXPECT_EQ(rig.stream.stats().delivered_bytes, c.bytes);
        EXPECT_EQ(rig.words(), ceil_div(c.bytes, 16));
    }
}

TEST_P(WeightStreamTest, AccountsForEveryCycle) {
    Rig rig(GetParam(), stream_of({16, 1}, 10), transfers(1, 64));
    EXPECT_EQ(rig.bench.run(), 16U);
    // 0: takes the instruction. 1-10: latency. 11-14: delivers. 15: nothing is left while the last
    // word is written.
    EXPECT_EQ(states(rig.stream.stream_account()), (States{4, 10, 0, 1, 1}));
    // 0-11: nothing to write. 12-15: a word each.
    EXPECT_EQ(states(rig.stream.write_account()), (States{4, 12, 0, 0, 0}));
    rig.bench.run_until(20);
    EXPECT_EQ(states(rig.stream.stream_account()), (States{4, 10, 0, 1, 5}));
    EXPECT_EQ(states(rig.stream.write_account()), (States{4, 12, 0, 0, 4}));
}

TEST_P(WeightStreamTest, WritesAWordOnlyWhenItIsFull) {
    Rig rig(GetParam(), stream_of({1, 2}, 0), transfers(1, 40));
    rig.bench.run();
    // 80 cycles of delivery, 1-80; words full after 32, 64 and, short, 80 of them.
    EXPECT_EQ(states(rig.stream.stream_account()), (States{80, 0, 0, 1, 1}));
    EXPECT_EQ(states(rig.stream.write_account()), (States{3, 79, 0, 0, 0}));
}

TEST_P(WeightStreamTest, FlowsOnIntoTheNextTransferInTheSameCycle) {
    Rig rig(GetParam(), stream_of({16, 1}, 10), transfers(2, 24));
    rig.bench.run();
    // 48 B in cycles 11-13. The first is complete in 12; its words (16 + 8 B) are written in 12 and
    // 13, the two of the second together in 14.
    EXPECT_THAT(rig.source.signals(), ElementsAre(13, 14));
}

TEST_P(WeightStreamTest, BeginsEachOperatorInACycleOfItsOwn) {
    // So that an operator takes the same cycles whatever was before it: 24 B in 11 and 12, 24 B in
    // 13 and 14. Then a ratio: 7/3 B/cycle start anew with 2, 2 and 3 B.
    std::vector<isa::Instruction> script = transfers(2, 24);
    script[1].op = 1;
    Rig whole(GetParam(), stream_of({16, 1}, 10), script);
    whole.bench.run();
    EXPECT_THAT(whole.source.signals(), ElementsAre(13, 15));
    script = transfers(2, 5);
    script[1].op = 1;
    Rig ratio(GetParam(), stream_of({7, 3}, 10), script);
    ratio.bench.run();
    EXPECT_THAT(ratio.source.signals(), ElementsAre(11 + 3, 14 + 3));
    EXPECT_THAT(ratio.stream.stream_account().busy_by_operator(), ElementsAre(3, 3));
}

TEST_P(WeightStreamTest, LosesWhatItsRateOffersWhileNothingIsThere) {
    Rig rig(GetParam(), stream_of({16, 1}, 10, 1), transfers(2, 24));
    rig.bench.run();
    // One at a time: requested in 0, done in 1 + 10 + 2; requested in 14, done in 14 + 13.
    EXPECT_THAT(rig.source.starts(), ElementsAre(0, 14));
    EXPECT_THAT(rig.source.signals(), ElementsAre(13, 27));
}

TEST_P(WeightStreamTest, HidesTheLatencyBehindOutstandingTransfers) {
    // A transfer of 4 cycles holds its place from its request until its last word is written:
    // latency + 4 + 2 cycles. Four places hide a latency of 10 (4 x 4 = 16), and leave one cycle in
    // 17 open with a latency of 11.
    Rig hidden(GetParam(), stream_of({16, 1}, 10, 4), transfers(12, 64));
    hidden.bench.run();
    EXPECT_EQ(hidden.source.signals().back(), 1U + 10 + 12 * 4);
    Rig seen(GetParam(), stream_of({16, 1}, 11, 4), transfers(12, 64));
    seen.bench.run();
    EXPECT_EQ(seen.source.signals().back(), 1U + 11 + 12 * 4 + 2);
}

TEST_P(WeightStreamTest, DeliversNothingDuringRefresh) {
    WeightStreamParams params = stream_of({16, 1}, 0);
    params.refresh_period = Cycles(10);
    params.refresh_duration = Cycles(2);
    Rig rig(GetParam(), params, transfers(1, 320));
    rig.bench.run();
    // 20 cycles of delivery, 8 in every 10 from cycle 2 on: 2-9, 12-19, 22-25. Waiting for refresh
    // is busy.
    EXPECT_THAT(rig.source.signals(), ElementsAre(26));
    EXPECT_EQ(states(rig.stream.stream_account()), (States{25, 0, 0, 1, 1}));
}

TEST_P(WeightStreamTest, KeepsTheDutyOfRefresh) {
    WeightStreamParams params = stream_of({1835, 21}, 5);
    params.refresh_period = Cycles(100);
    params.refresh_duration = Cycles(7);
    Rig rig(GetParam(), params, transfers(1, 10'000'000));
    rig.bench.run_until(10'000);
    // 93 of 100 cycles; from the first hundred the start, cycle 6, is in the refresh.
    EXPECT_EQ(rig.stream.stats().delivered_bytes, 100U * 93 * 1835 / 21);
}

TEST_P(WeightStreamTest, DeliversTheFloorOfTheExactRatio) {
    for (const std::uint64_t n : {1U, 2U, 3U, 20U, 21U, 22U, 1000U, 20'000U}) {
        Rig rig(GetParam(), stream_of({1835, 21}, 0), transfers(1, 1'000'000'000));
        rig.bench.run_until(1 + n);
        EXPECT_EQ(rig.stream.stats().delivered_bytes, n * 1835 / 21) << n << " cycles";
    }
}

constexpr std::uint64_t kBillion = 1'000'000'000;

TEST(WeightStream, DeliversTheFloorOfTheExactRatioOverABillionCycles) {
    Rig rig(Clocking::Sleeping, stream_of({1835, 21}, 0), transfers(1, 100 * kBillion));
    rig.bench.run_until(1 + kBillion);
    EXPECT_EQ(rig.stream.stats().delivered_bytes, kBillion * 1835 / 21);
    EXPECT_LE(rig.bench.domain().evaluations(), 3U);
}

TEST(WeightStream, DeliversTheSameOverABillionCyclesOfSmallTransfers) {
    constexpr std::uint64_t kBytes = 4'000'003;
    const std::uint64_t expected = kBillion * 1835 / 21;
    Rig rig(Clocking::Sleeping, stream_of({1835, 21}, 0), transfers(expected / kBytes + 3, kBytes));
    rig.bench.run_until(1 + kBillion);
    EXPECT_EQ(rig.stream.stats().delivered_bytes, expected);
}

TEST_P(WeightStreamTest, IsBlockedByBanksThatAreSlowerThanTheStream) {
    Rig rig(GetParam(), stream_of({64, 1}, 0), transfers(1, 640), banks(2));
    rig.bench.run();
    // The 40 words take 20 cycles, 2-21. Staging holds 3 x 64 + 2 x 16 = 224 B and gains 64 - 32
    // per cycle, so that deliveries 1-5 are in cycles 1-5 and the other five in every other cycle,
    // 7-15.
    EXPECT_THAT(rig.source.signals(), ElementsAre(21));
    EXPECT_EQ(states(rig.stream.stream_account()), (States{10, 0, 5, 1, 6}));
    EXPECT_EQ(states(rig.stream.write_account()), (States{20, 2, 0, 0, 0}));
}

TEST_P(WeightStreamTest, WritesOneWordPerCycleIntoWideBlocks) {
    SramBanksParams sram = banks(16);
    sram.interleave_words = 4;
    Rig rig(GetParam(), stream_of({64, 1}, 0), transfers(1, 640), sram);
    rig.bench.run();
    EXPECT_THAT(rig.source.signals(), ElementsAre(2 + 39));  // 40 words from cycle 2 on
}

TEST_P(WeightStreamTest, IsBlockedByRefusedWrites) {
    SramBanksParams sram = banks(1);
    sram.arbitration = Arbitration::RoundRobin;
    Rig rig(GetParam(), stream_of({16, 1}, 3), transfers(1, 16 * 100), sram);
    ContendingClient other(rig.memory.port(SramClient::UnpackRead), 0, 1, 1000);
    rig.memory.connect(SramClient::UnpackRead, rig.bench.attach(other));
    rig.bench.run();
    // The first word is full in cycle 5. From then on the two take turns: words in 5, 7, 9, ...
    EXPECT_THAT(rig.source.signals(), ElementsAre(5 + 2 * 99));
    const CycleAccount& writes = rig.stream.write_account();
    EXPECT_EQ(writes.in(EngineState::Busy), Cycles(100));
    EXPECT_EQ(writes.in(EngineState::Blocked), Cycles(99));
    // 100 deliveries in the 198 cycles between the first and the last write.
    EXPECT_GE(rig.stream.stream_account().in(EngineState::Blocked), Cycles(90));
    EXPECT_EQ(rig.stream.stream_account().in(EngineState::Busy), Cycles(100));
    // Each of its words refused the other once, and 99 times it was the other way round.
    EXPECT_EQ(rig.memory.stats().conflicts, 199U);
    EXPECT_EQ(other.refused(), 100U);
}

TEST_P(WeightStreamTest, TakesTheStateOfItsQueueWhileItHasNothing) {
    for (const EngineState state : {EngineState::Waiting, EngineState::Blocked}) {
        Rig rig(GetParam(), stream_of({16, 1}, 2), transfers(2, 16), banks(16),
                Pacer::bursts(1, 19), state);
        rig.bench.run_until(40);
        // 0: takes the first. 1-2: latency. 3: delivers. 4-19: nothing there. 20-23: as 0-3. Then
        // idle.
        EXPECT_THAT(rig.source.signals(), ElementsAre(4, 24));
        States expected{2, 4, 0, 2, 16};
        expected[static_cast<std::size_t>(state)] += 16;
        EXPECT_EQ(states(rig.stream.stream_account()), expected);
    }
}

TEST_P(WeightStreamTest, CountsBytesByTrafficAndPadding) {
    const auto moves = [](isa::Traffic traffic, std::uint64_t payload, std::uint64_t padding) {
        return instruction(isa::StreamTransfer{traffic, Bytes(payload), Bytes(padding)});
    };
    Rig rig(GetParam(), stream_of({16, 1}, 0),
            {moves(isa::Traffic::Weights, 60, 4), moves(isa::Traffic::KvWrite, 100, 28),
             moves(isa::Traffic::Weights, 64, 0), moves(isa::Traffic::Norms, 1, 31)});
    rig.bench.run();
    const WeightStream::Stats& stats = rig.stream.stats();
    EXPECT_THAT(stats.payload_bytes, ElementsAre(124, 0, 100, 0, 1));
    EXPECT_EQ(stats.padding_bytes, 63U);
    EXPECT_EQ(stats.delivered_bytes, 288U);
    EXPECT_THAT(stats.bytes_by_operator, ElementsAre(288, 0));
    EXPECT_EQ(rig.words(), 288U / 16);
}

TEST(WeightStream, SleepsThroughATransferWhateverTheRate) {
    for (const Fraction rate : {Fraction{1, 1'000'000}, Fraction{1835, 21}, Fraction{200, 1}}) {
        Rig rig(Clocking::Sleeping, stream_of(rate, 100), transfers(1, 100'000));
        rig.bench.run_until(1'000'000'000'000);
        EXPECT_EQ(rig.stream.stats().delivered_bytes, 100'000U);
        // Request, latency, begin, end, last words.
        EXPECT_LE(rig.bench.domain().evaluations(), 8U);
    }
}

RC_GTEST_PROP(WeightStream, LosesNothingUnderRandomStalls, ()) {
    WeightStreamParams params =
        stream_of(reduced(pick(1, 200), pick(1, 6)), pick(0, 30), pick<std::uint32_t>(1, 5));
    if (chance(40)) {
        params.refresh_period = Cycles(pick(2, 30));
        params.refresh_duration = Cycles(pick(0, params.refresh_period.count() / 2 + 1));
    }
    SramBanksParams sram = banks(pick<std::uint32_t>(1, 7), std::uint64_t{1} << pick(0, 6));
    sram.ports = pick<std::uint32_t>(1, 3);
    sram.interleave_words = chance(30) ? 2 : 1;
    sram.arbitration = Arbitration::RoundRobin;
    std::vector<isa::Instruction> script;
    std::uint64_t bytes = 0;
    std::uint64_t words = 0;
    const auto count = pick(1, 8);
    for (std::uint64_t i = 0; i < count; ++i) {
        const isa::StreamTransfer it = transfer(pick(1, 300), pick(0, 20));
        bytes += it.total().count();
        words += ceil_div(it.total().count(), sram.width.count());
        script.push_back(instruction(it));
    }
    const Pacer issue = Pacer::random(pick(0, 1000), pick<std::uint32_t>(10, 101));
    const Pacer contend = Pacer::random(pick(0, 1000), pick<std::uint32_t>(10, 101));

    std::vector<std::uint64_t> signals;
    States stream_states{};
    States write_states{};
    for (const Clocking clocking : {Clocking::EveryCycle, Clocking::Sleeping}) {
        Rig rig(clocking, params, script, sram, issue);
        ContendingClient a(rig.memory.port(SramClient::KvRead), 0, 1, 400, contend);
        ContendingClient b(rig.memory.port(SramClient::UnpackRead), 0, 1, 300, Pacer::bursts(9, 4));
        rig.memory.connect(SramClient::KvRead, rig.bench.attach(a));
        rig.memory.connect(SramClient::UnpackRead, rig.bench.attach(b));
        rig.bench.run_until(20'000);

        RC_ASSERT(rig.stream.stats().delivered_bytes == bytes);
        RC_ASSERT(rig.words() == words);
        RC_ASSERT(rig.source.signals().size() == count);
        RC_ASSERT(total(rig.stream.stream_account()) == 20'000U);
        RC_ASSERT(total(rig.stream.write_account()) == 20'000U);
        // No faster than its rate allows.
        RC_ASSERT(Cycles(busy(rig.stream.stream_account())) >=
                  params.rate.cycles_for(Bytes(bytes)));
        if (clocking == Clocking::EveryCycle) {
            signals = rig.source.signals();
            stream_states = states(rig.stream.stream_account());
            write_states = states(rig.stream.write_account());
        }
        RC_ASSERT(signals == rig.source.signals());
        RC_ASSERT(stream_states == states(rig.stream.stream_account()));
        RC_ASSERT(write_states == states(rig.stream.write_account()));
    }
}

}  // namespace
}  // namespace lpusim::test
