// Fast-forward on and off give the same result in every field: all accounts, counters, operators'
// cycles and ends of tokens. Over hand-built programs on machines that provoke every kind of stall,
// and over compiled models. The most important test of the project; its cases are divided among
// shards, which ctest runs side by side.

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/property/compiled_machine.h"
#include "tests/property/random_machine.h"
#include "tests/property/skipping_machine.h"
#include "tests/support/chip_run.h"
#include "tests/support/chips.h"
#include "tests/support/linear_operator.h"
#include "tests/support/pick.h"

namespace lpusim::test {
namespace {

constexpr std::uint64_t kShards = 8;

/// As many cases as a property has, with seeds of this shard's own.
template <class Property>
void check(std::uint64_t shard, Property property) {
    rc::detail::TestMetadata metadata;
    metadata.id = testing::UnitTest::GetInstance()->current_test_info()->name();
    rc::detail::TestParams params = rc::detail::configuration().testParams;
    params.seed += shard;
    const auto result = rc::detail::checkTestable(property, metadata, params);
    std::ostringstream text;
    rc::detail::printResultMessage(result, text);
    EXPECT_TRUE(result.template is<rc::detail::SuccessResult>()) << text.str();
    std::cout << text.str() << '\n';
}

/// Returns the cycles skipped.
std::uint64_t compare(const ChipParams& params, const isa::Program& program) {
    ChipRun whole(params, program, Clocking::Sleeping);
    ChipRun skipping(params, program, Clocking::Sleeping);
    std::uint64_t skipped = 0;
    const std::uint64_t whole_end = whole.run();
    RC_PRE(whole_end < ChipRun::kLongestRun.count());
    const std::uint64_t end = std::max(whole_end, skipping.run_fast_forward(skipped));
    RC_ASSERT(whole.finished());
    RC_ASSERT(skipping.finished());
    whole.settle(end);
    skipping.settle(end);
    RC_ASSERT(differences(whole.counts(), skipping.counts()) == "");
    return skipped;
}

void classify(std::uint64_t skipped) { RC_CLASSIFY(skipped > 0, "skips"); }

class FastForwardShard : public testing::TestWithParam<std::uint64_t> {};

TEST_P(FastForwardShard, ChangesNoProgram) {
    check(GetParam(), [] {
        const ChipParams params = random_chip();
        const isa::Program program = random_program(params);
        RC_LOG() << describe(params) << isa::disassemble(program);
        classify(compare(params, program));
    });
}

TEST_P(FastForwardShard, ChangesNoModel) {
    check(GetParam(), [] {
        const CompiledMachine machine = compiled_machine(3);
        classify(compare(machine.input.chip, machine.compiled.program));
    });
}

TEST_P(FastForwardShard, ChangesNoDeepModel) {
    check(GetParam(), [] {
        const CompiledMachine machine = deep_machine();
        classify(compare(machine.input.chip, machine.compiled.program));
    });
}

TEST_P(FastForwardShard, ChangesNoModelThatTheStreamHoldsBack) {
    check(GetParam(), [] {
        const CompiledMachine machine = held_back_machine();
        classify(compare(machine.input.chip, machine.compiled.program));
    });
}

INSTANTIATE_TEST_SUITE_P(All, FastForwardShard, testing::Range<std::uint64_t>(0, kShards));

CompileCase many_equal_layers() {
    CompileCase it;
    it.chip = small_chip();
    it.model = tiny_model();
    it.model.layers = 1000;
    it.format = integer_format("int4", {4}, 0);
    it.scenario.context = 16;
    it.tokens = 1;
    return it;
}

TEST(FastForward, SkipsAllButAFewOfManyEqualLayers) {
    const CompileCase it = many_equal_layers();
    ChipRun run(it.chip, compile(it).program, Clocking::Sleeping);
    std::uint64_t skipped = 0;
    const std::uint64_t end = run.run_fast_forward(skipped);
    EXPECT_TRUE(run.finished()) << run.stalls();
    EXPECT_GT(skipped, end / 100 * 95);
}

// 1835 phases: within one layer the stream's credit never recurs.
TEST(FastForward, SkipsWhereThePhaseOfTheStreamNeverRecurs) {
    CompileCase it = many_equal_layers();
    it.model = llama_like(200, 800, 1, 2, 2, 100);
    it.chip.weight_stream.rate.ratio = {1835, 21'000};
    it.chip.weight_stream.outstanding = 4;
    it.chip.sram_banks.ports = 3;
    ChipRun run(it.chip, compile(it).program, Clocking::Sleeping);
    std::uint64_t skipped = 0;
    const std::uint64_t end = run.run_fast_forward(skipped);
    EXPECT_TRUE(run.finished()) << run.stalls();
    EXPECT_GT(skipped, end / 100 * 80);
}

/// One operator on a chip, with fast-forward and without; returns the share of cycles skipped.
double skipped_share(const ChipParams& chip, const LinearOperator& op) {
    const isa::Program program = program_of(op, chip);
    ChipRun whole(chip, program, Clocking::Sleeping);
    ChipRun skipping(chip, program, Clocking::Sleeping);
    std::uint64_t skipped = 0;
    const std::uint64_t end = std::max(whole.run(), skipping.run_fast_forward(skipped));
    EXPECT_TRUE(skipping.finished()) << skipping.stalls();
    whole.settle(end);
    skipping.settle(end);
    EXPECT_EQ(differences(whole.counts(), skipping.counts()), "");
    return static_cast<double>(skipped) / static_cast<double>(end);
}

// A tile arrives every 2 cycles and is unpacked in 32, so 15 more of them wait with each one; and
// there is room for all of them.
TEST(FastForward, SkipsWhileABufferFills) {
    ChipParams chip = plain_chip();
    chip.unpack_unit.lanes = 2;
    LinearOperator op;
    op.tiles = 20'000;
    op.slots = 20'000;
    EXPECT_GT(skipped_share(chip, op), 0.95);
}

// 32 bytes arrive every 32 x 500 / 1835 = 8.7 cycles, which is less than a vector takes through the
// array. So the others never rest, and the credit has 1835 phases.
TEST(FastForward, SkipsWhereTilesArriveBeforeTheLastOneIsThrough) {
    ChipParams chip = plain_chip();
    chip.weight_stream.rate = {{1835, 500}};
    LinearOperator op;
    op.tiles = 20'000;
    EXPECT_GT(skipped_share(chip, op), 0.95);
}

TEST(FastForward, TellsEachSkippedSpan) {
    const CompileCase it = many_equal_layers();
    ChipRun run(it.chip, compile(it).program, Clocking::Sleeping);
    std::uint64_t skipped = 0;
    std::uint64_t told = 0;
    Cycles last;
    run.run_fast_forward(skipped, nullptr, [&](const FastForward::Skip& skip) {
        EXPECT_GE(skip.from, last);
        EXPECT_GT(skip.to, skip.from);
        EXPECT_GE(skip.times, 1U);
        last = skip.to;
        told += (skip.to - skip.from).count();
    });
    EXPECT_EQ(told, skipped);
    EXPECT_GT(told, 0U);
}

}  // namespace
}  // namespace lpusim::test
