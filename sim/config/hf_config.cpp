#include "sim/config/hf_config.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/config/json_document.h"
#include "sim/config/model_schema.h"

namespace lpusim::config {

namespace {

/// Not a dump of whatever nests in a list or map: that would recurse as deep as it nests.
std::string shown(const nlohmann::json& value) {
    if (value.is_array()) return "a list";
    if (value.is_object()) return "a map";
    return in_quotes(value.dump());
}

/// Typed access to the keys of a config.json.
class Source {
public:
    Source(const nlohmann::json& json, const JsonPlaces& places, Diagnostics& diagnostics)
        : json_(json), places_(places), diagnostics_(diagnostics) {}

    /// Missing and null mean the fallback, or an error without one.
    std::uint32_t number(const char* key, const Count& type,
                         std::optional<std::uint32_t> fallback = std::nullopt) {
        const nlohmann::json* value = find(key);
        if (value == nullptr) {
            if (!fallback) error(key, "is missing; allowed: " + type.allowed());
            return fallback.value_or(1);
        }
        try {
            if (!value->is_number()) throw BadValue(", which is not a number");
            return static_cast<std::uint32_t>(type.read(YamlNode::scalar(value->dump(), {})));
        } catch (const BadValue& bad) {
            error(key,
                  fmt::format("got {}{}; allowed: {}", shown(*value), bad.what(), type.allowed()));
            return 1;
        }
    }

    bool flag(const char* key, bool fallback) {
        const nlohmann::json* value = find(key);
        if (value == nullptr) return fallback;
        if (!value->is_boolean()) {
            error(key, fmt::format("got {}; allowed: true or false", shown(*value)));
            return fallback;
        }
        return value->get<bool>();
    }

    /// The model is none that can be simulated when the key has another value than these.
    void require_one_of(const char* key, const std::vector<std::string>& allowed) {
        const nlohmann::json* value = find(key);
        if (value == nullptr) return;
        for (const std::string& word : allowed) {
            if (*value == word) return;
        }
        error(key, fmt::format("got {}, which is not supported; allowed: {}", shown(*value),
                               one_of(allowed)));
    }

    /// Parts that no model here has: left out silently, they would be missing in every figure.
    void refuse_foreign_parts() {
        for (const char* key : {"add_cross_attention", "is_encoder_decoder"}) {
            if (flag(key, false)) error(key, "got true, which is not supported");
        }
        for (const char* key : {"num_local_experts", "num_experts", "n_routed_experts"}) {
            if (find(key) != nullptr) error(key, "a mixture of experts is not supported");
        }
    }

    /// Whether everything read so far was valid.
    bool valid() const { return diagnostics_.empty(); }

    void error(const char* key, const std::string& message) {
        diagnostics_.error(places_.of(key), fmt::format("key '{}': {}", key, message));
    }

private:
    const nlohmann::json* find(const char* key) const {
        const auto found = json_.find(key);
        return found == json_.end() || found->is_null() ? nullptr : &*found;
    }

