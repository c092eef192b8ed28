#include "hw_models/units/unpack_unit.h"

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

namespace lpusim::test {
namespace {

using testing::ElementsAre;

constexpr std::uint64_t kReadLatency = 3;

UnpackUnitParams unpack_of(std::uint32_t lanes, std::uint64_t read_bytes, std::uint64_t depth = 2) {
    UnpackUnitParams params;
    params.lanes = lanes;
    params.read_bytes = Bytes(read_bytes);
    params.depth = Cycles(depth);
    return params;
}

struct Ends {
    Pacer issue = Pacer::always();
    Pacer drain = Pacer::always();
    /// Room before and behind the decoder.
    std::uint64_t packed_capacity = 1 << 16;
    std::uint64_t unpacked_capacity = 1 << 16;
    SramBanksParams sram = [] {
        SramBanksParams params;
        params.banks = 16;
        params.width = Bytes(4);
        return params;
    }();
};

/// Source - unpack unit - sink, the unit before the load port. `tiles` name layout 0.
struct Rig {
    Rig(Clocking clocking, const UnpackUnitParams& params, const isa::TileLayout& layout,
        const std::vector<isa::UnpackTile>& tiles, const Ends& ends = {})
        : bench(clocking),
          program(program_of(layout)),
          memory(sc_core::sc_gen_unique_name("sram_banks"), ends.sram),
          source(script_of(tiles), ends.issue),
          packed(ends.packed_capacity, Cycles(kReadLatency)),
          unpacked(ends.unpacked_capacity, params.depth),
          unit(sc_core::sc_gen_unique_name("unpack_unit"), params, program, source,
               memory.port(SramClient::UnpackRead), packed, packed, unpacked),
          sink(unpacked, ends.unpacked_capacity, ends.drain) {
        bench.attach(memory);
        const Waker waker = bench.attach(unit);
        memory.connect(SramClient::UnpackRead, waker);
        packed.connect(waker, waker);
        unpacked.connect(waker, bench.attach(sink));
    }

    static isa::Program program_of(const isa::TileLayout& layout) {
        isa::Program program;
        program.layouts = {layout};
        program.operators = {"op"};
        return program;
    }
    static std::vector<isa::Instruction> script_of(const std::vector<isa::UnpackTile>& tiles) {
        std::vector<isa::Instruction> script;
        script.reserve(tiles.size());
        for (const isa::UnpackTile& tile : tiles) script.push_back(instruction(tile));
        return script;
    }

