#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/config/load.h"
#include "tests/config/temporary_file.h"

namespace lpusim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

const std::string kTiny =
    "kind: model\nname: tiny\nhidden: 96\nintermediate: 200\nlayers: 3\nheads: 6\nvocab: "
    "1000\nmax_positions: 512\n";

Model load(const std::string& content, const std::string& name = "m.yaml",
           const Overrides& overrides = {}) {
    const TemporaryFolder folder;
    return load_model(folder.write(name, content), overrides);
}

std::vector<std::string> errors(const std::string& content) { return errors_of(content, "m.yaml"); }

TEST(ModelFile, ValuesAndDefaults) {
    Model model = load(kTiny);
    EXPECT_EQ(model.name, "tiny");
    EXPECT_EQ(model.hidden, 96U);
    EXPECT_EQ(model.intermediate, 200U);
    EXPECT_EQ(model.layers, 3U);
    EXPECT_EQ(model.heads, 6U);
    EXPECT_EQ(model.kv_heads, 6U);
    EXPECT_EQ(model.head_dim, 16U);
    EXPECT_EQ(model.vocab, 1000U);
    EXPECT_EQ(model.max_positions, 512U);
    EXPECT_EQ(model.token_types, 0U);
    EXPECT_EQ(model.architecture, Architecture::Decoder);
    EXPECT_EQ(model.mlp, MlpKind::Gated);
    EXPECT_EQ(model.norm, NormKind::RmsNorm);
    EXPECT_EQ(model.positions, Positions::Rotary);
    EXPECT_FALSE(model.biases || model.tied_embeddings || model.embedding_norm || model.pooler);
    EXPECT_TRUE(model.final_norm);

    model = load(kTiny +
                 "kv_heads: 2\nhead_dim: 20\ntoken_types: 2\narchitecture: encoder\nmlp: "
                 "plain\nnorm: layer_norm\npositions: learned\nbiases: true\ntied_embeddings: "
                 "true\nembedding_norm: true\nfinal_norm: false\npooler: true\n");
    EXPECT_EQ(model.kv_heads, 2U);
    EXPECT_EQ(model.head_dim, 20U);
    EXPECT_EQ(model.token_types, 2U);
    EXPECT_EQ(model.architecture, Architecture::Encoder);
    EXPECT_EQ(model.mlp, MlpKind::Plain);
    EXPECT_EQ(model.norm, NormKind::LayerNorm);
    EXPECT_EQ(model.positions, Positions::Learned);
    EXPECT_TRUE(model.biases && model.tied_embeddings && model.embedding_norm && model.pooler);
    EXPECT_FALSE(model.final_norm);
}

TEST(ModelErrors, NameTheKey) {
    EXPECT_THAT(
        errors(kTiny + "kv_heads: 4\n"),
        ElementsAre("m.yaml:9:11: error: key 'kv_heads': got 4, which does not divide heads = 6"));
    EXPECT_THAT(errors(replaced(kTiny, "hidden: 96", "hidden: 97")),
                ElementsAre("m.yaml:1:1: error: key 'head_dim': is left out, but hidden = 97 is no "
                            "multiple of heads = 6"));
    EXPECT_THAT(errors(replaced(kTiny, "layers: 3", "layers: 0")),
                ElementsAre("m.yaml:5:9: error: key 'layers': got '0', which is zero; allowed: a "
                            "whole number from 1 to 4096"));
    EXPECT_THAT(errors(kTiny + "mlp: gate\n"),
                ElementsAre("m.yaml:9:6: error: key 'mlp': got 'gate'; allowed: gated or plain; "
                            "did you mean 'gated'?"));
    EXPECT_THAT(
        errors(replaced(kTiny, "hidden: 96\n", "")),
        ElementsAre(
            "m.yaml:1:1: error: missing key 'hidden'; allowed: a whole number from 1 to 1048576"));
    EXPECT_THAT(errors(kTiny + "hidden_size: 96\n"),
                ElementsAre(HasSubstr("m.yaml:9:1: error: unknown key 'hidden_size'; allowed here: "
                                      "kind, name, description, source, architecture, hidden")));
}

TEST(ModelJson, IsAFileThatGivesTheSameModel) {
    const std::string json =
        effective_json(load(kTiny + "kv_heads: 2\nbiases: true\nsource: there\n")).dump();
    EXPECT_EQ(effective_json(load(json)).dump(), json);
    // Also under the name that suggests another's JSON.
    EXPECT_EQ(effective_json(load(json, "m.json")).dump(), json);
    EXPECT_THAT(json, HasSubstr(R"("kv_heads":2,"head_dim":16)"));
}

