#include "hw_models/units/rescaler.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "hw_models/units/sram_banks.h"
#include "tests/support/bench.h"
#include "tests/support/contending_client.h"
#include "tests/support/instructions.h"
#include "tests/support/pick.h"
#include "tests/support/scripted_source.h"
#include "tests/support/vector_ends.h"

namespace lpusim::test {
namespace {

using testing::ElementsAre;

RescalerParams rescaler_of(std::uint32_t lanes, std::uint64_t depth) {
    RescalerParams params;
    params.lanes = lanes;
    params.depth = Cycles(depth);
    return params;
}

SramBanksParams banks_of(std::uint32_t banks) {
    SramBanksParams params;
    params.banks = banks;
    params.width = Bytes(16);
    return params;
}

/// Vector source - rescaler - SRAM.
struct Rig {
    Rig(Clocking clocking, const RescalerParams& params,
        const std::vector<isa::Instruction>& computes, const SramBanksParams& sram = banks_of(16),
        Pacer pacer = Pacer::always())
        : bench(clocking),
          memory(sc_core::sc_gen_unique_name("sram_banks"), sram),
          pipe(Cycles(0), 2),
          completions({}),
          retired(1),
          rescaler(sc_core::sc_gen_unique_name("rescaler"), params, pipe, completions,
                   memory.port(SramClient::ResultWrite), retired, 1),
          source(pipe, computes, pacer) {
        bench.attach(memory);
        const Waker waker = bench.attach(rescaler);
        memory.connect(SramClient::ResultWrite, waker);
        pipe.connect(bench.attach(source), waker);
    }

