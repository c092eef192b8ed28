#include "sim/workload/operators.h"

#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lpusim {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// The shape of Llama-2-70B, of which everything else follows.
Model llama() {
    Model model;
    model.name = "llama2-70b";
    model.hidden = 8192;
    model.intermediate = 28672;
    model.layers = 80;
    model.heads = 64;
    model.kv_heads = 8;
    model.head_dim = 128;
    model.vocab = 32000;
    return model;
}

Model gpt2() {
    Model model;
    model.name = "gpt2-medium";
    model.hidden = 1024;
    model.intermediate = 4096;
    model.layers = 24;
    model.heads = 16;
    model.kv_heads = 16;
    model.head_dim = 64;
    model.vocab = 50257;
    model.mlp = MlpKind::Plain;
    model.norm = NormKind::LayerNorm;
    model.positions = Positions::Learned;
    model.biases = true;
    model.tied_embeddings = true;
    return model;
}

std::vector<std::string> names(const std::vector<Operator>& section) {
    std::vector<std::string> result;
    result.reserve(section.size());
    for (const Operator& op : section) result.push_back(op.name);
    return result;
}

const Operator& find(const std::vector<Operator>& section, const std::string& name) {
    const auto found = std::find_if(section.begin(), section.end(),
                                    [&name](const Operator& op) { return op.name == name; });
    if (found == section.end()) throw std::out_of_range(name);
    return *found;
}

MatMul matmul(const std::vector<Operator>& section, const std::string& name) {
    return std::get<MatMul>(find(section, name).work);
}

VectorWork vector(const std::vector<Operator>& section, const std::string& name) {
    return std::get<VectorWork>(find(section, name).work);
}

void expect_shape(const MatMul& matmul, std::uint64_t k, std::uint64_t n, std::uint32_t m) {
    EXPECT_EQ(matmul.k, k);
    EXPECT_EQ(matmul.n, n);
    EXPECT_EQ(matmul.m, m);
}

TEST(DecodeStep, OperatorsOfAnInt8Llama) {
    const DecodeStep step = decode_step(llama(), {}, 1);
    EXPECT_THAT(names(step.prologue), ElementsAre("embed"));
    EXPECT_THAT(names(step.layer),
                ElementsAre("norm1", "quant1", "q_proj", "k_proj", "v_proj", "rope_q", "quant_q",
                            "rope_k", "kv_append", "scores", "softmax", "attn_v", "quant_attn",
                            "o_proj", "residual1", "norm2", "quant2", "gate_proj", "up_proj",
                            "silu_mul", "quant_mlp", "down_proj", "residual2"));
    EXPECT_THAT(names(step.epilogue), ElementsAre("final_norm", "quant_head", "lm_head"));
    EXPECT_EQ(step.layers, 80u);
}

TEST(DecodeStep, OperatorsOfAnFp16Gpt2WithAnFp16Cache) {
    Scenario scenario;
    scenario.kv_bits = 16;
    const DecodeStep step = decode_step(gpt2(), scenario, 2);
    EXPECT_THAT(names(step.layer),
                ElementsAre("norm1", "q_proj", "k_proj", "v_proj", "kv_append", "scores", "softmax",
                            "attn_v", "o_proj", "residual1", "norm2", "up_proj", "gelu",
                            "down_proj", "residual2"));
    EXPECT_THAT(names(step.epilogue), ElementsAre("final_norm", "lm_head"));
    EXPECT_EQ(vector(step.layer, "kv_append").kind, VectorKind::Copy);
}

TEST(DecodeStep, ShapesOfTheProducts) {
    Scenario scenario;
    scenario.batch = 3;
    const DecodeStep step = decode_step(llama(), scenario, 1);
    expect_shape(matmul(step.layer, "q_proj"), 8192, 8192, 3);
    expect_shape(matmul(step.layer, "k_proj"), 8192, 1024, 3);
    expect_shape(matmul(step.layer, "v_proj"), 8192, 1024, 3);
    expect_shape(matmul(step.layer, "o_proj"), 8192, 8192, 3);
    expect_shape(matmul(step.layer, "gate_proj"), 8192, 28672, 3);
    expect_shape(matmul(step.layer, "up_proj"), 8192, 28672, 3);
    expect_shape(matmul(step.layer, "down_proj"), 28672, 8192, 3);
    expect_shape(matmul(step.epilogue, "lm_head"), 8192, 32000, 3);
    // Per sequence and KV head, for the eight query heads that share it.
    expect_shape(matmul(step.layer, "scores"), 128, 2048, 8);
    expect_shape(matmul(step.layer, "attn_v"), 2048, 128, 8);
    EXPECT_EQ(matmul(step.layer, "scores").stationary, Stationary::Key);
    EXPECT_EQ(matmul(step.layer, "attn_v").stationary, Stationary::Value);
    EXPECT_EQ(matmul(step.layer, "q_proj").stationary, Stationary::Weight);
}

