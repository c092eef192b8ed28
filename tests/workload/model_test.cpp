#include "sim/workload/model.h"

#include <gtest/gtest.h>

namespace lpusim {
namespace {

/// Shapes as in the public config.json of each model.
Model llama(std::uint32_t hidden, std::uint32_t intermediate, std::uint32_t layers,
            std::uint32_t heads, std::uint32_t kv_heads, std::uint32_t vocab) {
    Model model;
    model.hidden = hidden;
    model.intermediate = intermediate;
    model.layers = layers;
    model.heads = heads;
    model.kv_heads = kv_heads;
    model.head_dim = hidden / heads;
    model.vocab = vocab;
    return model;
}

Model llama2_70b() { return llama(8192, 28672, 80, 64, 8, 32000); }

/// What GPT-2 and BERT have in common.
Model learned_positions(std::uint32_t hidden, std::uint32_t layers, std::uint32_t heads,
                        std::uint32_t vocab, std::uint32_t max_positions) {
    Model model = llama(hidden, 4 * hidden, layers, heads, heads, vocab);
    model.mlp = MlpKind::Plain;
    model.norm = NormKind::LayerNorm;
    model.positions = Positions::Learned;
    model.max_positions = max_positions;
    model.biases = true;
    return model;
}

Model gpt2_medium() {
    Model model = learned_positions(1024, 24, 16, 50257, 1024);
    model.tied_embeddings = true;
    return model;
}

Model bert_base() {
    Model model = learned_positions(768, 12, 12, 30522, 512);
    model.architecture = Architecture::Encoder;
    model.token_types = 2;
    model.embedding_norm = true;
    model.final_norm = false;
    model.pooler = true;
    return model;
}

struct PublishedCount {
    const char* name;
    Model model;
    std::uint64_t total;
};

class PublishedModels : public testing::TestWithParam<PublishedCount> {};

TEST_P(PublishedModels, HaveTheirParameterCount) {
    EXPECT_EQ(count_parameters(GetParam().model).total(), GetParam().total);
}

INSTANTIATE_TEST_SUITE_P(
    All, PublishedModels,
    testing::Values(
        PublishedCount{"llama2_7b", llama(4096, 11008, 32, 32, 32, 32000), 6'738'415'616},
        PublishedCount{"llama2_13b", llama(5120, 13824, 40, 40, 40, 32000), 13'015'864'320},
        PublishedCount{"llama2_70b", llama2_70b(), 68'976'648'192},
        PublishedCount{"llama3_8b", llama(4096, 14336, 32, 32, 8, 128256), 8'030'261'248},
        PublishedCount{"llama3_70b", llama(8192, 28672, 80, 64, 8, 128256), 70'553'706'496},
        PublishedCount{"llama3_1_405b", llama(16384, 53248, 126, 128, 8, 128256), 405'853'388'800},
        PublishedCount{"tinyllama_1_1b", llama(2048, 5632, 22, 32, 4, 32000), 1'100'048'384},
        PublishedCount{"gpt2_medium", gpt2_medium(), 354'823'168},
        PublishedCount{"bert_base", bert_base(), 109'482'240}),
    [](const auto& instance) { return std::string(instance.param.name); });

TEST(CountParameters, SplitsLlama2ByKind) {
    const ParameterCount count = count_parameters(llama2_70b());
    // What a decode step streams in the weight format (model.md, rule 1).
    EXPECT_EQ(count.linear + count.lm_head, 68'713'185'280u);
    EXPECT_EQ(count.lm_head, 32000u * 8192u);
    EXPECT_EQ(count.embedding, 32000u * 8192u);
    EXPECT_EQ(count.norms, (2u * 80 + 1) * 8192);
    EXPECT_EQ(count.biases, 0u);
}

TEST(CountParameters, CountsATiedLmHeadOnce) {
    const ParameterCount count = count_parameters(gpt2_medium());
    EXPECT_EQ(count.lm_head, 0u);
    EXPECT_EQ(count.embedding, (50257u + 1024) * 1024);
    EXPECT_EQ(count.linear, 24u * 12 * 1024 * 1024);
    // Per layer: Q, K, V, O and the down projection 1024 each, the up projection 4096.
    EXPECT_EQ(count.biases, 24u * (5 * 1024 + 4096));
    // A LayerNorm has a weight and a bias.
    EXPECT_EQ(count.norms, (2u * 24 + 1) * 2 * 1024);
}

TEST(CountParameters, AnEncoderHasNoLmHead) {
    const ParameterCount count = count_parameters(bert_base());
    EXPECT_EQ(count.lm_head, 0u);
    EXPECT_EQ(count.embedding, (30522u + 512 + 2) * 768);
    // Twelve layers and the pooler.
    EXPECT_EQ(count.linear, (12u * 12 + 1) * 768 * 768);
    EXPECT_EQ(count.biases, 12u * (5 * 768 + 3072) + 768);
    EXPECT_EQ(count.norms, (2u * 12 + 1) * 2 * 768);
}

TEST(CountParameters, HeadsNeedNotFillTheHiddenWidth) {
    Model model = llama(8, 16, 1, 2, 1, 10);
    model.head_dim = 3;
    // Q and O are 8 x 6, K and V 8 x 3; gate, up and down 8 x 16.
    EXPECT_EQ(count_parameters(model).linear, 2u * 48 + 2 * 24 + 3 * 128);
}

TEST(CountParameters, GatedBiasesCountBothUpProjections) {
    Model model = llama(8, 16, 1, 2, 1, 10);
    model.biases = true;
    // Q 8, K and V 4 each, O 8; gate and up 16 each, down 8.
    EXPECT_EQ(count_parameters(model).biases, 8u + 2 * 4 + 8 + 2 * 16 + 8);
}

}  // namespace
}  // namespace lpusim
