#include "hw_models/units/vector_unit.h"

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

constexpr auto kNorm = isa::VectorClass::Norm;
constexpr auto kSoftmax = isa::VectorClass::Softmax;
constexpr auto kCopy = isa::VectorClass::Copy;

/// 8 lanes. Norm: 2 passes, latency 5. Softmax: 3 passes, latency 20. Everything else: one pass and
/// no latency.
VectorUnitParams unit_of() {
    VectorUnitParams params;
    params.lanes = 8;
    params.classes[static_cast<std::size_t>(kNorm)] = {2, Cycles(5)};
    params.classes[static_cast<std::size_t>(kSoftmax)] = {3, Cycles(20)};
    return params;
}

SramBanksParams banks_of(std::uint32_t banks) {
    SramBanksParams params;
    params.banks = banks;
    params.width = Bytes(16);
    return params;
}

std::vector<isa::Instruction> script_of(const std::vector<isa::VectorOp>& ops) {
    std::vector<isa::Instruction> script;
    script.reserve(ops.size());
    for (const isa::VectorOp& op : ops) script.push_back(instruction(op));
    for (isa::Instruction& it : script) it.ends_operator = true;
    return script;
}

/// Source - vector unit - SRAM.
struct Rig {
    Rig(Clocking clocking, const VectorUnitParams& params, const std::vector<isa::VectorOp>& ops,
        const SramBanksParams& sram = banks_of(8), Pacer issue = Pacer::always())
        : bench(clocking),
          memory(sc_core::sc_gen_unique_name("sram_banks"), sram),
          source(script_of(ops), issue),
          retired(1),
          unit(sc_core::sc_gen_unique_name("vector_unit"), params, source,
               memory.port(SramClient::VectorAccess), retired, 1) {
        bench.attach(memory);
        memory.connect(SramClient::VectorAccess, bench.attach(unit));
    }
    std::uint64_t words() { return memory.port(SramClient::VectorAccess).words(); }

    Bench bench;
    SramBanks memory;
    ScriptedSource source;
    RetireLog retired;
    VectorUnit unit;
};

using VectorUnitTest = EachClocking;
INSTANTIATE_TEST_SUITE_P(Clocked, VectorUnitTest, kEachClocking, testing::PrintToStringParamName());

TEST_P(VectorUnitTest, TakesItsPassesOverTheLanesAndTheLatency) {
    struct Case {
        isa::VectorClass vector_class;
        std::uint64_t elements;
        std::uint64_t beats;
        std::uint64_t latency;
    };
    const Case cases[] = {{kNorm, 64, 16, 5},     {kNorm, 65, 18, 5}, {kNorm, 1, 2, 5},
                          {kSoftmax, 80, 30, 20}, {kCopy, 64, 8, 0},  {kCopy, 1, 1, 0}};
    for (const Case& c : cases) {
        Rig rig(GetParam(), unit_of(), {vector_op(c.vector_class, c.elements)});
        rig.bench.run_until(100);
        // Taken in 0, beats in 1..n, the result `latency` after the last one.
        EXPECT_THAT(rig.source.signals(), ElementsAre(c.beats + c.latency)) << c.elements;
        EXPECT_THAT(rig.retired.cycles_by_operator(), ElementsAre(c.beats + c.latency + 1));
        EXPECT_EQ(rig.unit.stats().beats, c.beats);
        EXPECT_EQ(states(rig.unit.vector_account()), (States{c.beats, 0, 0, 1, 99 - c.beats}));
        EXPECT_EQ(states(rig.unit.access_account()), (States{0, c.beats + 1, 0, 0, 99 - c.beats}));
    }
}

TEST_P(VectorUnitTest, LetsADependentOperationWaitForTheResult) {
    Rig rig(
        GetParam(), unit_of(),
        {vector_op(kNorm, 64), vector_op(kCopy, 64), vector_op(kCopy, 64), vector_op(kNorm, 64)});
    rig.bench.run_until(60);
    // 16 beats, latency 5: complete in 21. Without a latency the next operation follows without a
    // gap.
    EXPECT_THAT(rig.source.starts(), ElementsAre(0, 21, 29, 37));
    EXPECT_THAT(rig.source.signals(), ElementsAre(21, 29, 37, 37 + 16 + 5));
    // Waiting: cycle 0, and 17-21.
    EXPECT_EQ(states(rig.unit.vector_account()), (States{48, 0, 0, 6, 6}));
}

TEST_P(VectorUnitTest, StartsAnIndependentOperationBehindTheLastBeat) {
    Rig rig(GetParam(), unit_of(),
            {vector_op(kNorm, 64), independent(vector_op(kNorm, 64)),
             independent(vector_op(kNorm, 64)), vector_op(kCopy, 8)});
    rig.bench.run_until(80);
    EXPECT_THAT(rig.source.starts(), ElementsAre(0, 16, 32, 53));
    EXPECT_THAT(rig.source.signals(), ElementsAre(21, 37, 53, 54));
}

TEST_P(VectorUnitTest, CompletesInOrder) {
    // The copy has its last beat in 31, long before the softmax is complete in 30 + 20.
    Rig rig(GetParam(), unit_of(),
            {vector_op(kSoftmax, 80), independent(vector_op(kCopy, 8)),
             independent(vector_op(kCopy, 160))});
    rig.bench.run_until(80);
    EXPECT_THAT(rig.source.starts(), ElementsAre(0, 30, 31));
    EXPECT_THAT(rig.source.signals(), ElementsAre(50, 50, 51));
}

