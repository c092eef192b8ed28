// Machines with data against a reference that shares no arithmetic with the product
// (tests/support/reference_step.h): random formats, shapes and machines, and a whole layer.

#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "hw_models/data/data_plane.h"
#include "tests/support/chip_run.h"
#include "tests/support/compile_cases.h"
#include "tests/support/formats_with_values.h"
#include "tests/support/reference_step.h"
#include "tests/support/straight_line.h"

namespace lpusim::test {
namespace {

struct Checked {
    std::string complaint;
    std::map<std::string, std::uint64_t> compared;
    std::uint64_t sums = 0;
};

Checked check(const CompileCase& it) {
    const StepPlan plan = plan_step(decode_step(it.model, it.scenario, it.format.operand_bytes),
                                    it.chip.mac_array, it.format);
    const CompiledProgram compiled = compile(it);
    const OperatorTable table(plan);
    const ModelData data(it.model, it.scenario, it.format, plan, table, /*seed=*/7,
                         [](const auto&, const auto&, std::uint64_t, const auto&) {});
    ReferenceStep reference(plan, table, data);
    MachineData machine(plan, compiled.sram, table, data, reference);
    reference.watch(machine);
    DataPlane plane(machine, machine.sram());

    ChipRun run(it.chip, compiled.program, Clocking::Sleeping);
    run.carry(plane);
    run.run();
    EXPECT_TRUE(run.finished()) << run.stalls();
    return {reference.complaint(), reference.compared(), reference.sums_compared()};
}

RC_GTEST_PROP(Reference, AgreesWithAnyMachine, ()) {
    CompileCase it = arbitrary_case();
    it.format = arbitrary_format_with_values();
    try {
        compile(it);
    } catch (const CompileError&) {
        RC_DISCARD("does not compile");
    }
    RC_LOG() << describe(it) << "\n" << describe(it.format);
    const Checked checked = check(it);
    RC_ASSERT(checked.complaint == "");
    RC_ASSERT(checked.sums > 0U);
}

TEST(Reference, RoundsToTheNearestHalf) {
    for (std::uint32_t bits = 0; bits < 0x7BFF; ++bits) {
        const double lower = half_of_bits(static_cast<std::uint16_t>(bits));
        const double upper = half_of_bits(static_cast<std::uint16_t>(bits + 1));
        const double middle = (lower + upper) / 2;
        ASSERT_DOUBLE_EQ(nearest_half(lower), lower);
        ASSERT_DOUBLE_EQ(nearest_half(std::nextafter(middle, 0)), lower);
        ASSERT_DOUBLE_EQ(nearest_half(middle), bits % 2 == 0 ? lower : upper);
        ASSERT_DOUBLE_EQ(nearest_half(-std::nextafter(middle, 1e9)), -upper);
    }
    EXPECT_DOUBLE_EQ(nearest_half(70'000), 65'504);
    EXPECT_DOUBLE_EQ(nearest_half(-65'520), -65'504);
}

/// A decoder layer of TinyLlama-1.1B on the published array, INT8 activations and cache.
TEST(Reference, AgreesOnAWholeLayer) {
    CompileCase it;
    it.chip = large_chip();
    it.chip.unpack_unit.read_bytes = Bytes(1024);
    it.model = llama_like(2048, 5632, 1, 32, 4, 512);
    it.format = integer_format("w3p5-g64", {4, 3}, 64, 16);
    it.scenario.context = 24;
    it.tokens = 1;
    const Checked checked = check(it);
    EXPECT_EQ(checked.complaint, "");
    // Every operator, element by element.
    const std::map<std::string, std::uint64_t> expected = {
        {"embed", 2048},         {"norm1", 2048},      {"quant1", 2 * 2048},
        {"q_proj", 2048},        {"k_proj", 256},      {"v_proj", 256},
        {"rope_q", 2048},        {"quant_q", 4096},    {"rope_k", 256},
        {"kv_append", 512},      {"scores", 32 * 24},  {"softmax", 32 * 24},
        {"attn_v", 2048},        {"o_proj", 2048},     {"quant_attn", 2 * 2048},
        {"residual1", 2048},     {"norm2", 2048},      {"quant2", 2 * 2048},
        {"gate_proj", 5632},     {"up_proj", 5632},    {"silu_mul", 5632},
        {"quant_mlp", 2 * 5632}, {"down_proj", 2048},  {"residual2", 2048},
        {"final_norm", 2048},    {"quant_head", 4096}, {"lm_head", 512}};
    EXPECT_EQ(checked.compared, expected);
}

}  // namespace
}  // namespace lpusim::test
