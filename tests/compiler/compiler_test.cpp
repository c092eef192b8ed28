#include "sim/compiler/compiler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/compile_cases.h"

namespace lpusim {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

CompileCase llama_case(const NumberFormat& format) {
    return {large_chip(), Placement::Streamed, llama2_70b(), format, {}, 2};
}

std::string error_of(const CompileCase& it) {
    try {
        compile(it);
    } catch (const CompileError& error) {
        return error.what();
    }
    return "no error";
}

TEST(Compiler, Llama70bTotals) {
    const CompiledProgram compiled = compile(llama_case(integer_format("int4-g64", {4}, 64)));
    const Work& work = compiled.work;
    EXPECT_EQ(compiled.weights, Weights(68'713'185'280));
    EXPECT_EQ(work.unpacked_weights, compiled.weights);
    // 4.25 bits per weight.
    EXPECT_EQ(compiled.weight_bytes, Bytes(36'503'879'680));
    EXPECT_EQ(work.stream_weights, compiled.weight_bytes);
    EXPECT_EQ(compiled.model_bytes,
              compiled.weight_bytes + Bytes(2 * (32'000 * 8'192 + 161 * 8'192)));
    EXPECT_EQ(work.stream_norms, Bytes(161 * 8'192 * 2));
    EXPECT_EQ(work.stream_embedding, Bytes(16'384));
    EXPECT_EQ(work.stream_kv_read, Bytes(std::uint64_t{2'047} * 8 * 128 * 2 * 80));
    EXPECT_EQ(work.stream_kv_write, Bytes(8 * 128 * 2 * 80));
    EXPECT_EQ(work.useful_macs, 68'713'185'280u + std::uint64_t{80} * 2 * 2'048 * 8'192);
    EXPECT_EQ(compiled.layers, 80u);
    EXPECT_EQ(compiled.sram.kv_cache, Bytes(std::uint64_t{2'048} * 8 * 128 * 2 * 80));
    EXPECT_FALSE(compiled.sram.kv_resident);
}

TEST(Compiler, StoredBytesFollowTheFormat) {
    // Columns of all weight matrices: 83,968 in a layer, 32,000 in the LM head; each a scale of 2
    // B.
    const std::uint64_t codes = 68'713'185'280 / 2;
    EXPECT_EQ(compile(llama_case(integer_format("int4-col", {4}, 0))).weight_bytes,
              Bytes(codes + 2 * (80 * 83'968 + 32'000)));
    // 3.5-bit codes, FP16 scale and FP16 zero point per 64: 4.0 bits.
    EXPECT_EQ(compile(llama_case(integer_format("w3p5-g64", {4, 3}, 64, 16))).weight_bytes,
              Bytes(codes));
    EXPECT_EQ(compile(llama_case(fp16_format())).weight_bytes, Bytes(4 * codes));
}

TEST(Compiler, StoredBytesAreThoseOfTheNumberFormat) {
    const NumberFormat format = integer_format("w3p5-g128", {4, 3}, 128, 16);
    CompileCase it = llama_case(format);
    it.model = llama_like(1000, 3000, 1, 8, 8, 5000);
    const auto bytes = [&format](std::uint64_t k, std::uint64_t n) {
        return footprint(format, k, n, 320).total;
    };
    EXPECT_EQ(compile(it).weight_bytes, bytes(1000, 1000) * 4 + bytes(1000, 3000) * 2 +
                                            bytes(3000, 1000) + bytes(1000, 5000));
}

TEST(Compiler, FewerLayersAreLessWorkOnTheSameModel) {
    CompileCase it = llama_case(integer_format("int4-g64", {4}, 64));
    const CompiledProgram all = compile(it);
    it.scenario.layers = 2;
    const CompiledProgram two = compile(it);
    EXPECT_EQ(two.layers, 2u);
    EXPECT_EQ(two.weights, all.weights);
    EXPECT_EQ(two.weight_bytes, all.weight_bytes);
    EXPECT_EQ(two.sram.kv_cache, all.sram.kv_cache);
    EXPECT_EQ(two.sram.weight_slots, all.sram.weight_slots);
    EXPECT_EQ(two.work.unpacked_weights, Weights(2 * 855'638'016 + 262'144'000));
}

TEST(Compiler, ATiedHeadIsStoredTwice) {
    CompileCase it = llama_case(integer_format("int4-g64", {4}, 64));
    it.model = gpt2_medium();
    it.scenario.context = 1024;
    const CompiledProgram compiled = compile(it);
    EXPECT_EQ(compiled.weights, Weights(24 * 12 * 1024 * 1024 + 1024 * 50257));
    EXPECT_THAT(compiled.notes, ElementsAre(HasSubstr("tied embedding")));
}

TEST(Compiler, NotesWhyKTilesAreShort) {
    CompileCase it = llama_case(integer_format("int4-g48", {4}, 48));
    EXPECT_THAT(compile(it).notes,
                ElementsAre("groups of 48 do not end at a tap of 64 rows: K tiles hold one group"));
}

TEST(Compiler, RejectsWhatItCannotCompile) {
    const CompileCase good = llama_case(integer_format("int4-g64", {4}, 64));
    const auto with = [&good](auto change) {
        CompileCase it = good;
        change(it);
        return error_of(it);
    };
    EXPECT_EQ(error_of(good), "no error");
    EXPECT_THAT(with([](CompileCase& it) { it.model.architecture = Architecture::Encoder; }),
                HasSubstr("is an encoder"));
    EXPECT_THAT(with([](CompileCase& it) { it.scenario.phase = Phase::Prefill; }),
                HasSubstr("decode"));
    EXPECT_THAT(with([](CompileCase& it) { it.scenario.batch = 0; }), HasSubstr("batch"));
    EXPECT_THAT(with([](CompileCase& it) { it.scenario.context = 0; }), HasSubstr("context"));
    EXPECT_THAT(with([](CompileCase& it) { it.scenario.kv_bits = 4; }), HasSubstr("not 4"));
    EXPECT_THAT(with([](CompileCase& it) { it.model.max_positions = 2047; }),
                AllOf(HasSubstr("2048"), HasSubstr("2047 positions")));
    EXPECT_THAT(with([](CompileCase& it) { it.model.kv_heads = 7; }),
                HasSubstr("64 heads cannot share 7 KV heads"));
    EXPECT_THAT(with([](CompileCase& it) { it.model.final_norm = false; }),
                HasSubstr("final norm"));
    EXPECT_THAT(with([](CompileCase& it) { it.model.vocab = 0; }), HasSubstr("at least 1"));
    EXPECT_THAT(with([](CompileCase& it) { it.scenario.layers = 81; }),
                AllOf(HasSubstr("81 layers"), HasSubstr("has 80")));
    EXPECT_THAT(with([](CompileCase& it) { it.tokens = 0; }), HasSubstr("one token"));
    EXPECT_THAT(with([](CompileCase& it) { it.scenario.batch = 257; }),
                HasSubstr("q_proj: 257 activation vectors"));
    EXPECT_THAT(with([](CompileCase& it) { it.scenario.context = 200'000; }),
                AllOf(HasSubstr("attn_v: 200000 products"), HasSubstr("32 bits")));
    EXPECT_THAT(with([](CompileCase& it) { it.placement = Placement::Resident; }),
                AllOf(HasSubstr("resident weights"), HasSubstr("need 37."),
                      HasSubstr("SRAM holds 230.000 MB")));
}

}  // namespace
}  // namespace lpusim
