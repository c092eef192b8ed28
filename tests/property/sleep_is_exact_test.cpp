// The most important property of the clocking: sleep is only a hint. A run in which units sleep,
// one in which each unit is evaluated in each cycle, and one in which units are woken without
// reason give the same result in every field.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/property/random_machine.h"
#include "tests/support/chip_run.h"
#include "tests/support/pick.h"

namespace lpusim::test {
namespace {

struct Result {
    std::uint64_t end = 0;
    Counts counts;
};

void settle_and_compare(ChipRun& a, std::uint64_t end_a, ChipRun& b, std::uint64_t end_b) {
    RC_ASSERT(a.finished());
    RC_ASSERT(b.finished());
    const std::uint64_t end = std::max(end_a, end_b);
    a.settle(end);
    b.settle(end);
    RC_ASSERT(differences(a.counts(), b.counts()) == "");
}

RC_GTEST_PROP(Sleep, EveryCycleGivesTheSameResult, ()) {
    const ChipParams params = random_chip();
    const isa::Program program = random_program(params);
    RC_LOG() << describe(params) << isa::disassemble(program);

    ChipRun sleeping(params, program, Clocking::Sleeping);
    ChipRun every_cycle(params, program, Clocking::EveryCycle);
    const std::uint64_t end = sleeping.run();
    settle_and_compare(sleeping, end, every_cycle, every_cycle.run());
}

RC_GTEST_PROP(Sleep, WakingForNoReasonChangesNothing, ()) {
    const ChipParams params = random_chip();
    const isa::Program program = random_program(params);
    RC_LOG() << describe(params) << isa::disassemble(program);

    ChipRun sleeping(params, program, Clocking::Sleeping);
    ChipRun disturbed(params, program, Clocking::Sleeping);
    const std::uint64_t end = sleeping.run();
    settle_and_compare(sleeping, end, disturbed, disturbed.run_disturbed(pick(0, 1'000'000)));
}

}  // namespace
}  // namespace lpusim::test
