// Machines that carry data: every result is what its definition says, on any machine, for any
// format, model and scenario; data changes no cycle; and a machine that is wrong is found out.

#include "sim/data/data_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "hw_models/numerics/weight_codes.h"
#include "tests/support/chip_run.h"
#include "tests/support/compile_cases.h"
#include "tests/support/formats_with_values.h"

namespace lpusim::test {
namespace {

using testing::HasSubstr;

/// Carries a case's data through a machine, and holds its counts to those of one without.
std::string complaint_of(const CompileCase& it, const isa::Program& program) {
    DataRun data(it.chip, it.placement, it.model, it.format, it.scenario);
    ChipRun with(it.chip, program, Clocking::Sleeping);
    with.carry(data.path());
    const std::uint64_t end = with.run();
    EXPECT_TRUE(with.finished()) << with.stalls();

    ChipRun without(it.chip, program, Clocking::Sleeping);
    EXPECT_EQ(without.run(), end);
    with.settle(end);
    without.settle(end);
    EXPECT_EQ(differences(with.counts(), without.counts()), "");
    EXPECT_GT(data.result().elements, 0U);
    EXPECT_GT(data.result().partial_sums, 0U);
    return data.complaint();
}

RC_GTEST_PROP(DataRun, EveryResultAgreesAndNoCycleChanges, ()) {
    CompileCase it = arbitrary_case();
    it.format = arbitrary_format_with_values();
    CompiledProgram compiled;
    try {
        compiled = compile(it);
    } catch (const CompileError&) {
        RC_DISCARD("does not compile");
    }
    RC_LOG() << describe(it) << "\n" << describe(it.format);
    RC_ASSERT(complaint_of(it, compiled.program) == "");
}

/// Two layers on a machine whose stream runs ahead as far as it may.
CompileCase two_layers() {
    CompileCase it;
    it.chip = small_chip();
    it.chip.unpack_unit.lanes = 2;
    it.chip.weight_stream.rate.ratio = {64, 1};
    it.chip.weight_stream.outstanding = 4;
    it.model = llama_like(24, 40, 2, 4, 2, 30);
    it.format = integer_format("w3p5", {4, 3}, 8, 16);
    it.scenario.context = 9;
    return it;
}

/// Adds to what a semaphore counts at the start: something may begin too early.
std::string complaint_with(const CompileCase& it, const std::string& semaphore) {
    CompiledProgram compiled = compile(it);
    for (isa::Semaphore& s : compiled.program.semaphores) {
        if (s.name == semaphore) ++s.initial;
    }
    return complaint_of(it, compiled.program);
}

TEST(DataRun, AgreesOnTheMachineThatIsSpoiltBelow) {
    EXPECT_EQ(complaint_with(two_layers(), "none"), "");
}

TEST(DataRun, FindsWeightSlotsThatAreOverwrittenTooEarly) {
    CompileCase it = two_layers();
    // As little SRAM as compiles: few slots.
    for (std::uint64_t bytes = 500;; bytes += 50) {
        it.chip.sram_banks.capacity = Bytes(bytes);
        try {
            compile(it);
            break;
        } catch (const CompileError&) {
        }
    }
    EXPECT_EQ(complaint_with(it, "none"), "");
    EXPECT_THAT(complaint_with(it, "weight_free"), HasSubstr("partial sum"));
}

TEST(DataRun, FindsWeightsThatAreReadBeforeTheyAreThere) {
    CompileCase it = two_layers();
    it.chip.weight_stream.rate.ratio = {1, 8};
    EXPECT_EQ(complaint_with(it, "none"), "");
    EXPECT_THAT(complaint_with(it, "weight_ready"), HasSubstr("partial sum"));
}

TEST(DataRun, FindsActivationsThatAreReadBeforeTheyAreThere) {
    EXPECT_NE(complaint_with(two_layers(), "vec_to_mac"), "");
}

TEST(DataRun, FindsResultsThatAreReadBeforeTheyAreThere) {
    EXPECT_NE(complaint_with(two_layers(), "mac_to_vec"), "");
}

TEST(DataRun, FindsACacheThatIsReadBeforeItsNewestPositionIsThere) {
    CompileCase it = two_layers();
    for (VectorClassParams& c : it.chip.vector_unit.classes) c.latency = Cycles(500);
    EXPECT_EQ(complaint_with(it, "none"), "");
    EXPECT_NE(complaint_with(it, "kv_new"), "");
}

TEST(DataRun, RefusesWhatDoesNotFitMemory) {
    const CompileCase it = two_layers();
    EXPECT_THROW(require_data_fits(large_chip(), llama2_70b(), it.format, it.scenario),
                 CompileError);
}

}  // namespace
}  // namespace lpusim::test
