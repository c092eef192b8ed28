// Sizes that are legal one by one and too much together: an error, never a count that wrapped.

#include "sim/compiler/magnitude.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/compile_cases.h"

namespace lpusim {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string error_of(const CompileCase& it) {
    try {
        compile(it);
    } catch (const CompileError& error) {
        return error.what();
    }
    return "no error";
}

CompileCase large_case() {
    return {large_chip(), Placement::Streamed,
            llama2_70b(), integer_format("int4-g64", {4}, 64),
            {},           1};
}

// 2 · 65,536 sequences · 16,384 wide · 2^24 positions · 4,096 layers = 2^67 B: 0 in 64 bits, which
// would fit any SRAM.
TEST(Magnitude, AKvCacheBeyond64BitsIsAnError) {
    CompileCase it = large_case();
    it.chip.sram_banks.capacity = Bytes(900'000'000'000'000);
    it.chip.mac_array.accumulator_bits = 64;
    it.chip.mac_array.accumulator_vectors = 1U << 20U;
    it.model = llama_like(16, 16, 4096, 4, 4, 64);
    it.model.head_dim = 4096;
    it.scenario.batch = 65'536;
    it.scenario.context = 1U << 24U;
    EXPECT_THAT(error_of(it),
                StartsWith("KV cache bytes of batch 65536 and context 16777216: about 1.5e+20"));
}

TEST(Magnitude, MoreOperationsThan64BitsCountIsAnError) {
    CompileCase it = large_case();
    it.chip.mac_array.accumulator_vectors = 1U << 20U;
    it.model.hidden = 1U << 20U;
    it.model.intermediate = 1U << 20U;
    it.model.layers = 4096;
    it.scenario.batch = 65'536;
    it.scenario.context = 1;
    EXPECT_THAT(error_of(it), StartsWith("operations of "));
}

// 36.8 GB at a byte per second and 915.5 MHz are 3.4e19 cycles; 2^64 are 1.8e19.
TEST(Magnitude, AStreamTooSlowToCountItsCyclesIsAnError) {
    CompileCase it = large_case();
    it.chip.weight_stream.rate.ratio = {1, 915'500'000};
    EXPECT_THAT(error_of(it), HasSubstr("B take over the stream: about 3.4e+19"));
    // 8 kB/s: 4.2e15 cycles, fewer than 2^53.
    it.chip.weight_stream.rate.ratio = {1, 114'438};
    EXPECT_EQ(error_of(it), "no error");
}

// An element per beat and a byte per word: 2^16 sequences of 2^18 are 2^34 beats, and with 6 B per
// element about 2^36.6 words.
TEST(Magnitude, AVectorOperationOfTooManyWordsAndBeatsIsAnError) {
    CompileCase it = large_case();
    it.chip.sram_banks.capacity = Bytes(1'000'000'000'000'000);
    it.chip.sram_banks.width = Bytes(1);
    it.chip.vector_unit.lanes = 1;
    it.chip.mac_array.accumulator_vectors = 1U << 20U;
    it.model.intermediate = 1U << 18U;
    it.scenario.batch = 65'536;
    it.scenario.context = 1;
    EXPECT_THAT(error_of(it), StartsWith("SRAM words x beats of silu_mul: "));
}

TEST(Magnitude, TheLargestModelsAndBatchesAreFarFromIt) {
    CompileCase it = large_case();
    it.chip.sram_banks.capacity = Bytes(1'000'000'000'000);
    it.chip.mac_array.accumulator_vectors = 1U << 20U;
    it.scenario.batch = 65'536;
    it.scenario.context = 16;
    it.model.max_positions = 1U << 24U;
    EXPECT_EQ(error_of(it), "no error");
    it.scenario.batch = 1;
    it.scenario.context = 131'072;
    EXPECT_EQ(error_of(it), "no error");
}

}  // namespace
}  // namespace lpusim
