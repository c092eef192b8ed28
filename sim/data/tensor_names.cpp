#include "sim/data/tensor_names.h"

#include <map>
#include <string_view>

#include <fmt/format.h>

namespace lpusim {

namespace {

/// {} is the layer.
using Stems = std::map<std::string_view, std::string_view>;

const Stems& llama_stems() {
    static const Stems kStems = {{"q_proj", "layers.{}.self_attn.q_proj"},
                                 {"k_proj", "layers.{}.self_attn.k_proj"},
                                 {"v_proj", "layers.{}.self_attn.v_proj"},
                                 {"o_proj", "layers.{}.self_attn.o_proj"},
                                 {"gate_proj", "layers.{}.mlp.gate_proj"},
                                 {"up_proj", "layers.{}.mlp.up_proj"},
                                 {"down_proj", "layers.{}.mlp.down_proj"},
                                 {"norm1", "layers.{}.input_layernorm"},
                                 {"norm2", "layers.{}.post_attention_layernorm"},
                                 {"final_norm", "norm"},
                                 {kTokenTable, "embed_tokens"},
                                 {kPositionTable, "embed_positions"}};
    return kStems;
}

const Stems& llama_fused_stems() {
    static const Stems kStems = {{"q_proj", "layers.{}.self_attn.qkv_proj"},
                                 {"k_proj", "layers.{}.self_attn.qkv_proj"},
                                 {"v_proj", "layers.{}.self_attn.qkv_proj"},
                                 {"gate_proj", "layers.{}.mlp.gate_up_proj"},
                                 {"up_proj", "layers.{}.mlp.gate_up_proj"}};
    return kStems;
}

const Stems& gpt2_stems() {
    static const Stems kStems = {{"q_proj", "h.{}.attn.c_attn"}, {"k_proj", "h.{}.attn.c_attn"},
                                 {"v_proj", "h.{}.attn.c_attn"}, {"o_proj", "h.{}.attn.c_proj"},
                                 {"up_proj", "h.{}.mlp.c_fc"},   {"down_proj", "h.{}.mlp.c_proj"},
                                 {"norm1", "h.{}.ln_1"},         {"norm2", "h.{}.ln_2"},
                                 {"final_norm", "ln_f"},         {kTokenTable, "wte"},
                                 {kPositionTable, "wpe"}};
    return kStems;
}

bool is_of_layer(std::string_view op) {
    return op != "lm_head" && op != "final_norm" && op != "embed_norm" && op != kTokenTable &&
           op != kPositionTable;
}

/// Where the operator's outputs lie in a matrix that holds those of its like, too.
TensorName fused(TensorName name, std::string_view op, const Model& model) {
    const std::uint64_t query = std::uint64_t{model.heads} * model.head_dim;
    const std::uint64_t key_value = std::uint64_t{model.kv_heads} * model.head_dim;
    if (op == "gate_proj" || op == "up_proj") {
        name.first_output = op == "up_proj" ? model.intermediate : 0;
        name.outputs = 2 * std::uint64_t{model.intermediate};
        return name;
    }
    if (op == "k_proj") name.first_output = query;
    if (op == "v_proj") name.first_output = query + key_value;
    name.outputs = query + 2 * key_value;
    return name;
}

}  // namespace

std::vector<TensorName> names_of(const std::string& op, std::uint64_t layer, std::uint64_t outputs,
                                 const Model& model, Orientation orientation) {
    std::vector<TensorName> names;
    const auto add = [&](const Stems& stems, std::string_view prefix, Orientation lies,
                         bool is_fused) {
        const auto found = stems.find(op);
        if (found == stems.end()) return;
        const std::string stem = fmt::format(fmt::runtime(found->second), layer);
        for (const std::string_view before : {prefix, std::string_view()}) {
            const TensorName name{fmt::format("{}{}", before, stem), 0, outputs, lies};
            names.push_back(is_fused ? fused(name, op, model) : name);
        }
    };
    const auto add_gpt2 = [&] {
        const bool is_fused = op == "q_proj" || op == "k_proj" || op == "v_proj";
        add(gpt2_stems(), "transformer.", Orientation::InOut, is_fused);
    };
    const bool gpt2_first = model.positions == Positions::Learned;
    if (gpt2_first) add_gpt2();
    add(llama_stems(), "model.", orientation, false);
    add(llama_fused_stems(), "model.", orientation, true);
    if (!gpt2_first) add_gpt2();
    const std::string own = is_of_layer(op) ? fmt::format("layers.{}.{}", layer, op) : op;
    names.push_back({own, 0, outputs, orientation});
    if (op == "lm_head" && model.tied_embeddings) {
        for (TensorName& name : names_of(kTokenTable, 0, outputs, model, orientation)) {
            // A table has a row per token, whichever way linear layers lie.
            name.orientation = Orientation::OutIn;
            names.push_back(name);
        }
    }
    return names;
}

}  // namespace lpusim
