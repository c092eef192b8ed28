#include "hw_models/chip/lpu_chip.h"

#include <stdexcept>

#include <gmock/gmock.h>

#include "tests/support/chip_run.h"
#include "tests/support/chips.h"
#include "tests/support/linear_operator.h"

namespace lpusim::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using LpuChipTest = EachClocking;
INSTANTIATE_TEST_SUITE_P(Clocked, LpuChipTest, kEachClocking, testing::PrintToStringParamName());

TEST_P(LpuChipTest, ListsItsEnginesUpstreamFirst) {
    const ChipParams chip = plain_chip();
    ChipRun run(chip, program_of({}, chip), GetParam());
    std::vector<std::string> engines;
    for (const CycleAccount* account : run.chip().accounts()) engines.push_back(account->engine());
    EXPECT_THAT(engines,
                ElementsAre("weight_stream", "sram_banks.stream_write", "sram_banks.unpack_read",
                            "sram_banks.kv_read", "unpack_unit", "mac_array.load",
                            "mac_array.compute", "sram_banks.activation_read", "rescaler",
                            "sram_banks.result_write", "vector_unit", "sram_banks.vector_access"));
}

TEST_P(LpuChipTest, RemembersNothingForAFastForwardThatIsNotAsked) {
    // A run in every cycle may take 10^10 of them.
    const ChipParams chip = plain_chip();
    LinearOperator op;
    op.layout = grouped_layout(8, 4, 4, 2);
    op.tiles = 100;
    LpuChip it("chip", chip, program_of(op, chip), GetParam() == Clocking::EveryCycle);
    const FastForward fast_forward(it);
    while (it.clock_domain().step()) {
    }
    EXPECT_GT(it.weight_stream().stats().delivered_bytes, 0U);
    EXPECT_EQ(it.weight_stream().noted_deliveries(), nullptr);
}

TEST_P(LpuChipTest, MovesEveryWeightThroughEveryStage) {
    for (const UnpackPosition position :
         {UnpackPosition::BeforeLoadPort, UnpackPosition::InsideArray}) {
        ChipParams chip = plain_chip();
        chip.unpack_unit.position = position;
        LinearOperator op;
        op.layout = grouped_layout(8, 4, 4, 2);  // 8 B a column
        op.layout.header_bits_per_column = 4;    // 4 B in front of the tile
        op.tiles = 100;
        op.compute.vectors = 3;
        ChipRun run(chip, program_of(op, chip), GetParam());
        finish(run);
        const LpuChip& it = run.chip();
        EXPECT_EQ(it.weight_stream().stats().delivered_bytes, 100U * 68);
        EXPECT_EQ(it.unpack_unit().stats().packed_bytes, 100U * 68);
        EXPECT_EQ(it.unpack_unit().stats().weights, 100U * 64);
        EXPECT_EQ(it.mac_array().stats().installed_operand_bytes, 100U * 64);
        EXPECT_EQ(it.mac_array().stats().port_bytes,
                  100U * (position == UnpackPosition::InsideArray ? 68 : 64));
        EXPECT_EQ(it.mac_array().stats().tiles, 100U);
        EXPECT_EQ(it.mac_array().stats().useful_macs, 300U * 64);
        EXPECT_EQ(it.rescaler().stats().rescales, 300U * 8);
        EXPECT_EQ(it.rescaler().stats().result_bytes, 300U * 16);
        // Per tile 5 words each way, 3 words of activations and 3 of results.
        EXPECT_EQ(it.sram_banks().words(), 100U * (5 + 5 + 3 + 3));
        EXPECT_EQ(it.sram_banks().stats().conflicts, 0U);
    }
}

TEST_P(LpuChipTest, GivesEveryCycleOfEveryEngineOneState) {
    const ChipParams chip = plain_chip();
    LinearOperator op;
    op.tiles = 50;
    ChipRun run(chip, program_of(op, chip), GetParam());
    const std::uint64_t cycles = run.run();
    for (const std::uint64_t until : {cycles, cycles + 1, cycles + 1000}) {
        run.settle(until);
        for (const CycleAccount* account : run.chip().accounts()) {
            EXPECT_EQ(total(*account), until) << account->engine();
        }
    }
}