TEST_P(VectorUnitTest, PipelinesManyShortOperations) {
    std::vector<isa::VectorOp> ops(50, independent(vector_op(kNorm, 4)));
    for (isa::VectorOp& op : ops) op.vector_class = kSoftmax;
    Rig rig(GetParam(), unit_of(), ops);
    rig.bench.run_until(300);
    EXPECT_EQ(rig.source.signals().size(), 50U);
    EXPECT_EQ(rig.source.signals().back(), 50U * 3 + 20);
}

TEST_P(VectorUnitTest, SpreadsItsWordsEvenlyOverTheBeats) {
    // 8 beats. 100 B to read are 7 words, 64 B to write are 4: 11 words; and 2 + 1 words on fewer
    // than all beats.
    Rig more(GetParam(), unit_of(), {vector_op(kCopy, 64, 100, 64)});
    more.bench.run_until(20);
    EXPECT_EQ(more.words(), 11U);
    EXPECT_EQ(states(more.unit.access_account()), (States{8, 1, 0, 0, 11}));
    Rig fewer(GetParam(), unit_of(), {vector_op(kCopy, 64, 32, 16)});
    fewer.bench.run_until(20);
    EXPECT_EQ(fewer.words(), 3U);
    EXPECT_EQ(states(fewer.unit.access_account()), (States{3, 6, 0, 0, 11}));
}

TEST_P(VectorUnitTest, WaitsForTheWordsOfABeat) {
    // Two beats, 6 words each, from 4 banks: 4 + 2, so two cycles per beat.
    Rig rig(GetParam(), unit_of(), {vector_op(kCopy, 16, 96, 96)}, banks_of(4));
    rig.bench.run_until(20);
    EXPECT_THAT(rig.source.signals(), ElementsAre(4));
    EXPECT_EQ(states(rig.unit.vector_account()), (States{2, 2, 0, 1, 15}));
    EXPECT_EQ(states(rig.unit.access_account()), (States{4, 1, 0, 0, 15}));
}

TEST_P(VectorUnitTest, IsStarvedWhileItsWordsAreRefused) {
    Rig rig(GetParam(), unit_of(), {vector_op(kCopy, 32, 64)}, banks_of(1));
    ContendingClient other(rig.memory.port(SramClient::StreamWrite), 0, 1, 21);
    rig.memory.connect(SramClient::StreamWrite, rig.bench.attach(other));
    rig.bench.run_until(40);
    // Refused in 1-20, a word and a beat in each of 21-24.
    EXPECT_THAT(rig.source.signals(), ElementsAre(24));
    EXPECT_EQ(states(rig.unit.vector_account()), (States{4, 20, 0, 1, 15}));
    EXPECT_EQ(states(rig.unit.access_account()), (States{4, 21, 0, 0, 15}));
}

TEST(VectorUnit, SleepsThroughAnOperation) {
    Rig rig(Clocking::Sleeping, unit_of(), {vector_op(kNorm, 8'000'000, 16'000'000, 16'000'000)});
    rig.bench.run_until(3'000'000);
    EXPECT_THAT(rig.source.signals(), ElementsAre(2'000'005));
    EXPECT_EQ(rig.words(), 2'000'000U);
    EXPECT_LE(rig.bench.domain().evaluations(), 4U);
}

RC_GTEST_PROP(VectorUnit, LosesNothingUnderRandomStalls, ()) {
    VectorUnitParams params;
    params.lanes = pick<std::uint32_t>(1, 10);
    for (VectorClassParams& c : params.classes) {
        c = {pick<std::uint32_t>(1, 4), Cycles(pick(0, 15))};
    }
    SramBanksParams sram = banks_of(pick<std::uint32_t>(1, 5));
    if (chance(50)) sram.arbitration = Arbitration::RoundRobin;
    if (chance(30)) sram.interleave_words = 2;
    std::vector<isa::VectorOp> ops;
    std::uint64_t beats = 0;
    std::uint64_t words = 0;
    const auto count = pick(1, 12);
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto vector_class = static_cast<isa::VectorClass>(pick(0, isa::kVectorClassCount));
        ops.push_back(vector_op(vector_class, pick(1, 60), pick(0, 200), pick(0, 200)));
        ops.back().independent = chance(50);
        beats += params.of(vector_class).passes * ceil_div(ops.back().elements, params.lanes);
        words += ceil_div(ops.back().read_bytes.count(), 16) +
                 ceil_div(ops.back().write_bytes.count(), 16);
    }
    const Pacer issue = Pacer::random(pick(0, 1000), pick<std::uint32_t>(10, 101));
    const Pacer contend = Pacer::random(pick(0, 1000), pick<std::uint32_t>(10, 90));

    std::vector<std::uint64_t> signals;
    States vector{};
    States access{};
    for (const Clocking clocking : {Clocking::EveryCycle, Clocking::Sleeping}) {
        Rig rig(clocking, params, ops, sram, issue);
        ContendingClient other(rig.memory.port(SramClient::StreamWrite), 0, 1, 600, contend);
        rig.memory.connect(SramClient::StreamWrite, rig.bench.attach(other));
        rig.bench.run_until(20'000);
        RC_ASSERT(rig.source.signals().size() == count);
        RC_ASSERT(rig.unit.stats().beats == beats);
        RC_ASSERT(busy(rig.unit.vector_account()) == beats);
        RC_ASSERT(rig.words() == words);
        RC_ASSERT(total(rig.unit.vector_account()) == 20'000U);
        RC_ASSERT(total(rig.unit.access_account()) == 20'000U);
        if (clocking == Clocking::EveryCycle) {
            signals = rig.source.signals();
            vector = states(rig.unit.vector_account());
            access = states(rig.unit.access_account());
        }
        RC_ASSERT(signals == rig.source.signals());
        RC_ASSERT(vector == states(rig.unit.vector_account()));
        RC_ASSERT(access == states(rig.unit.access_account()));
    }
}

}  // namespace
}  // namespace lpusim::test
