#include "hw_models/isa/program.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/compile_cases.h"

namespace lpusim {
namespace {

using isa::Queue;
using testing::AllOf;
using testing::ElementsAre;
using testing::Gt;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Lt;
using Lines = std::vector<std::string>;

/// Hidden 16, intermediate 24, two heads that share one KV head of 8, vocabulary 10; tiles of 8
/// rows x 8 columns, so q 2x2 tiles, k and v 2x1, o 2x2, gate and up 2x3, down 3x2, LM head 2x2: 30
/// in the layer.
CompileCase tiny_case() {
    CompileCase it;
    it.chip = small_chip();
    it.model = tiny_model();
    it.format = integer_format("int4", {4}, 0);
    it.scenario.context = 11;
    it.tokens = 1;
    return it;
}

std::string names_of(const char* verb, const isa::SemaphoreUses& uses,
                     const isa::Program& program) {
    std::string text;
    for (const isa::SemaphoreUse& use : uses) {
        text += std::string(" ") + verb + program.semaphores[use.id].name;
    }
    return text;
}

/// What the queue executes: operator, waits (-), signals (+), and what ends with it.
Lines trace(const CompiledProgram& compiled, Queue queue) {
    const isa::Program& program = compiled.program;
    Lines lines;
    for_each_executed(program.queue(queue), [&](const isa::Instruction& instruction) {
        lines.push_back(
            program.operators[instruction.op] + names_of("-", instruction.waits, program) +
            names_of("+", instruction.signals, program) +
            (instruction.ends_operator ? " end" : "") + (instruction.ends_token ? " token" : ""));
    });
    return lines;
}

/// Payloads of one type, of one operator.
template <class Payload>
std::vector<Payload> payloads(const CompiledProgram& compiled, Queue queue, const std::string& op) {
    std::vector<Payload> found;
    for_each_executed(compiled.program.queue(queue), [&](const isa::Instruction& instruction) {
        if (compiled.program.operators[instruction.op] != op) return;
        found.push_back(std::get<Payload>(instruction.payload));
    });
    return found;
}

/// Operators in the order of a queue, with how many instructions of each follow each other.
Lines blocks(const CompiledProgram& compiled, Queue queue) {
    std::vector<std::pair<std::string, int>> runs;
    for_each_executed(compiled.program.queue(queue), [&](const isa::Instruction& instruction) {
        const std::string& name = compiled.program.operators[instruction.op];
        if (runs.empty() || runs.back().first != name) runs.emplace_back(name, 0);
        ++runs.back().second;
    });
    Lines lines;
    for (const auto& [name, count] : runs) lines.push_back(name + " " + std::to_string(count));
    return lines;
}

TEST(Program, VectorQueueOfALayer) {
    EXPECT_THAT(
        trace(compile(tiny_case()), Queue::Vector),
        ElementsAre("embed -embedding_ready end", "norm1 -side_ready end", "quant1 +vec_to_mac end",
                    "rope_q -mac_to_vec end", "quant_q end", "rope_k -mac_to_vec end",
                    "kv_append -mac_to_vec +kv_new end", "softmax -mac_to_vec +vec_to_mac end",
                    "quant_attn -mac_to_vec +vec_to_mac end",
                    "residual1 -mac_to_vec +side_free end", "norm2 -side_ready end",
                    "quant2 +vec_to_mac end", "silu_mul -mac_to_vec end",
                    "quant_mlp +vec_to_mac end", "residual2 -mac_to_vec +side_free end",
                    "final_norm -side_ready +side_free end", "quant_head +vec_to_mac end"));
}

TEST(Program, ComputeQueueOfALayer) {
    EXPECT_THAT(
        trace(compile(tiny_case()), Queue::Compute),
        ElementsAre("q_proj -vec_to_mac", "q_proj", "q_proj", "q_proj +mac_to_vec end",  //
                    "k_proj", "k_proj +mac_to_vec end",                                  //
                    "v_proj", "v_proj +mac_to_vec end",                                  //
                    "scores", "scores +mac_to_vec end",                                  //
                    "attn_v -vec_to_mac", "attn_v +mac_to_vec end",                      //
                    "o_proj -vec_to_mac", "o_proj", "o_proj", "o_proj +mac_to_vec end",  //
                    "gate_proj -vec_to_mac", "gate_proj", "gate_proj", "gate_proj", "gate_proj",
                    "gate_proj end",  //
                    "up_proj", "up_proj", "up_proj", "up_proj", "up_proj",
                    "up_proj +mac_to_vec end",  //
                    "down_proj -vec_to_mac", "down_proj", "down_proj", "down_proj", "down_proj",
                    "down_proj +mac_to_vec end",  //
                    "lm_head -vec_to_mac", "lm_head", "lm_head", "lm_head +logits end token"));
}

TEST(Program, StreamQueueInTheOrderOfNeed) {
    // 30 slots, so 15 tiles could go before the embedding: all 4 of the first operator do.
    EXPECT_THAT(
        blocks(compile(tiny_case()), Queue::Stream),
        ElementsAre("norm1 1", "norm2 1", "q_proj 4", "embed 1", "k_proj 2", "v_proj 2", "o_proj 4",
                    "gate_proj 6", "up_proj 6", "down_proj 6", "final_norm 1", "lm_head 4"));
}

TEST(Program, OnlyTheFirstLayerHoldsTheEmbedding) {
    CompileCase it = tiny_case();
    it.model.layers = 3;
    const Lines stream = blocks(compile(it), Queue::Stream);
    EXPECT_EQ(std::count(stream.begin(), stream.end(), "embed 1"), 1);
    EXPECT_EQ(std::count(stream.begin(), stream.end(), "q_proj 4"), 3);
    EXPECT_EQ(stream[3], "embed 1");
}

TEST(Program, WithFewSlotsTheEmbeddingFollowsHalfOfThem) {
    CompileCase it = tiny_case();
    std::set<std::uint32_t> seen;
    for (std::uint64_t capacity = compile(it).sram.used.count(); capacity > 0; capacity -= 16) {
        it.chip.sram_banks.capacity = Bytes(capacity);
        CompiledProgram compiled;
        try {
            compiled = compile(it);
        } catch (const CompileError&) {
            break;
        }
        const Lines stream = trace(compiled, Queue::Stream);
        const auto embed =
            std::find(stream.begin(), stream.end(), "embed -logits +embedding_ready");
        const std::uint32_t slots = compiled.sram.weight_slots;
        EXPECT_EQ(std::count(stream.begin(), embed, "q_proj -weight_free +weight_ready"),
                  std::min(slots / 2, 4u))
            << slots << " slots";
        seen.insert(slots);
    }
    // One tile into the first strip, between the strips, one tile into the second, behind both.
    for (const std::uint32_t slots : {2u, 4u, 6u, 8u}) EXPECT_EQ(seen.count(slots), 1u) << slots;
}

TEST(Program, AllQueuesSeeTheSameTiles) {
    const CompiledProgram compiled = compile(tiny_case());
    Lines stream = blocks(compiled, Queue::Stream);
    const auto carries_no_tile = [](const std::string& line) {
        return line.find("norm") != std::string::npos || line == "embed 1";
    };
    stream.erase(std::remove_if(stream.begin(), stream.end(), carries_no_tile), stream.end());
    EXPECT_EQ(blocks(compiled, Queue::Unpack), stream);
    EXPECT_EQ(blocks(compiled, Queue::Load), blocks(compiled, Queue::Compute));
    EXPECT_THAT(blocks(compiled, Queue::Kv), ElementsAre("scores 2", "attn_v 2"));
}

// 8 rows of 4 bits are 4 B; the first tile along K has the column's scale of 2 B too. The last
// strip of the LM head has two columns: 12 B and 8 B, in bursts of 8.
TEST(Program, WeightTransfersArePaddedToBursts) {
    const auto transfers =
        payloads<isa::StreamTransfer>(compile(tiny_case()), Queue::Stream, "lm_head");
    ASSERT_EQ(transfers.size(), 4u);
    const std::vector<std::uint64_t> payload = {48, 32, 12, 8}, padding = {0, 0, 4, 0};
    for (std::size_t i = 0; i < transfers.size(); ++i) {
        EXPECT_EQ(transfers[i].payload, Bytes(payload[i]));
        EXPECT_EQ(transfers[i].padding, Bytes(padding[i]));
        EXPECT_EQ(transfers[i].traffic, isa::Traffic::Weights);
    }
}

TEST(Program, ComputeOfALinearLayer) {
    CompileCase it = tiny_case();
    it.scenario.batch = 3;
    const auto tiles = payloads<isa::ComputeTile>(compile(it), Queue::Compute, "lm_head");
    ASSERT_EQ(tiles.size(), 4u);
    for (const isa::ComputeTile& tile : tiles) {
        EXPECT_EQ(tile.vectors, 3u);
        EXPECT_EQ(tile.cycles_per_vector, 1u);
        EXPECT_EQ(tile.activation_bytes, Bytes(8));
    }
    // First strip: 8 columns, then 2. Scales and FP16 results at the end of each strip.
    EXPECT_EQ(tiles[0].macs_per_vector, 64u);
    EXPECT_EQ(tiles[0].rescales_per_vector, 0u);
    EXPECT_EQ(tiles[0].result_bytes, Bytes(0));
    EXPECT_EQ(tiles[1].rescales_per_vector, 8u);
    EXPECT_EQ(tiles[1].result_bytes, Bytes(16));
    EXPECT_EQ(tiles[2].macs_per_vector, 16u);
    EXPECT_EQ(tiles[3].rescales_per_vector, 2u);
    EXPECT_EQ(tiles[3].result_bytes, Bytes(4));
}

// Groups of 12 with taps every 4 rows: [0,8) touches one, [8,16) two.
TEST(Program, GroupsAreRescaledTileByTile) {
    CompileCase it = tiny_case();
    it.format = integer_format("int4", {4}, 12);
    const auto tiles = payloads<isa::ComputeTile>(compile(it), Queue::Compute, "k_proj");
    ASSERT_EQ(tiles.size(), 2u);
    EXPECT_EQ(tiles[0].rescales_per_vector, 8u);
    EXPECT_EQ(tiles[0].result_bytes, Bytes(0));
    EXPECT_EQ(tiles[1].rescales_per_vector, 16u);
    EXPECT_EQ(tiles[1].result_bytes, Bytes(16));
}

TEST(Program, PackedBytesCrossThePortWhenTheUnpackUnitIsInside) {
    CompileCase it = tiny_case();
    auto installs = payloads<isa::InstallTile>(compile(it), Queue::Load, "k_proj");
    EXPECT_EQ(installs[0].port_bytes, Bytes(64));
    EXPECT_EQ(installs[0].operand_bytes, Bytes(64));
    it.chip.unpack_unit.position = UnpackPosition::InsideArray;
    installs = payloads<isa::InstallTile>(compile(it), Queue::Load, "k_proj");
    EXPECT_EQ(installs[0].port_bytes, Bytes(48));
    EXPECT_EQ(installs[1].port_bytes, Bytes(32));
    EXPECT_EQ(installs[1].operand_bytes, Bytes(64));
    installs = payloads<isa::InstallTile>(compile(it), Queue::Load, "scores");
    EXPECT_EQ(installs[0].port_bytes, Bytes(64));
}

// K^T is 8 x 11: one K tile, strips of 8 and 3 columns. V is 11 x 8: K tiles of 8 and 3 rows.
TEST(Program, AttentionOverAResidentCache) {
    const CompiledProgram compiled = compile(tiny_case());
    ASSERT_TRUE(compiled.sram.kv_resident);
    EXPECT_THAT(trace(compiled, Queue::Kv),
                ElementsAre("scores -kv_new", "scores", "attn_v", "attn_v"));
    const auto scores = payloads<isa::ComputeTile>(compiled, Queue::Compute, "scores");
    EXPECT_EQ(scores[0].vectors, 2u);
    EXPECT_EQ(scores[0].activation_bytes, Bytes(8));
    EXPECT_EQ(scores[0].result_bytes, Bytes(16));
    EXPECT_EQ(scores[1].result_bytes, Bytes(6));
    EXPECT_EQ(scores[1].macs_per_vector, 24u);
    const auto values = payloads<isa::ComputeTile>(compiled, Queue::Compute, "attn_v");
    EXPECT_EQ(values[0].result_bytes, Bytes(0));
    EXPECT_EQ(values[1].activation_bytes, Bytes(3));
    EXPECT_EQ(values[1].result_bytes, Bytes(16));
}

CompileCase streamed_cache_case(std::uint32_t context) {
    CompileCase it = tiny_case();
    it.scenario.context = context;
    it.model.layers = 50;
    it.scenario.layers = 1;
    const SramPlan ample = compile(it).sram;
    it.chip.sram_banks.capacity =
        ample.activations + ample.kv + Bytes(8 * 48) - it.chip.sram_banks.round();
    return it;
}

TEST(Program, AStreamedCacheComesWithoutTheNewToken) {
    const CompiledProgram compiled = compile(streamed_cache_case(11));
    ASSERT_FALSE(compiled.sram.kv_resident);
    EXPECT_THAT(
        trace(compiled, Queue::Kv),
        ElementsAre("scores -kv_ready -kv_new +kv_slot_free", "scores -kv_ready +kv_slot_free",
                    "attn_v -kv_ready +kv_slot_free", "attn_v -kv_ready +kv_slot_free"));
    // 8 x 8, then 8 x 3 of which one column is new; 8 x 8, then 3 x 8 of which one row is new.
    const auto keys = payloads<isa::StreamTransfer>(compiled, Queue::Stream, "scores");
    EXPECT_EQ(keys[0].payload, Bytes(64));
    EXPECT_EQ(keys[1].payload, Bytes(16));
    const auto values = payloads<isa::StreamTransfer>(compiled, Queue::Stream, "attn_v");
    EXPECT_EQ(values[1].payload, Bytes(16));
    const auto reads = payloads<isa::KvReadTile>(compiled, Queue::Kv, "scores");
    EXPECT_EQ(reads[1].bytes, Bytes(24));
    const auto write = payloads<isa::StreamTransfer>(compiled, Queue::Stream, "kv_append");
    ASSERT_EQ(write.size(), 1u);
    EXPECT_EQ(write[0].traffic, isa::Traffic::KvWrite);
    EXPECT_EQ(write[0].payload, Bytes(16));
    // Behind all weights of the layer.
    const Lines stream = blocks(compiled, Queue::Stream);
    const auto at = std::find(stream.begin(), stream.end(), "kv_append 1");
    ASSERT_NE(at, stream.end());
    EXPECT_EQ(*(at - 1), "down_proj 6");
}

// With 9 positions the second tile holds the new token and nothing else.
TEST(Program, ATileOfTheNewTokenAloneIsNotStreamed) {
    const CompiledProgram compiled = compile(streamed_cache_case(9));
    ASSERT_FALSE(compiled.sram.kv_resident);
    EXPECT_THAT(trace(compiled, Queue::Kv),
                ElementsAre("scores -kv_ready -kv_new +kv_slot_free", "scores",
                            "attn_v -kv_ready +kv_slot_free", "attn_v"));
    EXPECT_EQ(payloads<isa::StreamTransfer>(compiled, Queue::Stream, "scores").size(), 1u);
}

TEST(Program, HeadsAndSequencesOneAfterTheOther) {
    CompileCase it = tiny_case();
    it.model.kv_heads = 2;
    it.scenario.batch = 2;
    const CompiledProgram compiled = compile(it);
    const Lines order = {"scores 4", "attn_v 4", "scores 4", "attn_v 4"};
    EXPECT_EQ(blocks(compiled, Queue::Kv), order);
    const Lines compute = trace(compiled, Queue::Compute);
    const auto count = [&compute](const std::string& line) {
        return std::count(compute.begin(), compute.end(), line);
    };
    EXPECT_EQ(count("scores +mac_to_vec end"), 4);
    EXPECT_EQ(count("attn_v -vec_to_mac"), 4);
    EXPECT_EQ(count("attn_v end"), 3);
    EXPECT_EQ(count("attn_v +mac_to_vec end"), 1);
}

TEST(Program, Fp16ChainsProductsWithoutQuantisation) {
    CompileCase it = tiny_case();
    it.format = fp16_format();
    it.scenario.kv_bits = 16;
    const CompiledProgram compiled = compile(it);
    for (const std::string& name : compiled.program.operators) {
        EXPECT_EQ(name.find("quant"), std::string::npos) << name;
    }
    const Lines compute = trace(compiled, Queue::Compute);
    EXPECT_EQ(std::count(compute.begin(), compute.end(), "attn_v +mac_to_mac end"), 1);
    EXPECT_EQ(std::count(compute.begin(), compute.end(), "o_proj -mac_to_mac"), 1);
    for (const char* op : {"k_proj", "scores"}) {
        const auto tiles = payloads<isa::ComputeTile>(compiled, Queue::Compute, op);
        EXPECT_EQ(tiles[0].cycles_per_vector, it.chip.mac_array.fp16_cycles_per_vector);
        EXPECT_EQ(tiles[0].activation_bytes, Bytes(16));
    }
    EXPECT_EQ(payloads<isa::UnpackTile>(compiled, Queue::Unpack, "k_proj")[0].operand_bytes, 2u);
}

TEST(Program, ResidentWeightsAreNotStreamed) {
    CompileCase it = tiny_case();
    it.placement = Placement::Resident;
    const CompiledProgram compiled = compile(it);
    EXPECT_THAT(trace(compiled, Queue::Stream), IsEmpty());
    EXPECT_EQ(trace(compiled, Queue::Unpack)[0], "q_proj");
    EXPECT_EQ(trace(compiled, Queue::Vector)[0], "embed -logits end");
    EXPECT_EQ(trace(compiled, Queue::Vector)[1], "norm1 end");
}

TEST(Program, BiasesComeWithTheNormsAndStayUntilTheResidual) {
    CompileCase it = tiny_case();
    it.model.biases = true;
    it.model.norm = NormKind::LayerNorm;
    const CompiledProgram compiled = compile(it);
    // LayerNorm 2 x 16; biases of q 16, k and v 8 each, o 16; of gate and up 24 each, down 16.
    EXPECT_EQ(payloads<isa::StreamTransfer>(compiled, Queue::Stream, "norm1")[0].payload,
              Bytes(2 * (32 + 48)));
    EXPECT_EQ(payloads<isa::StreamTransfer>(compiled, Queue::Stream, "norm2")[0].payload,
              Bytes(2 * (32 + 64)));
    EXPECT_EQ(payloads<isa::StreamTransfer>(compiled, Queue::Stream, "final_norm")[0].payload,
              Bytes(2 * 32));
}

TEST(Program, ReadsAsAssembly) {
    const std::string text = isa::disassemble(compile(tiny_case()).program);
    EXPECT_THAT(text, AllOf(HasSubstr("stream.embedding 32 B"), HasSubstr("stream.norms 32 B"),
                            HasSubstr("unpack layout 0, 8 columns"), HasSubstr("install.kv 64 B"),
                            HasSubstr("wait vec_to_mac"), HasSubstr("q_proj"),
                            HasSubstr("vector.softmax 22 elements")));
}

// Text, not trip counts: what every model and format that is shipped, and some more, come to on the
// large chip.
TEST(Program, TextStaysSmall) {
    std::vector<Model> models = {llama2_70b(), gpt2_medium()};
    models.push_back(llama_like(4096, 11008, 32, 32, 32, 32000));
    models.push_back(llama_like(2048, 5632, 22, 32, 4, 32000));
    models.push_back(llama_like(16384, 53248, 126, 128, 8, 128256));
    std::vector<NumberFormat> formats = {fp16_format()};
    for (const std::uint32_t group : {0u, 32u, 64u, 128u}) {
        formats.push_back(integer_format("int4", {4}, group));
        formats.push_back(integer_format("w3p5", {4, 3}, group, 16));
    }
    for (const Model& model : models) {
        for (const NumberFormat& format : formats) {
            CompileCase it{large_chip(), Placement::Streamed, model, format, {}, 1000};
            it.scenario.context = 1000;
            it.scenario.batch = 4;
            EXPECT_THAT(text_size(compile(it).program), AllOf(Gt(200u), Lt(700u)))
                << model.hidden << " " << format.name << " " << format.group_size;
        }
    }
}

TEST(Program, TextDoesNotGrowWithTheModel) {
    CompileCase it{large_chip(), Placement::Streamed, llama2_70b(), fp16_format(), {}, 2};
    it.scenario.context = 1024;
    it.scenario.batch = 2;
    const std::size_t size = text_size(compile(it).program);
    it.model.layers = 1000;
    it.scenario.batch = 200;
    it.tokens = 1'000'000;
    EXPECT_LE(text_size(compile(it).program), size + 10);
}

}  // namespace
}  // namespace lpusim