// As published with the models, shortened by keys that do not matter.
const char* const kLlama2 = R"({
  "_name_or_path": "meta-llama/Llama-2-70b-hf",
  "architectures": ["LlamaForCausalLM"],
  "bos_token_id": 1,
  "hidden_act": "silu",
  "hidden_size": 8192,
  "initializer_range": 0.02,
  "intermediate_size": 28672,
  "max_position_embeddings": 4096,
  "model_type": "llama",
  "num_attention_heads": 64,
  "num_hidden_layers": 80,
  "num_key_value_heads": 8,
  "pretraining_tp": 1,
  "rms_norm_eps": 1e-05,
  "rope_scaling": null,
  "tie_word_embeddings": false,
  "torch_dtype": "float16",
  "use_cache": true,
  "vocab_size": 32000
})";
const char* const kGpt2 = R"({
  "activation_function": "gelu_new",
  "architectures": ["GPT2LMHeadModel"],
  "model_type": "gpt2",
  "n_ctx": 1024,
  "n_embd": 1024,
  "n_head": 16,
  "n_layer": 24,
  "n_positions": 1024,
  "task_specific_params": {"text-generation": {"do_sample": true, "max_length": 50}},
  "vocab_size": 50257
})";
const char* const kBert = R"({
  "architectures": ["BertForMaskedLM"],
  "hidden_act": "gelu",
  "hidden_size": 768,
  "intermediate_size": 3072,
  "max_position_embeddings": 512,
  "model_type": "bert",
  "num_attention_heads": 12,
  "num_hidden_layers": 12,
  "type_vocab_size": 2,
  "vocab_size": 30522
})";

std::string shape_of(Model model) {
    model.name = "any";
    return effective_json(model).dump();
}

TEST(HuggingFace, GivesTheShapesOfTheShippedFiles) {
    EXPECT_EQ(shape_of(load(kLlama2, "config.json")),
              shape_of(load_model("workloads/models/llama2-70b.yaml")));
    EXPECT_EQ(shape_of(load(kGpt2, "config.json")),
              shape_of(load_model("workloads/models/gpt2-medium.yaml")));
    EXPECT_EQ(shape_of(load(kBert, "config.json")),
              shape_of(load_model("workloads/models/bert-base.yaml")));
}

TEST(HuggingFace, TheNameIsTheFoldersOrTheFiles) {
    EXPECT_EQ(load(kGpt2, "gpt2-medium/config.json").name, "gpt2-medium");
    EXPECT_EQ(load(kGpt2, "medium.json").name, "medium");
}

TEST(HuggingFace, MissingKeysHaveTheDefaultsOfTheirArchitecture) {
    const Model model =
        load(replaced(replaced(kLlama2, "  \"num_key_value_heads\": 8,\n", "  \"head_dim\": 64,\n"),
                      "  \"architectures\": [\"LlamaForCausalLM\"],\n", ""),
             "config.json");
    EXPECT_EQ(model.kv_heads, 64U);
    EXPECT_EQ(model.head_dim, 64U);
    EXPECT_EQ(
        load(replaced(kGpt2, "\"n_ctx\": 1024", "\"n_inner\": null"), "config.json").intermediate,
        4096U);
}

TEST(HuggingFace, TakesOverrides) {
    EXPECT_EQ(load(kLlama2, "config.json", {{"layers", "2"}}).layers, 2U);
    EXPECT_THROW(load(kLlama2, "config.json", {{"kv_heads", "3"}}), ConfigError);
}

