#include "sim/compiler/synchronisation.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/compile_cases.h"

namespace lpusim {
namespace {

using testing::ElementsAre;
using Names = std::vector<std::string>;

struct Uses {
    Names givers, takers;
};

Uses uses_of(HandOver channel, const std::vector<Operator>& section) {
    const std::vector<Synchronisation> syncs = synchronise(section);
    Uses uses;
    for (std::size_t i = 0; i < section.size(); ++i) {
        if (syncs[i].gives_to(channel)) uses.givers.push_back(section[i].name);
        if (syncs[i].takes_from(channel)) uses.takers.push_back(section[i].name);
    }
    return uses;
}

std::vector<Operator> layer(const Model& model, std::uint32_t operand_bytes,
                            std::uint32_t kv_bits = 8) {
    Scenario scenario;
    scenario.kv_bits = kv_bits;
    return decode_step(model, scenario, operand_bytes).layer;
}

TEST(Synchronisation, OfAnInt8LlamaLayer) {
    const std::vector<Operator> section = layer(llama2_70b(), 1);
    const Uses to_array = uses_of(HandOver::VectorToArray, section);
    EXPECT_THAT(to_array.givers,
                ElementsAre("quant1", "softmax", "quant_attn", "quant2", "quant_mlp"));
    EXPECT_THAT(to_array.takers,
                ElementsAre("q_proj", "attn_v", "o_proj", "gate_proj", "down_proj"));
    const Uses to_vector = uses_of(HandOver::ArrayToVector, section);
    EXPECT_THAT(to_vector.givers, ElementsAre("q_proj", "k_proj", "v_proj", "scores", "attn_v",
                                              "o_proj", "up_proj", "down_proj"));
    EXPECT_THAT(to_vector.takers, ElementsAre("rope_q", "rope_k", "kv_append", "softmax",
                                              "quant_attn", "residual1", "silu_mul", "residual2"));
    EXPECT_THAT(uses_of(HandOver::VectorToKv, section).givers, ElementsAre("kv_append"));
    EXPECT_THAT(uses_of(HandOver::VectorToKv, section).takers, ElementsAre("scores"));
    EXPECT_THAT(uses_of(HandOver::ArrayToArray, section).takers, ElementsAre());
}

TEST(Synchronisation, OfAnFp16Layer) {
    const std::vector<Operator> section = layer(llama2_70b(), 2);
    EXPECT_THAT(uses_of(HandOver::VectorToArray, section).givers,
                ElementsAre("norm1", "softmax", "norm2", "silu_mul"));
    EXPECT_THAT(uses_of(HandOver::ArrayToArray, section).givers, ElementsAre("attn_v"));
    EXPECT_THAT(uses_of(HandOver::ArrayToArray, section).takers, ElementsAre("o_proj"));
}

// Without rope and with a 16-bit cache nothing touches Q: the append, behind K and V, covers it.
TEST(Synchronisation, OfALayerWithLearnedPositions) {
    const std::vector<Operator> section = layer(gpt2_medium(), 2, 16);
    EXPECT_THAT(uses_of(HandOver::ArrayToVector, section).givers,
                ElementsAre("v_proj", "scores", "o_proj", "up_proj", "down_proj"));
    EXPECT_THAT(uses_of(HandOver::ArrayToArray, section).takers, ElementsAre("o_proj"));
}

TEST(Synchronisation, AnUnknownInputIsAMistakeOfTheCaller) {
    Operator op;
    op.name = "lonely";
    op.inputs = {"nobody"};
    EXPECT_THROW(synchronise({op}), std::logic_error);
}

}  // namespace
}  // namespace lpusim
