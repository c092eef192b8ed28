// The laws of the timing model over random models, formats and machines: lower bounds,
// conservation, and that every engine accounts for every cycle. The work is computed by formula
// from the operators, not from the program.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sim/compiler/bounds.h"
#include "tests/property/compiled_machine.h"
#include "tests/support/chip_run.h"

namespace lpusim::test {
namespace {

constexpr std::uint64_t kTokens = 2;

RC_GTEST_PROP(Laws, NoRunUndercutsALowerBound, ()) {
    const CompiledMachine machine = compiled_machine(kTokens);
    ChipRun run(machine.input.chip, machine.compiled.program, Clocking::Sleeping);
    const std::uint64_t end = run.run();
    RC_ASSERT(run.finished());
    for (const LowerBound& bound : lower_bounds(machine.compiled.work, machine.input.chip)) {
        RC_LOG() << bound.name << ": " << bound.cycles.count() << "\n";
        RC_ASSERT(end >= kTokens * bound.cycles.count());
    }
}

RC_GTEST_PROP(Laws, WhatIsDeliveredIsUnpackedInstalledAndUsed, ()) {
    const CompiledMachine machine = compiled_machine(kTokens);
    const Work& work = machine.compiled.work;
    ChipRun run(machine.input.chip, machine.compiled.program, Clocking::Sleeping);
    run.settle(run.run());
    RC_ASSERT(run.finished());
    const LpuChip& chip = run.chip();
    RC_ASSERT(chip.weight_stream().stats().delivered_bytes ==
              kTokens * work.stream_total().count());
    RC_ASSERT(chip.weight_stream().stats().padding_bytes == kTokens * work.stream_padding.count());
    RC_ASSERT(chip.unpack_unit().stats().weights == kTokens * work.unpacked_weights.count());
    RC_ASSERT(chip.unpack_unit().stats().packed_bytes == kTokens * work.unpack_read_bytes.count());
    RC_ASSERT(chip.mac_array().stats().port_bytes == kTokens * work.port_bytes.count());
    RC_ASSERT(chip.mac_array().stats().useful_macs == kTokens * work.useful_macs);
    RC_ASSERT(chip.mac_array().stats().installed_operand_bytes ==
              kTokens * (work.unpacked_operand_bytes + work.kv_read_bytes).count());
    RC_ASSERT(chip.rescaler().stats().rescales == kTokens * work.rescales);
    RC_ASSERT(chip.vector_unit().stats().beats == kTokens * work.vector_beats.count());
}

RC_GTEST_PROP(Laws, EveryEngineAccountsForEveryCycle, ()) {
    const CompiledMachine machine = compiled_machine(kTokens);
    ChipRun run(machine.input.chip, machine.compiled.program, Clocking::Sleeping);
    const std::uint64_t end = run.run();
    run.settle(end);
    for (const CycleAccount* account : run.chip().accounts()) {
        Cycles sum;
        for (std::size_t i = 0; i < kEngineStateCount; ++i) {
            sum += account->in(static_cast<EngineState>(i));
        }
        RC_ASSERT(sum == Cycles(end));
    }
}

RC_GTEST_PROP(Laws, EveryCycleAndSleepingAgreeOnCompiledModels, ()) {
    const CompiledMachine machine = compiled_machine(1);
    ChipRun sleeping(machine.input.chip, machine.compiled.program, Clocking::Sleeping);
    const std::uint64_t end = sleeping.run();
    RC_PRE(end < 200'000U);
    ChipRun every_cycle(machine.input.chip, machine.compiled.program, Clocking::EveryCycle);
    const std::uint64_t longest = std::max(end, every_cycle.run());
    sleeping.settle(longest);
    every_cycle.settle(longest);
    RC_ASSERT(differences(sleeping.counts(), every_cycle.counts()) == "");
}

}  // namespace
}  // namespace lpusim::test