    const nlohmann::json& json_;
    const JsonPlaces& places_;
    Diagnostics& diagnostics_;
};

void read_heads(Source& source, const char* heads_key, const char* kv_heads_key,
                const char* hidden_key, Model& model) {
    model.heads = source.number(heads_key, kModelHeads);
    model.kv_heads = source.number(kv_heads_key, kModelHeads, model.heads);
    if (source.valid() && model.heads % model.kv_heads != 0) {
        source.error(kv_heads_key, fmt::format("got {}, which does not divide {} = {}",
                                               model.kv_heads, heads_key, model.heads));
    }
    model.head_dim = source.number("head_dim", kHeadWidth, model.hidden / model.heads);
    const bool is_quotient = model.head_dim == model.hidden / model.heads;
    if (source.valid() && is_quotient && model.hidden % model.heads != 0) {
        source.error(hidden_key, fmt::format("got {}, which is no multiple of {} = {}",
                                             model.hidden, heads_key, model.heads));
    }
}

Model read_llama(Source& source) {
    Model model;
    model.hidden = source.number("hidden_size", kModelWidth);
    model.intermediate = source.number("intermediate_size", kModelWidth);
    model.layers = source.number("num_hidden_layers", kModelLayers);
    read_heads(source, "num_attention_heads", "num_key_value_heads", "hidden_size", model);
    model.vocab = source.number("vocab_size", kTableRows);
    model.max_positions = source.number("max_position_embeddings", kTableRows);
    model.tied_embeddings = source.flag("tie_word_embeddings", false);
    model.biases = source.flag("attention_bias", false);
    if (source.flag("mlp_bias", false) != model.biases) {
        source.error(
            "mlp_bias",
            "differs from attention_bias; biases are supported in all linear layers or in none");
    }
    source.require_one_of("hidden_act", {"silu"});
    return model;
}

Model read_gpt2(Source& source) {
    Model model;
    model.mlp = MlpKind::Plain;
    model.norm = NormKind::LayerNorm;
    model.positions = Positions::Learned;
    model.biases = true;
    model.hidden = source.number("n_embd", kModelWidth);
    model.intermediate = source.number("n_inner", kModelWidth, 4 * model.hidden);
    model.layers = source.number("n_layer", kModelLayers);
    read_heads(source, "n_head", "n_head", "n_embd", model);
    model.vocab = source.number("vocab_size", kTableRows);
    model.max_positions = source.number("n_positions", kTableRows);
    model.tied_embeddings = source.flag("tie_word_embeddings", true);
    source.require_one_of("activation_function", {"gelu", "gelu_new", "gelu_fast"});
    return model;
}

Model read_bert(Source& source) {
    Model model;
    model.architecture = Architecture::Encoder;
    model.mlp = MlpKind::Plain;
    model.norm = NormKind::LayerNorm;
    model.positions = Positions::Learned;
    model.biases = true;
    model.tied_embeddings = true;
    model.embedding_norm = true;
    model.final_norm = false;
    model.pooler = true;
    model.hidden = source.number("hidden_size", kModelWidth);
    model.intermediate = source.number("intermediate_size", kModelWidth);
    model.layers = source.number("num_hidden_layers", kModelLayers);
    read_heads(source, "num_attention_heads", "num_attention_heads", "hidden_size", model);
    model.vocab = source.number("vocab_size", kTableRows);
    model.max_positions = source.number("max_position_embeddings", kTableRows);
    model.token_types = source.number("type_vocab_size", kTokenTypes);
    source.require_one_of("hidden_act", {"gelu", "gelu_new"});
    source.require_one_of("position_embedding_type", {"absolute"});
    return model;
}

using Reader = std::function<Model(Source&)>;

/// By the name of the architecture's class, and of the model type for files without one.
const std::vector<std::pair<std::string, Reader>>& readers() {
    static const std::vector<std::pair<std::string, Reader>> kReaders = {
        {"LlamaForCausalLM", read_llama},
        {"GPT2LMHeadModel", read_gpt2},
        {"BertModel", read_bert},
        {"BertForMaskedLM", read_bert},
        {"BertForPreTraining", read_bert},
        {"llama", read_llama},
        {"gpt2", read_gpt2},
        {"bert", read_bert}};
    return kReaders;
}

/// The key that names the architecture, and the name; empty when there is none.
std::pair<std::string, std::string> architecture_of(const nlohmann::json& json) {
    const auto names = json.find("architectures");
    if (names != json.end() && names->is_array() && !names->empty() && names->front().is_string()) {
        return {"architectures", names->front().get<std::string>()};
    }
    const auto type = json.find("model_type");
    if (type == json.end() || !type->is_string()) return {};
    return {"model_type", type->get<std::string>()};
}

}  // namespace

Model read_hugging_face(const std::string& text, const std::string& name,
                        Diagnostics& diagnostics) {
    const nlohmann::json json = parse_json(text, diagnostics);
    const JsonPlaces places = find_places(text, diagnostics);
    const auto [named_by, architecture] = architecture_of(json);
    std::vector<std::string> known;
    for (const auto& [key, reader] : readers()) {
        if (key == architecture) {
            Source source(json, places, diagnostics);
            Model model = reader(source);
            source.refuse_foreign_parts();
            model.name = name;
            return model;
        }
        known.push_back(key);
    }
    if (architecture.empty()) {
        diagnostics.fatal(
            places.object,
            "is no Hugging Face config.json: it has neither 'architectures' nor 'model_type'");
    }
    diagnostics.fatal(places.of(named_by),
                      fmt::format("key '{}': got {}, which is not supported; allowed: {}", named_by,
                                  in_quotes(architecture), one_of(known)));
}

}  // namespace lpusim::config
