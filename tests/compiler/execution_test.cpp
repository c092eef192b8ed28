#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/compiler/executor.h"

namespace lpusim {
namespace {

std::string run(const CompileCase& it, std::uint32_t seed = 1) {
    const CompiledProgram compiled = compile(it);
    return Executor(it, compiled, seed).run();
}

CompileCase tiny_case() {
    CompileCase it;
    it.chip = small_chip();
    it.model = tiny_model();
    it.format = integer_format("int4", {4}, 0);
    it.scenario.context = 6;
    return it;
}

/// Weights and cache are streamed through as little SRAM as it takes.
CompileCase scarce_case(const NumberFormat& format) {
    CompileCase it = tiny_case();
    it.format = format;
    it.model.layers = 3;
    it.scenario.batch = 2;
    for (std::uint64_t rounds = 1;; ++rounds) {
        it.chip.sram_banks.capacity = it.chip.sram_banks.round() * rounds;
        try {
            compile(it);
            return it;
        } catch (const CompileError&) {
        }
    }
}

// No schedule that the hardware could choose ends in a deadlock or reads what is not there yet.
RC_GTEST_PROP(Execution, AnyScheduleReachesTheEndInOrder, ()) {
    const CompileCase it = arbitrary_case();
    RC_LOG() << describe(it) << std::endl;
    RC_ASSERT(run(it, *rc::gen::arbitrary<std::uint32_t>()) == "");
}

TEST(Execution, WithTwoSlotsOfEachKind) {
    const CompileCase it = scarce_case(integer_format("int4", {4}, 0));
    const SramPlan sram = compile(it).sram;
    EXPECT_EQ(sram.weight_slots, 2u);
    EXPECT_EQ(sram.kv_slots, 2u);
    for (std::uint32_t seed = 0; seed < 20; ++seed) EXPECT_EQ(run(it, seed), "");
}

TEST(Execution, ALongTokenLoop) {
    CompileCase it = tiny_case();
    it.tokens = 50;
    EXPECT_EQ(run(it), "");
}

// The executor is worth something: it notices a missing wait.
TEST(Execution, TheExecutorFindsMissingWaits) {
    const CompileCase it = tiny_case();
    const CompiledProgram good = compile(it);
    std::size_t noticed = 0, removed = 0;
    for (std::size_t q = 0; q < isa::kQueueCount; ++q) {
        for (std::size_t e = 0; e < good.program.queues[q].size(); ++e) {
            CompiledProgram bad = good;
            auto* instruction = std::get_if<isa::Instruction>(&bad.program.queues[q][e]);
            if (instruction == nullptr || instruction->waits.empty()) continue;
            instruction->waits.clear();
            ++removed;
            noticed += Executor(it, bad, 1).run().empty() ? 0 : 1;
        }
    }
    EXPECT_GT(removed, 30u);
    EXPECT_EQ(noticed, removed);
}

/// As much SRAM as there can be while the cache is still streamed.
CompileCase roomy_case(Placement placement, std::uint32_t context) {
    CompileCase it = tiny_case();
    it.placement = placement;
    it.format = fp16_format();
    it.model.layers = 20;
    it.scenario.context = context;
    const SramPlan ample = compile(it).sram;
    it.chip.sram_banks.capacity = ample.used - it.chip.sram_banks.round();
    const std::uint64_t pool = std::uint64_t{ample.weight_slots - std::min(ample.weight_slots, 8u)};
    if (pool > 0) {
        const Bytes slot(ample.weights.count() / ample.weight_slots);
        it.chip.sram_banks.capacity -= slot * pool;
    }
    return it;
}

bool notices_one_ahead(const CompileCase& it, const std::string& semaphore) {
    CompiledProgram bad = compile(it);
    for (isa::Semaphore& candidate : bad.program.semaphores) {
        if (candidate.name == semaphore) ++candidate.initial;
    }
    for (std::uint32_t seed = 0; seed < 20; ++seed) {
        if (!Executor(it, bad, seed).run().empty()) return true;
    }
    return false;
}

// ... and one that holds too early: no semaphore counts in vain. With one position there is no
// cache to read, and the stream does not hold back what appends to it.
TEST(Execution, TheExecutorFindsEverySemaphoreThatIsOneAhead) {
    const std::vector<CompileCase> cases = {scarce_case(fp16_format()),
                                            roomy_case(Placement::Streamed, 6),
                                            roomy_case(Placement::Resident, 1)};
    const std::vector<isa::Semaphore> all = compile(cases[0]).program.semaphores;
    ASSERT_EQ(all.size(), 14u);
    for (const isa::Semaphore& semaphore : all) {
        EXPECT_TRUE(std::any_of(cases.begin(), cases.end(), [&](const CompileCase& it) {
            return notices_one_ahead(it, semaphore.name);
        })) << semaphore.name;
    }
}

TEST(Execution, TheExecutorFindsDeadlocks) {
    const CompileCase it = tiny_case();
    CompiledProgram bad = compile(it);
    for (isa::Entry& entry : bad.program.queue(isa::Queue::Compute)) {
        if (auto* instruction = std::get_if<isa::Instruction>(&entry)) instruction->signals.clear();
    }
    EXPECT_EQ(Executor(it, bad, 1).run().substr(0, 8), "deadlock");
}

}  // namespace
}  // namespace lpusim
