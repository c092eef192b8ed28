// One tile through an empty chip: how long it takes is the sum of what each stage takes.

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "tests/support/chip_run.h"
#include "tests/support/chips.h"
#include "tests/support/linear_operator.h"
#include "tests/support/pick.h"

namespace lpusim::test {
namespace {

using UnloadedLatency = EachClocking;
INSTANTIATE_TEST_SUITE_P(Clocked, UnloadedLatency, kEachClocking,
                         testing::PrintToStringParamName());

/// Cycles until the token of a program is complete.
std::uint64_t token_cycles(const ChipParams& chip, const isa::Program& program,
                           Clocking clocking = Clocking::Sleeping) {
    ChipRun run(chip, program, clocking);
    finish(run);
    const std::vector<Cycles>& ends = run.chip().retired().token_ends();
    EXPECT_EQ(ends.size(), 1U);
    return ends.empty() ? 0 : ends.front().count();
}

TEST_P(UnloadedLatency, OfATileBeforeTheLoadPort) {
    const ChipParams chip = plain_chip();
    const std::uint64_t cycles = token_cycles(chip, program_of(LinearOperator{}, chip), GetParam());
    // 64 weights of 4 bits, 32 B packed, 64 B of operands.
    const std::uint64_t expected = 1 + 1     // fetched in 0, issue latency 1: taken in 2
                                   + 1 + 20  // its first bytes come in 23,
                                   + 1       // and, 16 B/cycle, its last in 24
                                   + 1       // the last word is written in 25
                                   + 1       // the unpack unit sees that and takes its tile in 26
                                   + 1       // the first word is read in 27
                                   + 1 + 2   // and at the decoder in 30;
                                   + 3       // four beats of 16 weights, the last in 33
                                   + 1 + 3   // crosses the load port in 37, where the planes swap
                                   + 1       // the vector enters in 38
                                   + 1 + 15 +
                                   2        // fill, drain and the read of activations: out in 56
                                   + 1      // rescaled in 57
                                   + 1 + 4  // the results are written in 62
                                   + 1;     // cycles 0 to 62
    EXPECT_EQ(cycles, expected);
}

TEST_P(UnloadedLatency, OfATileBehindTheLoadPort) {
    ChipParams chip = plain_chip();
    const LinearOperator op;
    const std::uint64_t before = token_cycles(chip, program_of(op, chip), GetParam());
    chip.unpack_unit.position = UnpackPosition::InsideArray;
    // The packed words cross the port first: in 30 and 31 instead of none, and each is there a
    // cycle later.
    EXPECT_EQ(token_cycles(chip, program_of(op, chip), GetParam()), before + 1);
}

TEST_P(UnloadedLatency, OfAResidentTile) {
    const ChipParams chip = plain_chip();
    LinearOperator op;
    const std::uint64_t streamed = token_cycles(chip, program_of(op, chip), GetParam());
    op.streamed = false;
    // Taken in 2 instead of 26.
    EXPECT_EQ(token_cycles(chip, program_of(op, chip), GetParam()), streamed - 24);
}

TEST_P(UnloadedLatency, OfAKvTile) {
    const ChipParams chip = plain_chip();
    isa::ProgramBuilder builder;
    builder.add_operator("scores");
    builder.emit(instruction(kv_read(64)));
    builder.emit(instruction(install(64, isa::OperandSource::Kv)));
    isa::Instruction compute = instruction(LinearOperator{}.compute);
    compute.ends_token = true;
    builder.emit(compute);
    // Taken in 2; words of 16 B read in 3-6, at the port in 6-9; the vector enters in 10, leaves in
    // 28, is rescaled in 29 and written in 34.
    EXPECT_EQ(token_cycles(chip, builder.finish(), GetParam()), 35U);
}

TEST_P(UnloadedLatency, OfAVectorOperation) {
    const ChipParams chip = plain_chip();
    isa::ProgramBuilder builder;
    builder.add_operator("norm");
    isa::Instruction norm = instruction(vector_op(isa::VectorClass::Norm, 64, 64, 64));
    norm.ends_token = true;
    builder.emit(norm);
    // Taken in 2, 8 beats in 3-10, complete in 15.
    EXPECT_EQ(token_cycles(chip, builder.finish(), GetParam()), 16U);
}

TEST_P(UnloadedLatency, OfAChainThroughSemaphores) {
    // Product, vector operation on its result, product with that.
    const ChipParams chip = plain_chip();
    isa::ProgramBuilder builder;
    builder.add_operator("chain");
    const std::uint16_t to_vector = builder.add_semaphore("to_vector", isa::SemaphoreKind::Data, 0);
    const std::uint16_t to_array = builder.add_semaphore("to_array", isa::SemaphoreKind::Data, 0);
    const auto product = [&](isa::SemaphoreUses waits, isa::SemaphoreUses signals, bool last) {
        builder.emit(instruction(kv_read(64)));
        builder.emit(instruction(install(64, isa::OperandSource::Kv)));
        isa::Instruction it =
            instruction(LinearOperator{}.compute, std::move(waits), std::move(signals));
        it.ends_token = last;
        builder.emit(it);
    };
    product({}, {{to_vector, 1}}, false);
    builder.emit(
        instruction(vector_op(isa::VectorClass::Norm, 64), {{to_vector, 1}}, {{to_array, 1}}));
    product({{to_array, 1}}, {}, true);
    // The first result is written in 34 (see OfAKvTile). Seen in 35: beats in 36-43, complete
    // in 48. Seen in 49, where the second tile, long installed, is swapped in: the vector enters in
    // 50, leaves in 68, is rescaled in 69, written in 74.
    EXPECT_EQ(token_cycles(chip, builder.finish(), GetParam()), 75U);
}

// A tile that is one beat of every stage: the latency is linear in all latencies.
RC_GTEST_PROP(UnloadedLatency, IsTheSumOfAllLatencies, ()) {
    ChipParams chip = plain_chip();
    const bool inside = chance(50);
    chip.unpack_unit.position =
        inside ? UnpackPosition::InsideArray : UnpackPosition::BeforeLoadPort;
    const std::uint64_t issue = pick(0, 9);
    const std::uint64_t stream = pick(0, 90);
    const std::uint64_t read = pick(0, 9);
    const std::uint64_t unpack = pick(0, 9);
    const std::uint64_t rescale = pick(0, 9);
    chip.sequencer.issue_latency = Cycles(issue);
    chip.weight_stream.latency = Cycles(stream);
    chip.sram_banks.read_latency = Cycles(read);
    chip.unpack_unit.depth = Cycles(unpack);
    chip.rescaler.depth = Cycles(rescale);
    chip.mac_array.rows = pick<std::uint32_t>(1, 40);
    chip.mac_array.cols = pick<std::uint32_t>(1, 40);
    LinearOperator op;
    op.layout = dense_layout(4, 8);
    op.columns = 4;

    const std::uint64_t fill_and_drain = chip.mac_array.rows + chip.mac_array.cols - 1;
    // A cycle each: issue, request, delivery, write, semaphore, read, decode, port, swap, entry,
    // rescale and write of the result; and the port once more for packed bytes.
    const std::uint64_t stages = 12 + (inside ? 1 : 0);
    const std::uint64_t latencies =
        issue + stream + read + unpack + fill_and_drain + read + rescale;
    RC_ASSERT(token_cycles(chip, program_of(op, chip)) == stages + latencies);
}

}  // namespace
}  // namespace lpusim::test
