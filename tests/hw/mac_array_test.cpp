#include "hw_models/units/mac_array.h"

#include <numeric>

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "hw_models/units/sram_banks.h"
#include "tests/support/bench.h"
#include "tests/support/channel_ends.h"
#include "tests/support/contending_client.h"
#include "tests/support/instructions.h"
#include "tests/support/pick.h"
#include "tests/support/scripted_source.h"
#include "tests/support/vector_ends.h"

namespace lpusim::test {
namespace {

using testing::ElementsAre;

/// 8 x 8, loaded with 16 B/cycle: fill and drain take 15 cycles.
MacArrayParams array_of(bool double_buffering = true) {
    MacArrayParams params;
    params.rows = 8;
    params.cols = 8;
    params.load_bytes = Bytes(16);
    params.double_buffering = double_buffering;
    return params;
}
constexpr std::uint64_t kPipeline = 15;

SramBanksParams banks_of(std::uint32_t banks) {
    SramBanksParams params;
    params.banks = banks;
    params.width = Bytes(16);
    return params;
}

/// What enters the array: operands before the load port, at this pace.
struct Feed {
    std::uint64_t weights = 0;
    std::uint64_t kv = 0;
    std::uint64_t per_cycle = 1 << 20;
    Pacer pacer = Pacer::always();
};

struct Ends {
    MacArrayParams array = array_of();
    SramBanksParams sram = banks_of(4);
    Pacer drain = Pacer::always();
    Pacer load_issue = Pacer::always();
    Pacer compute_issue = Pacer::always();
};

/// Operand sources - array - vector sink, without an unpack unit inside the array.
struct Rig {
    Rig(Clocking clocking, std::vector<isa::Instruction> installs,
        std::vector<isa::Instruction> computes, const Feed& feed, const Ends& ends = {})
        : bench(clocking),
          memory(sc_core::sc_gen_unique_name("sram_banks"), ends.sram),
          load_source(std::move(installs), ends.load_issue),
          compute_source(std::move(computes), ends.compute_issue),
          weights(1 << 20, Cycles(0)),
          kv(1 << 20, Cycles(0)),
          results(ends.array.pipeline(), 2),
          array(sc_core::sc_gen_unique_name("mac_array"), ends.array,
                OperandPaths{weights, kv, nullptr, nullptr}, load_source, compute_source,
                memory.port(SramClient::ActivationRead), results, 1),
          weight_source(weights, feed.weights, feed.per_cycle, feed.pacer),
          kv_source(kv, feed.kv, feed.per_cycle, feed.pacer),
          sink(results, ends.drain) {
        bench.attach(memory);
        const Waker waker = bench.attach(array);
        memory.connect(SramClient::ActivationRead, waker);
        weights.connect(bench.attach(weight_source), waker);
        kv.connect(bench.attach(kv_source), waker);
        results.connect(waker, bench.attach(sink));
    }

    const std::vector<std::uint64_t>& swaps() const { return compute_source.starts(); }