    Bench bench;
    SramBanks memory;
    VectorPipe pipe;
    ScriptedSource completions;
    RetireLog retired;
    Rescaler rescaler;
    VectorSource source;
};

isa::Instruction product(std::uint32_t vectors, std::uint64_t rescales,
                         std::uint64_t result_bytes) {
    isa::ComputeTile tile = compute(vectors, 0);
    tile.rescales_per_vector = rescales;
    tile.result_bytes = Bytes(result_bytes);
    isa::Instruction it = instruction(tile);
    it.ends_operator = true;
    return it;
}

using RescalerTest = EachClocking;
INSTANTIATE_TEST_SUITE_P(Clocked, RescalerTest, kEachClocking, testing::PrintToStringParamName());

// A vector is pushed in cycle 0, comes out in 1 and is taken; its first cycle of work is 2.

TEST_P(RescalerTest, TakesTheRescalesOverTheLanes) {
    const std::pair<std::uint64_t, std::uint64_t> cases[] = {
        {0, 1}, {1, 1}, {8, 1}, {9, 2}, {80, 10}};
    for (const auto& [rescales, cycles] : cases) {
        Rig rig(GetParam(), rescaler_of(8, 5), {product(1, rescales, 0)});
        rig.bench.run_until(30);
        // Without results it is complete with its last rescale, whatever the depth.
        EXPECT_THAT(rig.completions.signals(), ElementsAre(1 + cycles)) << rescales;
        EXPECT_EQ(states(rig.rescaler.rescale_account()), (States{cycles, 2, 0, 0, 28 - cycles}));
        EXPECT_EQ(rig.rescaler.stats().rescales, rescales);
    }
}

TEST_P(RescalerTest, WritesResultsAfterItsDepth) {
    // 8 lanes of 2 B fill a word of 16 B per cycle.
    Rig rig(GetParam(), rescaler_of(8, 5), {product(1, 16, 60)});
    rig.bench.run_until(30);
    // Work in 2-3, results from 3 + 1 + 5 on, four words in 9-12.
    EXPECT_THAT(rig.completions.signals(), ElementsAre(12));
    EXPECT_THAT(rig.retired.cycles_by_operator(), ElementsAre(13));
    EXPECT_EQ(states(rig.rescaler.write_account()), (States{4, 9, 0, 0, 17}));
    EXPECT_EQ(rig.rescaler.stats().result_bytes, 60U);
    EXPECT_EQ(rig.memory.port(SramClient::ResultWrite).words(), 4U);
}

TEST_P(RescalerTest, WritesAsManyWordsAsItsLanesFill) {
    // 32 lanes: 64 B, 4 words per cycle; with two banks, 2.
    Rig wide(GetParam(), rescaler_of(32, 0), {product(1, 32, 128)});
    wide.bench.run_until(30);
    EXPECT_THAT(wide.completions.signals(), ElementsAre(2 + 1 + 0 + 1));
    Rig narrow(GetParam(), rescaler_of(32, 0), {product(1, 32, 128)}, banks_of(2));
    narrow.bench.run_until(30);
    EXPECT_THAT(narrow.completions.signals(), ElementsAre(2 + 1 + 0 + 3));
}

TEST_P(RescalerTest, GoesFromVectorToVectorWithoutAGap) {
    Rig rig(GetParam(), rescaler_of(8, 3), repeat(10, product(10, 24, 0)));
    rig.bench.run_until(400);
    EXPECT_EQ(rig.completions.signals().front(), 1U + 10 * 3);
    EXPECT_EQ(rig.completions.signals().back(), 1U + 100 * 3);
    EXPECT_EQ(states(rig.rescaler.rescale_account()), (States{300, 2, 0, 0, 98}));
}

TEST_P(RescalerTest, DepthCostsLatencyAndNoRate) {
    for (const std::uint64_t depth : {0U, 1U, 8U, 20U}) {
        Rig rig(GetParam(), rescaler_of(8, depth), {product(100, 8, 16)});
        rig.bench.run_until(3000);
        // A vector and a word per cycle: work in 2-101, the last word 1 + depth later.
        EXPECT_THAT(rig.completions.signals(), ElementsAre(101 + 1 + depth)) << "depth " << depth;
    }
}

TEST_P(RescalerTest, IsBlockedByResultsThatTakeLongerToWrite) {
    // One cycle of work, three words to write: bound by the write.
    Rig rig(GetParam(), rescaler_of(8, 0), {product(50, 8, 48)});
    rig.bench.run_until(400);
    // The first words in 3-5.
    EXPECT_THAT(rig.completions.signals(), ElementsAre(2 + 50 * 3));
    EXPECT_EQ(busy(rig.rescaler.write_account()), 150U);
    EXPECT_EQ(busy(rig.rescaler.rescale_account()), 50U);
    // Of three cycles it works in one, waits for a place in one, and takes the next vector in one.
    EXPECT_GE(rig.rescaler.rescale_account().in(EngineState::Blocked).count(), 45U);
}

TEST_P(RescalerTest, IsBlockedWhileItsWritesAreRefused) {
    Rig rig(GetParam(), rescaler_of(8, 0), {product(1, 8, 32)}, banks_of(1));
    ContendingClient other(rig.memory.port(SramClient::StreamWrite), 0, 1, 21);
    rig.memory.connect(SramClient::StreamWrite, rig.bench.attach(other));
    rig.bench.run_until(40);
    // Refused in 3-20, written in 21 and 22.
    EXPECT_THAT(rig.completions.signals(), ElementsAre(22));
    EXPECT_EQ(states(rig.rescaler.write_account()), (States{2, 3, 18, 0, 17}));
}

TEST_P(RescalerTest, CompletesAProductWithoutResultsBeforeEarlierResultsAreWritten) {
    Rig rig(GetParam(), rescaler_of(8, 4),
            {product(1, 8, 16), product(1, 8, 0), product(1, 8, 16)});
    rig.bench.run_until(40);
    // Work in 2, 3 and 4. The product without results does not wait for the results before it to be
    // written.
    EXPECT_THAT(rig.completions.signals(), ElementsAre(3, 2 + 5, 4 + 5));
}

RC_GTEST_PROP(Rescaler, LosesNothingUnderRandomStalls, ()) {
    const RescalerParams params = rescaler_of(pick<std::uint32_t>(1, 30), pick(0, 8));
    SramBanksParams sram = banks_of(pick<std::uint32_t>(1, 4));
    if (chance(50)) sram.arbitration = Arbitration::RoundRobin;
    std::vector<isa::Instruction> computes;
    std::uint64_t rescales = 0;
    std::uint64_t bytes = 0;
    std::uint64_t work = 0;
    const auto count = pick(1, 10);
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto vectors = pick<std::uint32_t>(1, 10);
        computes.push_back(product(vectors, pick(0, 60), chance(60) ? pick(1, 100) : 0));
        const auto& tile = std::get<isa::ComputeTile>(computes.back().payload);
        rescales += vectors * tile.rescales_per_vector;
        bytes += vectors * tile.result_bytes.count();
        work +=
            vectors * std::max<std::uint64_t>(1, ceil_div(tile.rescales_per_vector, params.lanes));
    }
    const Pacer pacer = Pacer::random(pick(0, 1000), pick<std::uint32_t>(10, 101));
    const Pacer contend = Pacer::random(pick(0, 1000), pick<std::uint32_t>(10, 90));

    std::vector<std::uint64_t> signals;
    States rescale{};
    States write{};
    for (const Clocking clocking : {Clocking::EveryCycle, Clocking::Sleeping}) {
        Rig rig(clocking, params, computes, sram, pacer);
        ContendingClient other(rig.memory.port(SramClient::StreamWrite), 0, 1, 600, contend);
        rig.memory.connect(SramClient::StreamWrite, rig.bench.attach(other));
        rig.bench.run_until(30'000);
        RC_ASSERT(rig.completions.signals().size() == count);
        RC_ASSERT(rig.rescaler.stats().rescales == rescales);
        RC_ASSERT(rig.rescaler.stats().result_bytes == bytes);
        RC_ASSERT(busy(rig.rescaler.rescale_account()) == work);
        RC_ASSERT(total(rig.rescaler.rescale_account()) == 30'000U);
        RC_ASSERT(total(rig.rescaler.write_account()) == 30'000U);
        if (clocking == Clocking::EveryCycle) {
            signals = rig.completions.signals();
            rescale = states(rig.rescaler.rescale_account());
            write = states(rig.rescaler.write_account());
        }
        RC_ASSERT(signals == rig.completions.signals());
        RC_ASSERT(rescale == states(rig.rescaler.rescale_account()));
        RC_ASSERT(write == states(rig.rescaler.write_account()));
    }
}

}  // namespace
}  // namespace lpusim::test
