#pragma once

#include <cstdint>
#include <string>

namespace lpusim {

enum class Architecture : std::uint8_t { Decoder, Encoder };
enum class MlpKind : std::uint8_t {
    /// gate and up projections, SiLU(gate) * up (SwiGLU)
    Gated,
    /// one up projection and GELU
    Plain
};
enum class NormKind : std::uint8_t { RmsNorm, LayerNorm };
enum class Positions : std::uint8_t { Rotary, Learned };

/// A transformer's shape. All parameters follow from it.
struct Model {
    std::string name;
    Architecture architecture = Architecture::Decoder;
    std::uint32_t hidden = 0;
    std::uint32_t intermediate = 0;
    std::uint32_t layers = 0;
    std::uint32_t heads = 0;
    std::uint32_t kv_heads = 0;
    std::uint32_t head_dim = 0;
    std::uint32_t vocab = 0;
    /// Rows of a learned position table, and the longest context of the model.
    std::uint32_t max_positions = 0;
    /// Rows of a token-type table (BERT); 0: none.
    std::uint32_t token_types = 0;
    MlpKind mlp = MlpKind::Gated;
    NormKind norm = NormKind::RmsNorm;
    Positions positions = Positions::Rotary;
    /// Whether linear layers have bias vectors.
    bool biases = false;
    /// Whether the LM head is the embedding table.
    bool tied_embeddings = false;
    /// Whether a norm follows the embedding (BERT) or the last layer (decoders).
    bool embedding_norm = false;
    bool final_norm = true;
    /// A dense layer over the first token behind the last layer (BERT's pooler).
    bool pooler = false;
};

/// Parameters by kind; their sum is the published parameter count.
struct ParameterCount {
    /// Of the weight matrices of the layers and of the pooler, stored in the weight format.
    std::uint64_t linear = 0;
    /// Of a decoder's LM head that is not tied; stored in the weight format.
    std::uint64_t lm_head = 0;
    /// Token, position and type tables.
    std::uint64_t embedding = 0;
    /// Norm weights and biases, stored in FP16.
    std::uint64_t norms = 0;
    /// Bias vectors of linear layers, stored in FP16.
    std::uint64_t biases = 0;

    std::uint64_t total() const { return linear + lm_head + embedding + norms + biases; }
};
ParameterCount count_parameters(const Model& model);

}  // namespace lpusim