TEST(HuggingFaceErrors, NameTheKey) {
    const auto errors = [](const std::string& text) { return errors_of(text, "config.json"); };
    const auto with = [&](const char* from, const char* to) {
        return errors(replaced(kLlama2, from, to));
    };
    EXPECT_THAT(errors(kLlama2), IsEmpty());
    EXPECT_THAT(with("LlamaForCausalLM", "MambaForCausalLM"),
                ElementsAre("config.json:3:20: error: key 'architectures': got 'MambaForCausalLM', "
                            "which is not supported; allowed: LlamaForCausalLM, GPT2LMHeadModel, "
                            "BertModel, BertForMaskedLM, BertForPreTraining, llama, gpt2 or bert"));
    EXPECT_THAT(errors("{}"),
                ElementsAre("config.json:1:1: error: is no Hugging Face config.json: it "
                            "has neither 'architectures' nor 'model_type'"));
    EXPECT_THAT(errors("[1, 2]"), ElementsAre("config.json:1:1: error: is no JSON object"));
    EXPECT_THAT(
        errors("{\"hidden_size\": }"),
        ElementsAre(HasSubstr(
            "config.json:1:17: error: is not valid JSON: syntax error while parsing value")));
    EXPECT_THAT(errors(""), ElementsAre(HasSubstr("config.json:1:1: error: is not valid JSON")));
    EXPECT_THAT(with("\"hidden_size\": 8192", "\"hidden_size\": -8192"),
                ElementsAre("config.json:6:18: error: key 'hidden_size': got '-8192', which is "
                            "negative; allowed: a whole number from 1 to 1048576"));
    EXPECT_THAT(
        with("\"hidden_size\": 8192", "\"hidden_size\": \"8192\""),
        ElementsAre("config.json:6:18: error: key 'hidden_size': got '\"8192\"', which is not a "
                    "number; allowed: a whole number from 1 to 1048576"));
    EXPECT_THAT(
        with("\"hidden_size\": 8192", "\"hidden_size\": [8192]"),
        ElementsAre("config.json:6:18: error: key 'hidden_size': got a list, which is not a "
                    "number; allowed: a whole number from 1 to 1048576"));
    EXPECT_THAT(
        with("  \"num_hidden_layers\": 80,\n", ""),
        ElementsAre("config.json:1:1: error: key 'num_hidden_layers': is missing; allowed: a "
                    "whole number from 1 to 4096"));
    EXPECT_THAT(
        with("\"num_key_value_heads\": 8", "\"num_key_value_heads\": 7"),
        ElementsAre("config.json:13:26: error: key 'num_key_value_heads': got 7, which does not "
                    "divide num_attention_heads = 64"));
    EXPECT_THAT(
        with("\"hidden_size\": 8192", "\"hidden_size\": 8191"),
        ElementsAre("config.json:6:18: error: key 'hidden_size': got 8191, which is no multiple "
                    "of num_attention_heads = 64"));
    EXPECT_THAT(
        with("\"silu\"", "\"gelu\""),
        ElementsAre("config.json:5:17: error: key 'hidden_act': got '\"gelu\"', which is not "
                    "supported; allowed: silu"));
    EXPECT_THAT(with("\"pretraining_tp\": 1", "\"attention_bias\": true"),
                ElementsAre("config.json:1:1: error: key 'mlp_bias': differs from attention_bias; "
                            "biases are supported in all linear layers or in none"));
    EXPECT_THAT(with("\"tie_word_embeddings\": false", "\"tie_word_embeddings\": 0"),
                ElementsAre("config.json:17:26: error: key 'tie_word_embeddings': got '0'; "
                            "allowed: true or false"));
    EXPECT_THAT(
        with("\"pretraining_tp\": 1", "\"num_local_experts\": 8"),
        ElementsAre("config.json:14:24: error: key 'num_local_experts': a mixture of experts is "
                    "not supported"));
    EXPECT_THAT(
        with("\"pretraining_tp\": 1", "\"add_cross_attention\": true"),
        ElementsAre("config.json:14:26: error: key 'add_cross_attention': got true, which is not "
                    "supported"));
    EXPECT_THAT(with("\"pretraining_tp\": 1", "\"add_cross_attention\": false"), IsEmpty());
    EXPECT_THAT(with("\"pretraining_tp\": 1", "\"vocab_size\": 1"),
                ElementsAre("config.json:20:3: error: key 'vocab_size' stands there twice"));
}

TEST(HuggingFaceErrors, FindTheValuesOfTheOutermostKeysOnly) {
    EXPECT_THAT(errors_of(R"({"nested": {"hidden_size": 1, "a": ["hidden_size", {"b": 2}]},
 "\"hidden_size\": 5": "{[,:",
 "model_type": "llama", "vocab\u005fsize":
   0, "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1,
 "max_position_embeddings": true})",
                          "config.json"),
                ElementsAre(StartsWith("config.json:4:4: error: key 'vocab_size': got '0'"),
                            StartsWith("config.json:5:29: error: key 'max_position_embeddings'")));
    EXPECT_THAT(errors_of("{\n  \"model_type\": \"mamba\"}", "config.json"),
                ElementsAre(StartsWith("config.json:2:17: error: key 'model_type': got 'mamba'")));
}

TEST(HuggingFaceErrors, DeepNestingIsNoProblem) {
    const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
    EXPECT_THAT(errors_of(replaced(kLlama2, "\"hidden_size\": 8192", "\"hidden_size\": " + deep),
                          "config.json"),
                ElementsAre(HasSubstr("key 'hidden_size': got a list")));
}

}  // namespace
}  // namespace lpusim