TEST_P(LpuChipTest, NamesTheReasonOfEachStall) {
    // A narrow unpack unit behind two slots. Upstream of it all engines are held back by space,
    // downstream they starve.
    ChipParams chip = plain_chip();
    chip.unpack_unit.lanes = 2;  // 32 cycles per tile
    LinearOperator op;
    op.tiles = 100;
    op.slots = 2;
    ChipRun run(chip, program_of(op, chip), GetParam());
    run.run_until(3000);
    const auto is = [&run](const char* engine) { return states(run.account(engine)); };
    constexpr auto kBusy = static_cast<std::size_t>(EngineState::Busy);
    constexpr auto kStarved = static_cast<std::size_t>(EngineState::Starved);
    constexpr auto kBlocked = static_cast<std::size_t>(EngineState::Blocked);
    constexpr auto kWaiting = static_cast<std::size_t>(EngineState::Waiting);
    EXPECT_GT(is("unpack_unit")[kBusy], 2900U);
    // The stream: one latency for each slot that becomes free, and one cycle to take the transfer.
    EXPECT_GT(is("weight_stream")[kStarved] + is("weight_stream")[kBlocked], 2600U);
    EXPECT_LE(is("weight_stream")[kWaiting], 100U);
    EXPECT_GT(is("sram_banks.unpack_read")[kBlocked], 2000U);
    EXPECT_GT(is("mac_array.load")[kStarved], 2000U);
    EXPECT_GT(is("mac_array.compute")[kStarved], 2800U);
    EXPECT_GT(is("rescaler")[kStarved], 2800U);
    EXPECT_EQ(is("vector_unit"), (States{0, 0, 0, 0, 3000}));  // no instructions at all
    EXPECT_EQ(is("sram_banks.kv_read"), (States{0, 0, 0, 0, 3000}));
}

TEST_P(LpuChipTest, CountsASpaceSemaphoreAsBlockedAndDataAsWaiting) {
    const ChipParams chip = plain_chip();
    for (const isa::SemaphoreKind kind : {isa::SemaphoreKind::Space, isa::SemaphoreKind::Data}) {
        isa::ProgramBuilder builder;
        builder.add_operator("op");
        const std::uint16_t gate = builder.add_semaphore("gate", kind, 0);
        builder.emit(instruction(vector_op(isa::VectorClass::Copy, 800), {}, {{gate, 1}}));
        builder.emit(instruction(transfer(16), {{gate, 1}}));
        ChipRun run(chip, builder.finish(), GetParam());
        finish(run);
        // Issued in 2. The 100 beats, in 3-102, are complete in 107; the stream takes its transfer
        // in 108, the latency ends with 128, it delivers in 129 and writes in 130.
        const std::uint64_t stalled = 108 - 2 + (kind == isa::SemaphoreKind::Space ? 0 : 1);
        const States stream = states(run.account("weight_stream"));
        const std::size_t reason = static_cast<std::size_t>(
            kind == isa::SemaphoreKind::Space ? EngineState::Blocked : EngineState::Waiting);
        EXPECT_EQ(stream[reason], kind == isa::SemaphoreKind::Space ? stalled : stalled + 2);
        EXPECT_EQ(stream[static_cast<std::size_t>(EngineState::Busy)], 1U);
        EXPECT_EQ(stream[static_cast<std::size_t>(EngineState::Starved)], 20U);
    }
}