    Bench bench;
    SramBanks memory;
    ScriptedSource load_source;
    ScriptedSource compute_source;
    Channel weights;
    Channel kv;
    VectorPipe results;
    MacArray array;
    ByteSource weight_source;
    ByteSource kv_source;
    VectorSink sink;
};

/// Vectors of one activation word whose results pass the rescaler.
isa::ComputeTile rescaled(std::uint32_t vectors, std::uint64_t activation_bytes = 16) {
    isa::ComputeTile tile = compute(vectors, activation_bytes);
    tile.rescales_per_vector = 8;
    tile.macs_per_vector = 64;
    return tile;
}

std::vector<isa::Instruction> installs(std::size_t tiles, std::uint64_t bytes = 64) {
    return repeat(tiles, instruction(install(bytes)));
}
std::vector<isa::Instruction> computes(std::size_t tiles, const isa::ComputeTile& tile) {
    return repeat(tiles, instruction(tile));
}

using MacArrayTest = EachClocking;
INSTANTIATE_TEST_SUITE_P(Clocked, MacArrayTest, kEachClocking, testing::PrintToStringParamName());

TEST_P(MacArrayTest, InstallsSwapsAndComputesOneTile) {
    Rig rig(GetParam(), installs(1), computes(1, rescaled(1)), {64});
    rig.bench.run_until(30);
    // Operands are there from cycle 1. Beats of 16 B in 1-4; swap in 4; the vector enters in 5.
    EXPECT_THAT(rig.load_source.starts(), ElementsAre(0));
    EXPECT_THAT(rig.load_source.signals(), ElementsAre(4));
    EXPECT_THAT(rig.swaps(), ElementsAre(4));
    EXPECT_THAT(rig.sink.received_at(), ElementsAre(5 + 1 + kPipeline));
    EXPECT_EQ(states(rig.array.load_account()), (States{4, 0, 0, 1, 25}));
    EXPECT_EQ(states(rig.array.compute_account()), (States{1, 5, 0, 0, 24}));
    EXPECT_EQ(states(rig.array.activation_account()), (States{1, 5, 0, 0, 24}));
    EXPECT_EQ(rig.array.stats().port_bytes, 64U);
    EXPECT_EQ(rig.array.stats().installed_operand_bytes, 64U);
    EXPECT_EQ(rig.array.stats().useful_macs, 64U);
    EXPECT_EQ(rig.array.stats().tiles, 1U);
}

TEST_P(MacArrayTest, InstallsTilesBackToBackWhenComputeKeepsUp) {
    // 64 B in 4 beats, 70 B in 5 (the last is short), 10 B in 1.
    const std::pair<std::uint64_t, std::uint64_t> cases[] = {{64, 4}, {70, 5}, {10, 1}};
    for (const auto& [bytes, beats] : cases) {
        Rig rig(GetParam(), installs(50, bytes), computes(50, rescaled(1)), {50 * bytes});
        rig.bench.run_until(400);
        EXPECT_EQ(rig.load_source.signals().front(), beats);
        EXPECT_EQ(rig.load_source.signals().back(), 50 * beats);
        EXPECT_EQ(rig.sink.received_at().back(), 50 * beats + 1 + 1 + kPipeline);
        EXPECT_EQ(states(rig.array.load_account()),
                  (States{50 * beats, 0, 0, 1, 399 - 50 * beats}));
        EXPECT_EQ(busy(rig.array.compute_account()), 50U);
    }
}

TEST_P(MacArrayTest, SwapsWhenTheLastVectorHasEntered) {
    // 10 vectors against 4 beats: compute-bound. Swap in cycle 4, vectors in 5-14, swap in 14, ...
    Rig rig(GetParam(), installs(20), computes(20, rescaled(10)), {20 * 64});
    rig.bench.run_until(300);
    EXPECT_EQ(rig.swaps()[1], 14U);
    EXPECT_EQ(rig.swaps().back(), 4U + 19 * 10);
    EXPECT_EQ(rig.sink.received_at().size(), 200U);
    EXPECT_EQ(rig.sink.received_at().back(), 4 + 200 + 1 + kPipeline);
    // From the second tile on the port waits 6 cycles for the shadow planes: 18 times, as the last
    // tile is followed by none and the first two found them free.
    EXPECT_EQ(states(rig.array.load_account()), (States{80, 0, 18 * 6, 1, 300 - 80 - 18 * 6 - 1}));
    EXPECT_EQ(states(rig.array.compute_account()), (States{200, 5, 0, 0, 95}));
}

TEST_P(MacArrayTest, SerialisesInstallAndComputeWithoutDoubleBuffering) {
    Ends ends;
    ends.array = array_of(false);
    Rig rig(GetParam(), installs(3), computes(3, rescaled(10)), {3 * 64}, ends);
    rig.bench.run_until(100);
    // Beats 1-4, vectors 5-14, the last one leaves the planes after 15 more cycles, beats from 30
    // on: 4 + 10 + 15.
    EXPECT_THAT(rig.swaps(), ElementsAre(4, 33, 62));
    EXPECT_THAT(rig.load_source.signals(), ElementsAre(4, 33, 62));
    EXPECT_EQ(states(rig.array.load_account()), (States{12, 0, 50, 1, 37}));
    EXPECT_EQ(states(rig.array.compute_account()), (States{30, 5 + 19 + 19, 0, 0, 27}));
}

TEST_P(MacArrayTest, SpacesVectorsByTheRateOfTheirType) {
    isa::ComputeTile tile = rescaled(3);
    tile.cycles_per_vector = 4;
    Rig rig(GetParam(), installs(3), computes(3, tile), {3 * 64});
    rig.bench.run_until(100);
    // Vectors in 5, 9 and 13; the array is taken up to 16; so every 12 cycles.
    EXPECT_THAT(rig.swaps(), ElementsAre(4, 16, 28));
    std::vector<std::uint64_t> entered;
    for (const std::uint64_t at : rig.sink.received_at()) entered.push_back(at - 1 - kPipeline);
    EXPECT_THAT(entered, ElementsAre(5, 9, 13, 17, 21, 25, 29, 33, 37));
    // Waiting for its own rate is busy.
    EXPECT_EQ(states(rig.array.compute_account()), (States{36, 5, 0, 0, 59}));
    EXPECT_EQ(states(rig.array.activation_account()), (States{9, 32, 0, 0, 59}));
}

TEST_P(MacArrayTest, WaitsForAllActivationWordsOfAVector) {
    // 10 words from 4 banks: 4 + 4 + 2, so a vector every third cycle.
    Rig rig(GetParam(), installs(2), computes(2, rescaled(2, 160)), {2 * 64});
    rig.bench.run_until(50);
    EXPECT_THAT(rig.sink.received_at(), ElementsAre(7 + 16, 10 + 16, 13 + 16, 16 + 16));
    EXPECT_THAT(rig.swaps(), ElementsAre(4, 10));
    EXPECT_EQ(states(rig.array.compute_account()), (States{4, 5 + 8, 0, 0, 33}));
    EXPECT_EQ(states(rig.array.activation_account()), (States{12, 5, 0, 0, 33}));
    EXPECT_EQ(rig.memory.port(SramClient::ActivationRead).words(), 40U);
}

TEST_P(MacArrayTest, IsStarvedWhileActivationsAreRefused) {
    Ends ends;
    ends.sram = banks_of(1);
    Rig rig(GetParam(), installs(1), computes(1, rescaled(3)), {64}, ends);
    ContendingClient other(rig.memory.port(SramClient::StreamWrite), 0, 1, 21);
    rig.memory.connect(SramClient::StreamWrite, rig.bench.attach(other));
    rig.bench.run_until(50);
    // Swap in 4. Refused in 5-20, vectors in 21-23.
    EXPECT_EQ(rig.sink.received_at().front(), 21 + 1 + kPipeline);
    EXPECT_EQ(states(rig.array.compute_account()), (States{3, 5 + 16, 0, 0, 26}));
    EXPECT_EQ(states(rig.array.activation_account()), (States{3, 5 + 16, 0, 0, 26}));
}

TEST_P(MacArrayTest, IsBlockedWhenTheResultPipeIsFull) {
    Ends ends;
    ends.drain = Pacer::every(10);
    Rig rig(GetParam(), installs(1), computes(1, rescaled(40)), {64}, ends);
    rig.bench.run_until(500);
    // The pipe has room for the 15 in flight and two more; then a place every ten cycles, used one
    // later. Vectors 5-21 enter freely; the first comes out in 21, and leaves in 30; the 18th
    // enters in 31, the 40th in 31 + 22 x 10.
    EXPECT_EQ(rig.sink.received_at().front(), 30U);
    EXPECT_EQ(rig.sink.received_at().back(), 30U + 39 * 10);
    EXPECT_EQ(rig.array.compute_account().in(EngineState::Busy), Cycles(40));
    EXPECT_EQ(rig.array.compute_account().in(EngineState::Blocked), Cycles(9 + 22 * 9));
}

TEST_P(MacArrayTest, KeepsPartialSumsInItsAccumulators) {
    // Neither rescaled nor written nor signalled: nothing leaves the array.
    isa::ComputeTile inner = compute(100, 16);
    inner.macs_per_vector = 64;
    Rig rig(GetParam(), installs(3), computes(3, inner), {3 * 64});
    rig.bench.run_until(400);
    EXPECT_TRUE(rig.sink.received_at().empty());
    EXPECT_THAT(rig.swaps(), ElementsAre(4, 104, 204));
    EXPECT_EQ(rig.array.stats().useful_macs, 300U * 64);
    EXPECT_EQ(rig.memory.port(SramClient::ActivationRead).words(), 300U);
    EXPECT_EQ(states(rig.array.compute_account()), (States{300, 5, 0, 0, 95}));
    EXPECT_EQ(states(rig.array.activation_account()), (States{300, 5, 0, 0, 95}));
}

TEST(MacArray, SleepsWhileNothingChanges) {
    isa::ComputeTile inner = compute(1'000'000, 16);
    inner.cycles_per_vector = 3;
    Rig rig(Clocking::Sleeping, installs(2), computes(2, inner), {2 * 64});
    rig.bench.run_until(7'000'000);
    EXPECT_THAT(rig.swaps(), ElementsAre(4, 3'000'004));
    EXPECT_EQ(busy(rig.array.activation_account()), 2'000'000U);
    EXPECT_LT(rig.bench.domain().evaluations(), 40U);
}

TEST_P(MacArrayTest, MovesWholeBeatsOfANarrowSource) {
    // 3 B/cycle from cycle 0 on: beats of 16 B when 16, 32, 48 and 64 B are there, in cycles 6, 11,
    // 16 and 22.
    Rig rig(GetParam(), installs(1), computes(1, rescaled(1)), {64, 0, 3});
    rig.bench.run_until(30);
    EXPECT_THAT(rig.load_source.signals(), ElementsAre(22));
    EXPECT_EQ(states(rig.array.load_account()), (States{4, 18, 0, 1, 7}));
}

TEST_P(MacArrayTest, TakesKvTilesFromTheirOwnChannel) {
    std::vector<isa::Instruction> tiles = {instruction(install(64)),
                                           instruction(install(48, isa::OperandSource::Kv)),
                                           instruction(install(64))};
    Rig rig(GetParam(), tiles, computes(3, rescaled(1)), {128, 48});
    rig.bench.run_until(40);
    EXPECT_THAT(rig.load_source.signals(), ElementsAre(4, 7, 11));
    EXPECT_EQ(rig.weights.available(Cycles(40)), 0U);
    EXPECT_EQ(rig.kv.available(Cycles(40)), 0U);
}

TEST_P(MacArrayTest, WaitsForItsQueues) {
    Ends ends;
    ends.load_issue = Pacer::every(20);
    ends.compute_issue = Pacer::bursts(1, 29);
    Rig rig(GetParam(), installs(2), computes(2, rescaled(1)), {128}, ends);
    rig.bench.run_until(60);
    // Installs start in 0 and 20, computes can in 0 and 30.
    EXPECT_THAT(rig.load_source.signals(), ElementsAre(4, 24));
    EXPECT_THAT(rig.swaps(), ElementsAre(4, 30));
    // Load: waits in 0 and in 5-20. Compute: starved for its first tile in 0-4, waits in 6-29, and
    // in 30 takes the tile.
    EXPECT_EQ(states(rig.array.load_account()), (States{8, 0, 0, 17, 35}));
    EXPECT_EQ(states(rig.array.compute_account()), (States{2, 5 + 1, 0, 24, 28}));
}

TEST_P(MacArrayTest, FillsItsPlanesFromAnUnpackUnitInside) {
    // Tiles of 32 packed bytes, 2 beats at the port; their 64 operands come back with 8 B/cycle
    // from cycle 3 on.
    Bench bench(GetParam());
    SramBanks memory(sc_core::sc_gen_unique_name("sram_banks"), banks_of(4));
    ScriptedSource load_source(repeat(3, instruction(install_packed(32, 64))));
    ScriptedSource compute_source(computes(3, rescaled(1)));
    Channel packed(1000, Cycles(0));
    Channel kv(1000, Cycles(0));
    Channel to_unpack(1000, Cycles(0));
    Channel from_unpack(1000, Cycles(2));
    VectorPipe results(Cycles(kPipeline), 2);
    MacArray array(sc_core::sc_gen_unique_name("mac_array"), array_of(),
                   OperandPaths{packed, kv, &to_unpack, &from_unpack}, load_source, compute_source,
                   memory.port(SramClient::ActivationRead), results, 1);
    ByteSource weights(packed, 96, 1000);
    ByteSink unpack_in(to_unpack, 1000);
    ByteSource unpack_out(from_unpack, 192, 8);
    VectorSink sink(results);
    bench.attach(memory);
    const Waker waker = bench.attach(array);
    memory.connect(SramClient::ActivationRead, waker);
    packed.connect(bench.attach(weights), waker);
    to_unpack.connect(waker, bench.attach(unpack_in));
    from_unpack.connect(bench.attach(unpack_out), waker);
    results.connect(waker, bench.attach(sink));
    bench.run_until(60);
    EXPECT_EQ(unpack_in.received(), 96U);
    // 8 beats of operands per tile, 24 in cycles 3-26.
    EXPECT_THAT(load_source.signals(), ElementsAre(10, 18, 26));
    EXPECT_THAT(compute_source.starts(), ElementsAre(10, 18, 26));
    EXPECT_EQ(array.stats().port_bytes, 96U);
    EXPECT_EQ(array.stats().installed_operand_bytes, 192U);
    EXPECT_EQ(busy(array.load_account()), 6U);
}

RC_GTEST_PROP(MacArray, LosesNothingUnderRandomStalls, ()) {
    Ends ends;
    ends.array.load_bytes = Bytes(pick(1, 40));
    ends.array.double_buffering = chance(50);
    ends.sram = banks_of(pick<std::uint32_t>(1, 4));
    ends.drain = Pacer::random(pick(0, 1000), pick<std::uint32_t>(10, 101));
    ends.load_issue = Pacer::random(pick(0, 1000), pick<std::uint32_t>(10, 101));
    ends.compute_issue = Pacer::random(pick(0, 1000), pick<std::uint32_t>(10, 101));
    Feed feed;
    feed.per_cycle = pick(1, 60);
    feed.pacer = Pacer::random(pick(0, 1000), pick<std::uint32_t>(10, 101));
    std::vector<isa::Instruction> tiles;
    std::vector<isa::Instruction> products;
    std::uint64_t vectors = 0;
    std::uint64_t results = 0;
    std::uint64_t beats = 0;
    const std::uint64_t count = pick(1, 12);
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t bytes = pick(1, 100);
        const bool from_kv = chance(30);
        (from_kv ? feed.kv : feed.weights) += bytes;
        beats += ceil_div(bytes, ends.array.load_bytes.count());
        tiles.push_back(instruction(
            install(bytes, from_kv ? isa::OperandSource::Kv : isa::OperandSource::Weights)));
        isa::ComputeTile tile = rescaled(pick<std::uint32_t>(1, 20), pick(0, 100));
        tile.cycles_per_vector = pick<std::uint32_t>(1, 4);
        if (chance(40)) tile.rescales_per_vector = 0;
        vectors += tile.vectors;
        if (tile.rescales_per_vector > 0) results += tile.vectors;
        products.push_back(instruction(tile));
    }
    const Pacer contend = Pacer::random(pick(0, 1000), pick<std::uint32_t>(10, 90));