TEST(DecodeStep, OnlyAttentionRunsPerHead) {
    for (const Operator& op : decode_step(llama(), {}, 1).layer) {
        EXPECT_EQ(op.per_head, op.name == "scores" || op.name == "softmax" || op.name == "attn_v")
            << op.name;
    }
}

TEST(DecodeStep, BytesOfVectorOperations) {
    Scenario scenario;
    scenario.batch = 2;
    const DecodeStep step = decode_step(llama(), scenario, 1);
    const VectorWork norm = vector(step.layer, "norm1");
    EXPECT_EQ(norm.elements, 2u * 8192);
    EXPECT_EQ(norm.read_per_pass, Bytes(2 * 8192 * 2));
    EXPECT_EQ(norm.read_once, Bytes(8192 * 2));
    EXPECT_EQ(norm.written, Bytes(2 * 8192 * 2));
    const VectorWork quantize = vector(step.layer, "quant_mlp");
    EXPECT_EQ(quantize.read_per_pass, Bytes(2 * 28672 * 2));
    EXPECT_EQ(quantize.written, Bytes(2 * 28672));
    const VectorWork silu = vector(step.layer, "silu_mul");
    EXPECT_EQ(silu.read_per_pass, Bytes(2 * 28672 * 4));
    EXPECT_EQ(silu.written, Bytes(2 * 28672 * 2));
    const VectorWork residual = vector(step.layer, "residual2");
    EXPECT_EQ(residual.read_per_pass, Bytes(2 * 8192 * 4));
    const VectorWork softmax = vector(step.layer, "softmax");
    EXPECT_EQ(softmax.elements, 8u * 2048);
    EXPECT_EQ(softmax.read_per_pass, Bytes(8 * 2048 * 2));
    EXPECT_EQ(softmax.written, Bytes(8 * 2048));
    const VectorWork append = vector(step.layer, "kv_append");
    EXPECT_EQ(append.elements, 2u * 2 * 1024);
    EXPECT_EQ(append.written, Bytes(2 * 2 * 1024));
    EXPECT_EQ(step.appended_kv, append.written);
    EXPECT_EQ(step.kv_cache, append.written * 2048);
    EXPECT_EQ(step.embedding_rows, Bytes(2 * 8192 * 2));
}

TEST(DecodeStep, LearnedPositionsAreASecondRow) {
    const DecodeStep step = decode_step(gpt2(), {}, 1);
    EXPECT_EQ(step.embedding_rows, Bytes(2 * 1024 * 2));
    EXPECT_EQ(vector(step.prologue, "embed").read_per_pass, step.embedding_rows);
    EXPECT_EQ(vector(step.prologue, "embed").written, Bytes(1024 * 2));
}

TEST(DecodeStep, NormsAndBiasesArriveTogetherAndLeaveAtTheResidual) {
    const DecodeStep step = decode_step(gpt2(), {}, 1);
    EXPECT_EQ(vector(step.layer, "norm1").parameters, Bytes(2 * (2 * 1024 + 4 * 1024)));
    EXPECT_EQ(vector(step.layer, "norm2").parameters, Bytes(2 * (2 * 1024 + 4096 + 1024)));
    EXPECT_FALSE(vector(step.layer, "norm1").releases_parameters);
    EXPECT_TRUE(vector(step.layer, "residual1").releases_parameters);
    EXPECT_TRUE(vector(step.layer, "residual2").releases_parameters);
    EXPECT_TRUE(vector(step.epilogue, "final_norm").releases_parameters);
    EXPECT_EQ(vector(decode_step(llama(), {}, 1).layer, "norm1").parameters, Bytes(8192 * 2));
}

TEST(DecodeStep, ANormBehindTheEmbedding) {
    Model model = gpt2();
    model.embedding_norm = true;
    EXPECT_THAT(names(decode_step(model, {}, 1).prologue), ElementsAre("embed", "embed_norm"));
}

TEST(DecodeStep, InputsAreEarlierOperators) {
    const DecodeStep step = decode_step(llama(), {}, 1);
    for (const auto* section : {&step.prologue, &step.layer, &step.epilogue}) {
        for (auto op = section->begin(); op != section->end(); ++op) {
            for (const std::string& input : op->inputs) {
                EXPECT_TRUE(std::any_of(
                    section->begin(), op,
                    [&input](const Operator& earlier) { return earlier.name == input; }))
                    << op->name << " reads " << input;
            }
        }
    }
    EXPECT_THAT(find(step.layer, "silu_mul").inputs, ElementsAre("gate_proj", "up_proj"));
    EXPECT_THAT(find(step.layer, "norm1").inputs, IsEmpty());
    EXPECT_EQ(find(step.layer, "scores").cache_input, "kv_append");
}

TEST(DecodeStep, FewerLayersOnRequest) {
    Scenario scenario;
    scenario.layers = 7;
    EXPECT_EQ(decode_step(llama(), scenario, 1).layers, 7u);
}

}  // namespace
}  // namespace lpusim