    Bench bench;
    isa::Program program;
    SramBanks memory;
    ScriptedSource source;
    Channel packed;
    Channel unpacked;
    UnpackUnit unit;
    ByteSink sink;
};

isa::UnpackTile columns(std::uint32_t count, std::uint32_t operand_bytes = 1) {
    return {0, count, operand_bytes};
}

/// A word read in cycle t is at the decoder in t + 1 + kReadLatency; what that emits is out 1 +
/// depth cycles later.
constexpr std::uint64_t seen(std::uint64_t read_at) { return read_at + 1 + kReadLatency; }

using UnpackUnitTest = EachClocking;
INSTANTIATE_TEST_SUITE_P(Clocked, UnpackUnitTest, kEachClocking, testing::PrintToStringParamName());

TEST_P(UnpackUnitTest, HasTheLatencyOfReadAndDepth) {
    // 8 weights of 4 bits: one word, one beat.
    Rig rig(GetParam(), unpack_of(8, 4, 2), dense_layout(8, 4), {columns(1)});
    rig.bench.run();
    EXPECT_THAT(rig.source.signals(),
                ElementsAre(1));  // the buffer is free when the word has been read
    EXPECT_EQ(rig.sink.first_at(), seen(1) + 1 + 2);
    EXPECT_EQ(rig.sink.received(), 8U);
    EXPECT_EQ(rig.unit.stats().weights, 8U);
    EXPECT_EQ(rig.unit.stats().packed_bytes, 4U);
}

TEST_P(UnpackUnitTest, EmitsItsLanesPerCycle) {
    // 64 weights in 8 beats of 8; read 16 B/cycle, far more than the 4 B of a beat.
    Rig rig(GetParam(), unpack_of(8, 16), dense_layout(16, 4), {columns(4)});
    rig.bench.run_until(30);
    // Beats in the cycles seen(1) = 5 to 12.
    EXPECT_EQ(rig.sink.last_at(), seen(1) + 7 + 1 + 2);
    // The reader takes the instruction in cycle 0; the tile is at the decoder from 1 on.
    EXPECT_EQ(states(rig.unit.unpack_account()), (States{8, 5, 0, 0, 17}));
    EXPECT_EQ(states(rig.unit.read_account()), (States{2, 0, 0, 1, 27}));
}

TEST_P(UnpackUnitTest, IsStarvedByItsReadRate) {
    // 64 weights, 32 B at 2 B/cycle: a word of 4 B, 8 weights, every other cycle, 2, 4, ... 16.
    Rig rig(GetParam(), unpack_of(8, 2), dense_layout(16, 4), {columns(4)});
    rig.bench.run_until(30);
    EXPECT_EQ(rig.sink.last_at(), seen(16) + 1 + 2);
    EXPECT_EQ(states(rig.unit.unpack_account()), (States{8, 13, 0, 0, 9}));
    EXPECT_EQ(states(rig.unit.read_account()), (States{16, 0, 0, 1, 13}));
}

TEST_P(UnpackUnitTest, EmitsAShortLastBeat) {
    // 3 columns of 7 weights in beats of 8: 8 + 8 + 5.
    Rig rig(GetParam(), unpack_of(8, 32), dense_layout(7, 8), {columns(3)});
    rig.bench.run_until(30);
    EXPECT_EQ(rig.unit.stats().weights, 21U);
    EXPECT_EQ(busy(rig.unit.unpack_account()), 3U);
    EXPECT_EQ(rig.sink.received(), 21U);
}

TEST_P(UnpackUnitTest, EmitsHalfAsManyWeightsOfTwoBytes) {
    // 32 weights of 16 bits: 4 per beat.
    Rig rig(GetParam(), unpack_of(8, 64), dense_layout(16, 16), {columns(2, 2)});
    rig.bench.run_until(40);
    EXPECT_EQ(busy(rig.unit.unpack_account()), 8U);
    EXPECT_EQ(rig.unit.stats().operand_bytes, 64U);
    EXPECT_EQ(rig.sink.received(), 64U);
    // An odd lane stays unused: 7 lanes carry 3 weights.
    Rig odd(GetParam(), unpack_of(7, 64), dense_layout(15, 16), {columns(1, 2)});
    odd.bench.run_until(40);
    EXPECT_EQ(busy(odd.unit.unpack_account()), 5U);
}

TEST_P(UnpackUnitTest, WaitsForMetadataBeforeItsGroup) {
    // One column of 16 weights of 4 bits in two groups, each behind 4 B: m m w w of 12 words...
    // with 4 B/cycle the words come one per cycle: metadata, 8 weights, metadata, 8 weights, in
    // cycles 1-4. A beat goes with every second word.
    Rig rig(GetParam(), unpack_of(8, 4), grouped_layout(16, 4, 8, 4), {columns(1)});
    rig.bench.run_until(20);
    EXPECT_EQ(rig.sink.first_at(), seen(2) + 1 + 2);
    EXPECT_EQ(rig.sink.last_at(), seen(4) + 1 + 2);
    EXPECT_EQ(rig.unit.stats().packed_bytes, 16U);
    EXPECT_EQ(states(rig.unit.unpack_account()), (States{2, seen(1) + 2, 0, 0, 20 - seen(4) - 1}));
}

TEST_P(UnpackUnitTest, ReadsAHeaderBeforeTheFirstWeight) {
    // 12 bits of metadata for each of 8 columns: 12 B, three words, then 8 columns of one word.
    isa::TileLayout layout = dense_layout(8, 4);
    layout.header_bits_per_column = 12;
    Rig rig(GetParam(), unpack_of(8, 4), layout, {columns(8)});
    rig.bench.run_until(30);
    EXPECT_EQ(rig.sink.first_at(), seen(4) + 1 + 2);
    EXPECT_EQ(rig.sink.last_at(), seen(11) + 1 + 2);
    EXPECT_EQ(rig.unit.stats().packed_bytes, 12U + 32);
}

TEST_P(UnpackUnitTest, GoesFromTileToTileWithoutAGap) {
    // Tiles of 8 beats, read in 8 cycles.
    Rig rig(GetParam(), unpack_of(8, 4), dense_layout(16, 4),
            std::vector<isa::UnpackTile>(10, columns(4)));
    rig.bench.run_until(100);
    EXPECT_EQ(rig.source.signals().back(), 80U);
    EXPECT_EQ(rig.sink.last_at(), seen(80) + 1 + 2);
    EXPECT_EQ(states(rig.unit.unpack_account()), (States{80, 5, 0, 0, 15}));
}

TEST_P(UnpackUnitTest, IsBlockedWhileItsOutputIsFull) {
    Ends ends;
    ends.unpacked_capacity = 16;  // two beats
    ends.drain = Pacer::every(20);
    Rig rig(GetParam(), unpack_of(8, 16), dense_layout(16, 4), {columns(2)}, ends);
    rig.bench.run_until(41);
    // Beats in cycles 5 and 6; the sink takes them in 20, two more follow in 21 and 22 and are gone
    // in 40.
    EXPECT_EQ(states(rig.unit.unpack_account()), (States{4, 5, 14, 0, 18}));
    EXPECT_EQ(rig.sink.received(), 32U);
}

TEST_P(UnpackUnitTest, ReadsNoFurtherAheadThanItsTileQueue) {
    Ends ends;
    ends.unpacked_capacity = 8;
    ends.drain = Pacer::every(50);
    // Tiles of one word and one beat. Nothing leaves between cycle 5, when the first beat fills the
    // output, and 50.
    Rig rig(GetParam(), unpack_of(8, 4), dense_layout(8, 4),
            std::vector<isa::UnpackTile>(10, columns(1)), ends);
    rig.bench.run_until(50);
    // The first tile has been emitted, four more wait for it.
    EXPECT_EQ(rig.source.starts().size(), 1 + UnpackUnit::kTilesAhead);
    EXPECT_GE(rig.unit.read_account().in(EngineState::Blocked), Cycles(40));
}

TEST_P(UnpackUnitTest, IsStarvedWhileItsReadsAreRefused) {
    Ends ends;
    ends.sram.banks = 1;
    Rig rig(GetParam(), unpack_of(8, 4), dense_layout(8, 4), {columns(4)}, ends);
    ContendingClient other(rig.memory.port(SramClient::StreamWrite), 0, 1, 21);
    rig.memory.connect(SramClient::StreamWrite, rig.bench.attach(other));
    rig.bench.run_until(40);
    // Refused in cycles 1-20, words in 21-24.
    EXPECT_THAT(rig.source.signals(), ElementsAre(24));
    EXPECT_EQ(states(rig.unit.read_account()), (States{4, 20, 0, 1, 15}));
    EXPECT_EQ(states(rig.unit.unpack_account()), (States{4, seen(21), 0, 0, 40 - seen(25)}));
}

TEST_P(UnpackUnitTest, HandsPackedBytesToThePortWhenItSitsInsideTheArray) {
    // What is read goes to the port; the decoder finds it where the port puts it, here a relay of 4
    // B/cycle.
    Bench bench(GetParam());
    isa::Program program = Rig::program_of(dense_layout(16, 4));
    SramBanks memory(sc_core::sc_gen_unique_name("sram_banks"), Ends{}.sram);
    ScriptedSource source(repeat(2, instruction(columns(4))));
    Channel read(1000, Cycles(kReadLatency));
    Channel behind_port(1000, Cycles(0));
    Channel unpacked(1000, Cycles(0));
    UnpackUnit unit(sc_core::sc_gen_unique_name("unpack_unit"), unpack_of(16, 16, 0), program,
                    source, memory.port(SramClient::UnpackRead), read, behind_port, unpacked);
    ByteSink before_port(read, 1000);
    ByteSource after_port(behind_port, 64, 4);
    ByteSink sink(unpacked, 1000);
    bench.attach(memory);
    const Waker waker = bench.attach(unit);
    memory.connect(SramClient::UnpackRead, waker);
    read.connect(waker, bench.attach(before_port));
    behind_port.connect(bench.attach(after_port), waker);
    unpacked.connect(waker, bench.attach(sink));
    bench.run();
    EXPECT_EQ(before_port.received(), 64U);
    EXPECT_EQ(sink.received(), 128U);
    // 4 B per cycle behind the port in cycles 1-16, 8 B per beat: the last beat in 16.
    EXPECT_EQ(sink.last_at(), 16U + 1);
}

RC_GTEST_PROP(UnpackUnit, LosesNothingUnderRandomStalls, ()) {
    isa::TileLayout layout;
    layout.rows = pick<std::uint32_t>(1, 20);
    layout.prefix_bytes = {0};
    for (std::uint32_t k = 0; k < layout.rows; ++k) {
        layout.prefix_bytes.push_back(layout.prefix_bytes.back() + pick<std::uint32_t>(0, 4));
    }
    layout.column_bytes = Bytes(layout.prefix_bytes.back());
    layout.header_bits_per_column = pick<std::uint32_t>(1, 20);
    const UnpackUnitParams params = unpack_of(pick<std::uint32_t>(2, 40), pick(1, 60), pick(0, 8));

    std::vector<isa::UnpackTile> tiles;
    std::uint64_t packed = 0;
    std::uint64_t operands = 0;
    std::uint64_t beats = 0;
    const auto count = pick(1, 8);
    for (std::uint64_t i = 0; i < count; ++i) {
        tiles.push_back(columns(pick<std::uint32_t>(1, 9), pick<std::uint32_t>(1, 3)));
        const isa::UnpackTile& tile = tiles.back();
        const std::uint64_t weights = std::uint64_t{layout.rows} * tile.columns;
        packed += layout.tile_bytes(tile.columns).count();
        operands += weights * tile.operand_bytes;
        beats += ceil_div(weights, params.lanes / tile.operand_bytes);
    }
    Ends ends;
    ends.sram.banks = pick<std::uint32_t>(1, 5);
    ends.sram.width = Bytes(std::uint64_t{1} << pick(0, 5));
    ends.sram.interleave_words = chance(30) ? 2 : 1;
    ends.packed_capacity = 2000;
    ends.unpacked_capacity = params.lanes + pick(0, 100);
    ends.issue = Pacer::random(pick(0, 1000), pick<std::uint32_t>(10, 101));
    ends.drain = Pacer::random(pick(0, 1000), pick<std::uint32_t>(5, 101));
    const Pacer contend = Pacer::random(pick(0, 1000), pick<std::uint32_t>(10, 90));

    std::vector<std::uint64_t> signals;
    States read_states{};
    States unpack_states{};
    for (const Clocking clocking : {Clocking::EveryCycle, Clocking::Sleeping}) {
        Rig rig(clocking, params, layout, tiles, ends);
        ContendingClient other(rig.memory.port(SramClient::StreamWrite), 0, 1, 500, contend);
        rig.memory.connect(SramClient::StreamWrite, rig.bench.attach(other));
        rig.bench.run_until(20'000);

        RC_ASSERT(rig.sink.received() == operands);
        RC_ASSERT(rig.unit.stats().operand_bytes == operands);
        RC_ASSERT(rig.unit.stats().packed_bytes == packed);
        RC_ASSERT(rig.packed.room() == ends.packed_capacity);
        RC_ASSERT(rig.source.signals().size() == count);
        RC_ASSERT(busy(rig.unit.unpack_account()) == beats);
        RC_ASSERT(total(rig.unit.unpack_account()) == 20'000U);
        RC_ASSERT(total(rig.unit.read_account()) == 20'000U);
        if (clocking == Clocking::EveryCycle) {
            signals = rig.source.signals();
            read_states = states(rig.unit.read_account());
            unpack_states = states(rig.unit.unpack_account());
        }
        RC_ASSERT(signals == rig.source.signals());
        RC_ASSERT(read_states == states(rig.unit.read_account()));
        RC_ASSERT(unpack_states == states(rig.unit.unpack_account()));
    }
}

}  // namespace
}  // namespace lpusim::test
