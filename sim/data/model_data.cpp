#include "sim/data/model_data.h"

#include <algorithm>
#include <utility>

#include "hw_models/numerics/dot_product.h"
#include "sim/data/random_tensors.h"
#include "sim/quantize/synthetic_weights.h"
#include "sim/quantize/tensor_quantizer.h"

namespace lpusim {

namespace {

MatrixTiling tiling_of(const Tiling& tiling) {
    MatrixTiling result{tiling.matmul.k, tiling.matmul.n, {}, tiling.strip_columns};
    for (const KTile& tile : tiling.k_tiles) result.k_tiles.push_back(tile.rows);
    return result;
}

void append_fp16(const std::vector<float>& numbers, std::vector<std::uint8_t>& bytes) {
    for (const float x : numbers) {
        const std::uint16_t half = to_fp16(x);
        bytes.push_back(static_cast<std::uint8_t>(half));
        bytes.push_back(static_cast<std::uint8_t>(half >> 8U));
    }
}

std::vector<std::uint8_t> fp16_row(const std::vector<float>& numbers) {
    std::vector<std::uint8_t> bytes;
    append_fp16(numbers, bytes);
    return bytes;
}

}  // namespace

const std::uint8_t* LinearWeights::tile(std::uint64_t layer, std::uint64_t strip,
                                        std::size_t k_tile) const {
    const Strip place = packer.strip(strip);
    std::uint64_t offset = place.offset;
    for (std::size_t i = 0; i < k_tile; ++i) offset += packer.tiles()[i].tile_bytes(place.columns);
    return layers[layer].packed.data() + offset;
}

ModelData::ModelData(const Model& model, const Scenario& scenario, const NumberFormat& format,
                     const StepPlan& plan, const OperatorTable& table, std::uint64_t seed,
                     const OnMatrix& on_matrix, const DataWeights& weights)
    : model_(model),
      scenario_(scenario),
      table_(table),
      seed_(seed),
      tensors_(open_tensors(weights, model, plan, seed)),
      linear_(table.size()),
      parameters_(table.size()),
      biases_(table.size()) {
    make_parameters(plan.prologue, 1);
    make_parameters(plan.layer, plan.layers);
    make_parameters(plan.epilogue, 1);
    for (std::uint64_t layer = 0; layer < plan.layers; ++layer) {
        for (const PlannedOperator& planned : plan.layer) {
            if (planned.uses_weights()) make_linear(planned, layer, format, on_matrix);
        }
    }
    for (const PlannedOperator& planned : plan.epilogue) {
        if (planned.uses_weights()) make_linear(planned, 0, format, on_matrix);
    }
}

void ModelData::make_linear(const PlannedOperator& planned, std::uint64_t layer,
                            const NumberFormat& format, const OnMatrix& on_matrix) {
    std::unique_ptr<LinearWeights>& linear = linear_[planned.id];
    if (linear == nullptr) {
        linear = std::make_unique<LinearWeights>(format, tiling_of(planned.tiling));
    }
    const MatMul& matmul = planned.tiling.matmul;
    const std::unique_ptr<WeightSource> matrix = tensors_->linear(planned, layer);
    on_matrix(*this, planned, layer, *matrix);

    LinearWeights::Layer packed;
    packed.packed.reserve(linear->packer.bytes());
    QuantizeOptions options;
    options.measure = false;
    options.sink = [&packed](ByteView bytes) {
        packed.packed.insert(packed.packed.end(), bytes.data, bytes.data + bytes.size);
    };
    packed.tensor_scale =
        quantize_tensor(*matrix, format, linear->packer.tiling(), options).tensor_scale;
    linear->layers.push_back(std::move(packed));
    weights_ += matmul.k * matmul.n;
}

/// A norm brings the biases of the linear layers up to the next norm.
void ModelData::make_parameters(const Section& section, std::uint64_t layers) {
    const PlannedOperator* norm = nullptr;
    std::uint64_t offset = 0;
    for (const PlannedOperator& planned : section) {
        const VectorWork* work = planned.op.vector();
        if (work != nullptr && work->parameters > Bytes(0)) {
            norm = &planned;
            offset = work->read_once.count();
            for (std::uint64_t layer = 0; layer < layers; ++layer) make_norm(planned, layer);
        }
        const bool biased = model_.biases && planned.uses_weights() && norm != nullptr &&
                            offset < norm->op.vector()->parameters.count();
        if (!biased) continue;
        biases_[planned.id] = std::make_unique<Bias>(Bias{norm->id, offset});
        offset += 2 * planned.op.matmul()->n;
        for (std::uint64_t layer = 0; layer < layers; ++layer) {
            append_fp16(tensors_->bias(planned, layer), parameters_[norm->id][layer]);
        }
    }
}

void ModelData::make_norm(const PlannedOperator& planned, std::uint64_t layer) {
    std::vector<std::uint8_t> numbers = fp16_row(tensors_->norm_weight(planned, layer));
    if (model_.norm == NormKind::LayerNorm) {
        append_fp16(tensors_->norm_bias(planned, layer), numbers);
    }
    parameters_[planned.id].push_back(std::move(numbers));
}

std::vector<std::uint8_t> ModelData::token_row(std::uint64_t token) const {
    return fp16_row(tensors_->token_row(token));
}

std::vector<std::uint8_t> ModelData::position_row() const {
    if (model_.positions != Positions::Learned) return fp16_row(std::vector<float>(model_.hidden));
    return fp16_row(tensors_->position_row(scenario_.context - 1));
}

std::uint64_t ModelData::first_token(std::uint64_t sequence) const {
    return seed_of(seed_, SeedUse::FirstToken, sequence) % model_.vocab;
}

std::vector<float> ModelData::history(bool value, std::uint64_t layer, std::uint64_t sequence,
                                      std::uint64_t head, std::uint64_t position) const {
    const std::uint64_t of_head = (sequence * model_.kv_heads + head) * 2 + (value ? 1 : 0);
    const SyntheticWeights source(Distribution::Gaussian, model_.head_dim, scenario_.context,
                                  seed_of(seed_, SeedUse::History, layer, of_head));
    std::vector<float> numbers;
    source.column(position, numbers);
    return numbers;
}

std::uint64_t data_bytes(const StepPlan& plan, const NumberFormat& format) {
    std::uint64_t packed = 0;
    std::uint64_t largest = 0;
    for_each_operator(plan, plan.layers, [&](const PlannedOperator& planned, std::uint64_t times) {
        if (!planned.uses_weights()) return;
        const MatMul& matmul = planned.tiling.matmul;
        const std::uint32_t rows = planned.tiling.k_tiles.front().rows;
        packed += times * footprint(format, matmul.k, matmul.n, rows).total.count();
        largest = std::max(largest, matmul.k * matmul.n * sizeof(float));
    });
    return packed + largest;
}

}  // namespace lpusim