TEST_P(LpuChipTest, RetiresOperatorsAndTokens) {
    const ChipParams chip = plain_chip();
    isa::ProgramBuilder builder;
    builder.add_operator("a");
    builder.add_operator("b");
    builder.loop(3, [&] {
        isa::Instruction a = instruction(vector_op(isa::VectorClass::Norm, 80));
        a.op = 0;
        a.ends_operator = true;
        builder.emit(a);
        isa::Instruction b = instruction(vector_op(isa::VectorClass::Norm, 40));
        b.op = 1;
        b.ends_operator = true;
        b.ends_token = true;
        builder.emit(b);
    });
    ChipRun run(chip, builder.finish(), GetParam());
    finish(run);
    // 10 and 5 beats, and 5 cycles of latency each: 15 and 10 cycles; the first is taken in
    // cycle 2.
    EXPECT_THAT(run.chip().retired().cycles_by_operator(), ElementsAre(3 + 45, 30));
    EXPECT_THAT(run.chip().retired().token_ends(), ElementsAre(Cycles(28), Cycles(53), Cycles(78)));
    EXPECT_THAT(run.account("vector_unit").busy_by_operator(), ElementsAre(30, 15));
}

TEST_P(LpuChipTest, RunsWeightsAndKvThroughTheSameArray) {
    for (const UnpackPosition position :
         {UnpackPosition::BeforeLoadPort, UnpackPosition::InsideArray}) {
        ChipParams chip = plain_chip();
        chip.unpack_unit.position = position;
        isa::ProgramBuilder builder;
        builder.add_operator("op");
        const std::uint32_t layout = builder.add_layout(dense_layout(8, 4));
        const std::uint64_t port = position == UnpackPosition::InsideArray ? 32 : 64;
        builder.loop(50, [&] {
            builder.emit(instruction(isa::UnpackTile{layout, 8, 1}));
            builder.emit(instruction(install_packed(port, 64)));
            builder.emit(instruction(LinearOperator{}.compute));
            builder.emit(instruction(kv_read(48)));
            builder.emit(instruction(install(48, isa::OperandSource::Kv)));
            builder.emit(instruction(LinearOperator{}.compute));
        });
        ChipRun run(chip, builder.finish(), GetParam());
        finish(run);
        EXPECT_EQ(run.chip().mac_array().stats().tiles, 100U);
        EXPECT_EQ(run.chip().mac_array().stats().installed_operand_bytes, 50U * (64 + 48));
        EXPECT_EQ(run.chip().mac_array().stats().port_bytes, 50U * (port + 48));
    }
}

TEST_P(LpuChipTest, ComesToAStandstillWhenNobodySignals) {
    isa::ProgramBuilder builder;
    builder.add_operator("op");
    const std::uint16_t never = builder.add_semaphore("a result", isa::SemaphoreKind::Data, 0);
    builder.emit(instruction(vector_op(isa::VectorClass::Copy, 8), {{never, 1}}));
    builder.emit(instruction(transfer(64)));
    ChipRun run(plain_chip(), builder.finish(), GetParam());
    run.run();
    EXPECT_FALSE(run.finished());
    EXPECT_THAT(run.stalls(), HasSubstr("vector waits for a result"));
    EXPECT_EQ(run.chip().weight_stream().stats().delivered_bytes, 64U);
}

TEST(LpuChip, RejectsAProgramThatIsNotValid) {
    isa::Program program;
    program.queue(isa::Queue::Vector).emplace_back(instruction(transfer(64)));
    EXPECT_THROW(ChipRun(plain_chip(), program, Clocking::Sleeping), std::invalid_argument);
}

TEST(LpuChip, CostsEventsNotCycles) {
    ChipParams chip = plain_chip();
    LinearOperator op;
    op.tiles = 20;
    std::uint64_t evaluations[2];
    for (int i = 0; i < 2; ++i) {
        chip.weight_stream.rate = {{1, i == 0 ? 100U : 10'000U}};
        ChipRun run(chip, program_of(op, chip), Clocking::Sleeping);
        finish(run);
        evaluations[i] = run.evaluations();
    }
    EXPECT_EQ(evaluations[0], evaluations[1]);
}

}  // namespace
}  // namespace lpusim::test
