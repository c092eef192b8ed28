// Fast-forward on and off give the same result in every field: all accounts, counters, operators'
// cycles and ends of tokens. Over hand-built programs on machines that provoke every kind of stall,
// and over compiled models.

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/property/compiled_machine.h"
#include "tests/property/random_machine.h"
#include "tests/support/chip_run.h"
#include "tests/support/pick.h"

namespace lpusim::test {
namespace {

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

RC_GTEST_PROP(FastForward, ChangesNoProgram, ()) {
    const ChipParams params = random_chip();
    const isa::Program program = random_program(params);
    RC_LOG() << describe(params) << isa::disassemble(program);
    RC_CLASSIFY(compare(params, program) > 0, "skips");
}

RC_GTEST_PROP(FastForward, ChangesNoModel, ()) {
    const CompiledMachine machine = compiled_machine(3);
    RC_CLASSIFY(compare(machine.input.chip, machine.compiled.program) > 0, "skips");
}

RC_GTEST_PROP(FastForward, ChangesNoDeepModel, ()) {
    CompiledMachine machine = compiled_machine(1);
    machine.input.model.layers = pick<std::uint32_t>(10, 30);
    machine.input.scenario.layers = 0;
    machine.input.chip.sram_banks.capacity = Bytes(1 << 26);
    const CompiledProgram compiled = compile(machine.input);
    RC_CLASSIFY(compare(machine.input.chip, compiled.program) > 0, "skips");
}

TEST(FastForward, SkipsAllButAFewOfManyEqualLayers) {
    CompileCase it;
    it.chip = small_chip();
    it.model = tiny_model();
    it.model.layers = 1000;
    it.format = integer_format("int4", {4}, 0);
    it.scenario.context = 16;
    it.tokens = 1;
    const CompiledProgram compiled = compile(it);

    ChipRun run(it.chip, compiled.program, Clocking::Sleeping);
    std::uint64_t skipped = 0;
    const std::uint64_t end = run.run_fast_forward(skipped);
    EXPECT_TRUE(run.finished()) << run.stalls();
    EXPECT_GT(skipped, end / 100 * 95);
}

}  // namespace
}  // namespace lpusim::test
