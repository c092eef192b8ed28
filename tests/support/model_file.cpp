#include "tests/support/model_file.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include <fmt/format.h>

namespace lpusim {

namespace {

class Tensors {
public:
    /// Multiples of 1/128 within ±1, times 1 / sqrt(columns).
    void add(const std::string& name, std::vector<std::uint64_t> shape, float mean = 0) {
        StoredTensor tensor{name, std::move(shape), {}};
        std::uint64_t count = 1;
        for (const std::uint64_t axis : tensor.shape) count *= axis;
        const float scale = tensor.shape.size() == 2 ? 0.25F : 0.125F;
        for (std::uint64_t i = 0; i < count; ++i) {
            state_ = state_ * 6364136223846793005U + 1442695040888963407U;
            const auto step = static_cast<int>(state_ >> 57U);
            tensor.numbers.push_back(mean + scale * static_cast<float>(step - 64) / 64);
        }
        all.push_back(std::move(tensor));
    }
    std::vector<StoredTensor> all;

private:
    std::uint64_t state_ = 1;
};

}  // namespace

std::vector<StoredTensor> model_tensors(const Model& model, Naming naming) {
    Tensors tensors;
    const std::uint64_t hidden = model.hidden;
    const std::uint64_t inner = model.intermediate;
    const std::uint64_t query = std::uint64_t{model.heads} * model.head_dim;
    const std::uint64_t key_value = std::uint64_t{model.kv_heads} * model.head_dim;
    const bool gpt2 = naming == Naming::Gpt2;
    const bool own = naming == Naming::Operators;
    const auto linear = [&](const std::string& name, std::uint64_t n, std::uint64_t k) {
        tensors.add(name + ".weight", gpt2 ? std::vector{k, n} : std::vector{n, k});
        if (model.biases) tensors.add(name + ".bias", {n});
    };
    const auto norm = [&](const std::string& name) {
        tensors.add(name + ".weight", {hidden}, 1);
        if (model.norm == NormKind::LayerNorm) tensors.add(name + ".bias", {hidden});
    };
    const std::string root = own ? "" : gpt2 ? "transformer." : "model.";
    tensors.add(root +
                    (own    ? "embed"
                     : gpt2 ? "wte"
                            : "embed_tokens") +
                    ".weight",
                {model.vocab, hidden});
    if (model.positions == Positions::Learned) {
        tensors.add(root +
                        (own    ? "positions"
                         : gpt2 ? "wpe"
                                : "embed_positions") +
                        ".weight",
                    {model.max_positions, hidden});
    }
    for (std::uint32_t layer = 0; layer < model.layers; ++layer) {
        const std::string in = fmt::format("{}{}.{}.", root, gpt2 ? "h" : "layers", layer);
        const std::string attention = in + (own ? "" : gpt2 ? "attn." : "self_attn.");
        const std::string mlp = in + (own ? "" : "mlp.");
        norm(in + (own ? "norm1" : gpt2 ? "ln_1" : "input_layernorm"));
        if (gpt2 || naming == Naming::Fused) {
            linear(attention + (gpt2 ? "c_attn" : "qkv_proj"), query + 2 * key_value, hidden);
        } else {
            linear(attention + "q_proj", query, hidden);
            linear(attention + "k_proj", key_value, hidden);
            linear(attention + "v_proj", key_value, hidden);
        }
        linear(attention + (gpt2 ? "c_proj" : "o_proj"), hidden, query);
        norm(in + (own ? "norm2" : gpt2 ? "ln_2" : "post_attention_layernorm"));
        if (gpt2) {
            linear(mlp + "c_fc", inner, hidden);
        } else if (naming == Naming::Fused) {
            linear(mlp + "gate_up_proj", 2 * inner, hidden);
        } else {
            if (model.mlp == MlpKind::Gated) linear(mlp + "gate_proj", inner, hidden);
            linear(mlp + "up_proj", inner, hidden);
        }
        linear(mlp + (gpt2 ? "c_proj" : "down_proj"), hidden, inner);
    }
    norm(own ? "final_norm" : gpt2 ? "transformer.ln_f" : "model.norm");
    if (!model.tied_embeddings) tensors.add("lm_head.weight", {model.vocab, hidden});
    return tensors.all;
}

StoredTensor& tensor_named(std::vector<StoredTensor>& tensors, const std::string& name) {
    for (StoredTensor& tensor : tensors) {
        if (tensor.name == name) return tensor;
    }
    throw std::invalid_argument("no tensor " + name);
}

void write_safetensors(const std::string& path, const std::vector<StoredTensor>& tensors) {
    std::string header = "{";
    std::string data;
    for (const StoredTensor& tensor : tensors) {
        const std::size_t begin = data.size();
        for (const float x : tensor.numbers) {
            char bytes[sizeof x];
            std::memcpy(bytes, &x, sizeof x);
            const bool upper_half = tensor.dtype == "BF16";
            data.append(bytes + (upper_half ? 2 : 0), upper_half ? 2 : 4);
        }
        header += fmt::format(R"({}"{}":{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})",
                              begin == 0 ? "" : ",", tensor.name, tensor.dtype,
                              fmt::join(tensor.shape, ","), begin, data.size());
    }
    header += "}";
    std::string length(8, '\0');
    for (std::size_t i = 0; i < 8; ++i) length[i] = static_cast<char>(header.size() >> (8 * i));
    std::ofstream(path, std::ios::binary) << length << header << data;
}

}  // namespace lpusim