    std::vector<std::uint64_t> received;
    States load{};
    States compute{};
    States activation{};
    for (const Clocking clocking : {Clocking::EveryCycle, Clocking::Sleeping}) {
        Rig rig(clocking, tiles, products, feed, ends);
        ContendingClient other(rig.memory.port(SramClient::StreamWrite), 0, 1, 500, contend);
        rig.memory.connect(SramClient::StreamWrite, rig.bench.attach(other));
        rig.bench.run_until(20'000);

        RC_ASSERT(rig.array.stats().installed_operand_bytes == feed.weights + feed.kv);
        RC_ASSERT(rig.array.stats().tiles == count);
        RC_ASSERT(rig.array.stats().useful_macs == 64 * vectors);
        RC_ASSERT(rig.sink.received_at().size() == results);
        RC_ASSERT(busy(rig.array.load_account()) == beats);
        RC_ASSERT(total(rig.array.load_account()) == 20'000U);
        RC_ASSERT(total(rig.array.compute_account()) == 20'000U);
        RC_ASSERT(total(rig.array.activation_account()) == 20'000U);
        if (clocking == Clocking::EveryCycle) {
            received = rig.sink.received_at();
            load = states(rig.array.load_account());
            compute = states(rig.array.compute_account());
            activation = states(rig.array.activation_account());
        }
        RC_ASSERT(received == rig.sink.received_at());
        RC_ASSERT(load == states(rig.array.load_account()));
        RC_ASSERT(compute == states(rig.array.compute_account()));
        RC_ASSERT(activation == states(rig.array.activation_account()));
    }
}

}  // namespace
}  // namespace lpusim::test
