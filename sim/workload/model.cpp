#include "sim/workload/model.h"

namespace lpusim {

namespace {

/// Widths of the parts that parameters come from, in 64 bits.
struct Shape {
    explicit Shape(const Model& model)
        : hidden(model.hidden),
          intermediate(model.intermediate),
          query(std::uint64_t{model.heads} * model.head_dim),
          key_value(std::uint64_t{model.kv_heads} * model.head_dim),
          up_projections(model.mlp == MlpKind::Gated ? 2 : 1) {}

    std::uint64_t hidden;
    std::uint64_t intermediate;
    std::uint64_t query;
    /// Width of K, and of V.
    std::uint64_t key_value;
    std::uint64_t up_projections;
};

std::uint64_t layer_weights(const Shape& shape) {
    const std::uint64_t attention = shape.hidden * (2 * shape.query + 2 * shape.key_value);
    const std::uint64_t mlp = shape.hidden * shape.intermediate * (shape.up_projections + 1);
    return attention + mlp;
}

std::uint64_t layer_biases(const Shape& shape) {
    const std::uint64_t attention = shape.query + 2 * shape.key_value + shape.hidden;
    const std::uint64_t mlp = shape.up_projections * shape.intermediate + shape.hidden;
    return attention + mlp;
}

std::uint64_t count_norms(const Model& model) {
    const std::uint64_t norms = std::uint64_t{2} * model.layers + (model.embedding_norm ? 1 : 0) +
                                (model.final_norm ? 1 : 0);
    const std::uint64_t vectors_per_norm = model.norm == NormKind::LayerNorm ? 2 : 1;
    return norms * vectors_per_norm * model.hidden;
}

}  // namespace

ParameterCount count_parameters(const Model& model) {
    const Shape shape(model);
    const std::uint64_t poolers = model.pooler ? 1 : 0;
    const std::uint64_t position_rows =
        model.positions == Positions::Learned ? model.max_positions : 0;
    const bool own_lm_head = model.architecture == Architecture::Decoder && !model.tied_embeddings;

    ParameterCount count;
    count.linear = model.layers * layer_weights(shape) + poolers * shape.hidden * shape.hidden;
    count.lm_head = own_lm_head ? model.vocab * shape.hidden : 0;
    count.embedding = (model.vocab + position_rows + model.token_types) * shape.hidden;
    count.norms = count_norms(model);
    if (model.biases) {
        count.biases = model.layers * layer_biases(shape) + poolers * shape.hidden;
    }
    return count;
}

}  // namespace lpusim
