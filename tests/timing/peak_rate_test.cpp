// A long operator runs at the rate of its slowest stage, and that stage's engine is the one that is
// always busy.

#include <gmock/gmock.h>

#include "tests/support/chip_run.h"
#include "tests/support/chips.h"
#include "tests/support/linear_operator.h"

namespace lpusim::test {
namespace {

/// Cycles until the last result is in memory.
std::uint64_t end_of(const ChipRun& run) {
    return run.chip().retired().token_ends().front().count();
}

constexpr std::uint64_t kTiles = 1000;
constexpr std::uint64_t kOneTile = 63;  // see unloaded_latency_test.cpp

/// Runs the operator with kTiles tiles, which must take `period` cycles each, and the named engine
/// must have been busy for `busy_per_tile` of them, more than any other.
void expect_bound(const ChipParams& chip, LinearOperator op, const std::string& engine,
                  std::uint64_t period, std::uint64_t busy_per_tile) {
    op.tiles = kTiles;
    ChipRun run(chip, program_of(op, chip), Clocking::Sleeping);
    finish(run);
    // The first tile takes its latency, of which the stages that are not the slowest hide some.
    const std::uint64_t cycles = end_of(run);
    EXPECT_GE(cycles, kTiles * period);
    EXPECT_LE(cycles, kTiles * period + 2 * kOneTile) << engine;
    EXPECT_EQ(busy(run.account(engine)), kTiles * busy_per_tile);
    for (const CycleAccount* account : run.chip().accounts()) {
        EXPECT_EQ(total(*account), total(run.account(engine)));
        if (account->engine() == engine) continue;
        EXPECT_LT(busy(*account), busy(run.account(engine))) << account->engine();
    }
}

// The plain chip takes 4 cycles per tile of 64 operands: 16 unpack lanes, 16 B/cycle at the port.
// Each test makes one stage need 16.

TEST(PeakRate, OfTheStream) {
    ChipParams chip = plain_chip();
    chip.weight_stream.rate = {{2, 1}};  // 32 B packed
    expect_bound(chip, {}, "weight_stream", 16, 16);
}

TEST(PeakRate, OfTheStreamAtAFractionalRate) {
    ChipParams chip = plain_chip();
    chip.weight_stream.rate = {{7, 3}};
    LinearOperator op;
    op.tiles = 7 * kTiles;
    ChipRun run(chip, program_of(op, chip), Clocking::Sleeping);
    finish(run);
    // 7 tiles of 32 B take exactly 96 cycles. The stream begins in 23, and the last tile's way is
    // 38 cycles from the cycle after its last byte (25 to 62).
    EXPECT_EQ(end_of(run), 23 + 96 * kTiles + 38);
}

TEST(PeakRate, OfTheStreamUnderRefresh) {
    ChipParams chip = plain_chip();
    chip.weight_stream.rate = {{2, 1}};
    chip.weight_stream.refresh_period = Cycles(100);
    chip.weight_stream.refresh_duration = Cycles(20);
    expect_bound(chip, {}, "weight_stream", 20, 20);
}

TEST(PeakRate, OfTheReadOfPackedWeights) {
    ChipParams chip = plain_chip();
    chip.unpack_unit.read_bytes = Bytes(2);
    expect_bound(chip, {}, "sram_banks.unpack_read", 16, 16);
}

TEST(PeakRate, OfTheUnpackLanes) {
    ChipParams chip = plain_chip();
    chip.unpack_unit.lanes = 4;
    expect_bound(chip, {}, "unpack_unit", 16, 16);
}

TEST(PeakRate, OfTheUnpackLanesInsideTheArray) {
    ChipParams chip = plain_chip();
    chip.unpack_unit.position = UnpackPosition::InsideArray;
    chip.unpack_unit.lanes = 4;
    expect_bound(chip, {}, "unpack_unit", 16, 16);
}

TEST(PeakRate, OfTheLoadPort) {
    ChipParams chip = plain_chip();
    chip.mac_array.load_bytes = Bytes(4);
    expect_bound(chip, {}, "mac_array.load", 16, 16);
}

TEST(PeakRate, OfTheLoadPortForPackedBytes) {
    ChipParams chip = plain_chip();
    chip.unpack_unit.position = UnpackPosition::InsideArray;
    chip.mac_array.load_bytes = Bytes(2);
    expect_bound(chip, {}, "mac_array.load", 16, 16);
}

TEST(PeakRate, OfTheArray) {
    LinearOperator op;
    op.compute.vectors = 16;
    op.compute.rescales_per_vector = 0;
    op.compute.result_bytes = Bytes(0);
    op.compute.activation_bytes = Bytes(0);
    expect_bound(plain_chip(), op, "mac_array.compute", 16, 16);
}

TEST(PeakRate, OfTheArrayAtTheRateOfTheType) {
    LinearOperator op;
    op.compute.vectors = 4;
    op.compute.cycles_per_vector = 4;
    expect_bound(plain_chip(), op, "mac_array.compute", 16, 16);
}

TEST(PeakRate, OfActivationReads) {
    ChipParams chip = plain_chip();
    chip.sram_banks.banks = 2;
    LinearOperator op;
    op.compute.activation_bytes = Bytes(512);  // 32 words, two per cycle
    expect_bound(chip, op, "sram_banks.activation_read", 16, 16);
}

TEST(PeakRate, OfTheRescaler) {
    LinearOperator op;
    op.compute.rescales_per_vector = 128;  // 8 lanes
    expect_bound(plain_chip(), op, "rescaler", 16, 16);
}

TEST(PeakRate, OfResultWrites) {
    LinearOperator op;
    op.compute.result_bytes = Bytes(256);  // 8 lanes x 2 B are one word of 16 B per cycle
    expect_bound(plain_chip(), op, "sram_banks.result_write", 16, 16);
}

TEST(PeakRate, OfInstallAndComputeWithoutDoubleBuffering) {
    ChipParams chip = plain_chip();
    chip.mac_array.double_buffering = false;
    LinearOperator op;
    op.tiles = kTiles;
    ChipRun run(chip, program_of(op, chip), Clocking::Sleeping);
    finish(run);
    // 4 beats, one vector, 15 cycles until it has left: 20 per tile.
    EXPECT_EQ(end_of(run), kOneTile + (kTiles - 1) * 20);
}

TEST(PeakRate, OfSramPorts) {
    // One bank with one port, for a tile: two words written, two read, one of activations, and one
    // result.
    ChipParams chip = plain_chip();
    chip.sram_banks.banks = 1;
    chip.sram_banks.ports = 1;
    LinearOperator op;
    op.tiles = kTiles;
    ChipRun run(chip, program_of(op, chip), Clocking::Sleeping);
    finish(run);
    EXPECT_EQ(run.chip().sram_banks().words(), kTiles * 6);
    EXPECT_GE(end_of(run), kTiles * 6);
    EXPECT_LE(end_of(run), kTiles * 6 + 2 * kOneTile);
    // No client is busy all the time.
    for (const CycleAccount* account : run.chip().accounts()) {
        EXPECT_LT(busy(*account), kTiles * 5) << account->engine();
    }
    EXPECT_GT(run.chip().sram_banks().stats().contended_cycles, kTiles * 3);
}

TEST(PeakRate, OfTheVectorUnit) {
    const ChipParams chip = plain_chip();
    isa::ProgramBuilder builder;
    builder.add_operator("copies");
    builder.loop(kTiles, [&] {
        builder.emit(instruction(independent(vector_op(isa::VectorClass::Copy, 128, 128, 128))));
    });
    ChipRun run(chip, builder.finish(), Clocking::Sleeping);
    finish(run);
    // 16 beats each, in cycles 3 to 16'002.
    EXPECT_EQ(busy(run.account("vector_unit")), kTiles * 16);
    EXPECT_EQ(run.account("vector_unit").in(EngineState::Waiting), Cycles(3));
    EXPECT_EQ(run.account("vector_unit").in(EngineState::Starved), Cycles(0));
}

}  // namespace
}  // namespace lpusim::test
