#include "sim/data/model_data.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "hw_models/numerics/dot_product.h"
#include "sim/quantize/counter_random.h"
#include "sim/quantize/parallel.h"
#include "sim/quantize/synthetic_weights.h"
#include "sim/quantize/tensor_quantizer.h"

namespace lpusim {

namespace {

// What a seed is for.
constexpr std::uint64_t kWeightSeed = 0;
constexpr std::uint64_t kParameterSeed = 1;
constexpr std::uint64_t kTokenSeed = 2;
constexpr std::uint64_t kPositionSeed = 3;
constexpr std::uint64_t kFirstToken = 4;
constexpr std::uint64_t kHistorySeed = 5;

constexpr float kSpread = 0.1F;
constexpr std::uint64_t kColumnsPerBlock = 16;

MatrixTiling tiling_of(const Tiling& tiling) {
    MatrixTiling result{tiling.matmul.k, tiling.matmul.n, {}, tiling.strip_columns};
    for (const KTile& tile : tiling.k_tiles) result.k_tiles.push_back(tile.rows);
    return result;
}

/// All columns in memory, times 1 / sqrt(K).
WeightMatrix gaussian_matrix(const std::string& name, std::uint64_t k, std::uint64_t n,
                             std::uint64_t seed) {
    const SyntheticWeights source(Distribution::Gaussian, k, n, seed);
    const float factor = 1 / std::sqrt(static_cast<float>(k));
    std::vector<float> weights(k * n);
    parallel_blocks(n, kColumnsPerBlock, 0, [&](std::uint64_t begin, std::uint64_t end) {
        std::vector<float> scratch;
        for (std::uint64_t column = begin; column < end; ++column) {
            const float* from = source.column(column, scratch);
            std::transform(from, from + k, weights.data() + column * k,
                           [factor](float x) { return x * factor; });
        }
    });
    return {name, k, n, std::move(weights)};
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
                     const OnMatrix& on_matrix)
    : model_(model),
      scenario_(scenario),
      table_(table),
      seed_(seed),
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

std::uint64_t ModelData::seed_of(std::uint64_t kind, std::uint64_t a, std::uint64_t b) const {
    return random_pair(seed_, kind + (a << 8U), b)[0];
}

void ModelData::make_linear(const PlannedOperator& planned, std::uint64_t layer,
                            const NumberFormat& format, const OnMatrix& on_matrix) {
    std::unique_ptr<LinearWeights>& linear = linear_[planned.id];
    if (linear == nullptr) {
        linear = std::make_unique<LinearWeights>(format, tiling_of(planned.tiling));
    }
    const MatMul& matmul = planned.tiling.matmul;
    const WeightMatrix matrix = gaussian_matrix(planned.op.name, matmul.k, matmul.n,
                                                seed_of(kWeightSeed, planned.id, layer));
    on_matrix(*this, planned, layer, matrix);

    LinearWeights::Layer packed;
    packed.packed.reserve(linear->packer.bytes());
    QuantizeOptions options;
    options.measure = false;
    options.sink = [&packed](ByteView bytes) {
        packed.packed.insert(packed.packed.end(), bytes.data, bytes.data + bytes.size);
    };
    packed.tensor_scale =
        quantize_tensor(matrix, format, linear->packer.tiling(), options).tensor_scale;
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
            for (std::uint64_t layer = 0; layer < layers; ++layer) {
                const std::uint64_t norm_numbers = work->read_once.count() / 2;
                const bool has_bias = norm_numbers > model_.hidden;
                std::vector<std::uint8_t> all = fp16_row(
                    seed_of(kParameterSeed, planned.id, 3 * layer), model_.hidden, 1, kSpread);
                const auto append = [&](std::uint64_t seed, std::uint64_t count) {
                    const std::vector<std::uint8_t> more = fp16_row(seed, count, 0, kSpread);
                    all.insert(all.end(), more.begin(), more.end());
                };
                if (has_bias) {
                    append(seed_of(kParameterSeed, planned.id, 3 * layer + 1), model_.hidden);
                }
                append(seed_of(kParameterSeed, planned.id, 3 * layer + 2),
                       (work->parameters - work->read_once).count() / 2);
                parameters_[planned.id].push_back(std::move(all));
            }
        }
        const bool biased = model_.biases && planned.uses_weights() && norm != nullptr &&
                            offset < norm->op.vector()->parameters.count();
        if (!biased) continue;
        biases_[planned.id] = std::make_unique<Bias>(Bias{norm->id, offset});
        offset += 2 * planned.op.matmul()->n;
    }
}

std::vector<std::uint8_t> ModelData::fp16_row(std::uint64_t seed, std::uint64_t count, float mean,
                                              float deviation) const {
    std::vector<std::uint8_t> bytes(2 * count);
    if (count == 0) return bytes;
    std::vector<float> scratch;
    const float* numbers =
        SyntheticWeights(Distribution::Gaussian, count, 1, seed).column(0, scratch);
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint16_t half = to_fp16(mean + deviation * numbers[i]);
        std::memcpy(bytes.data() + 2 * i, &half, sizeof half);
    }
    return bytes;
}

std::vector<std::uint8_t> ModelData::token_row(std::uint64_t token) const {
    return fp16_row(seed_of(kTokenSeed, token), model_.hidden, 0, 1);
}

std::vector<std::uint8_t> ModelData::position_row() const {
    return fp16_row(seed_of(kPositionSeed, scenario_.context), model_.hidden, 0, kSpread);
}

std::uint64_t ModelData::first_token(std::uint64_t sequence) const {
    return seed_of(kFirstToken, sequence) % model_.vocab;
}

std::vector<float> ModelData::history(bool value, std::uint64_t layer, std::uint64_t sequence,
                                      std::uint64_t head, std::uint64_t position) const {
    const std::uint64_t of_head = (sequence * model_.kv_heads + head) * 2 + (value ? 1 : 0);
    const SyntheticWeights source(Distribution::Gaussian, model_.head_dim, scenario_.context,
                                  seed_of(kHistorySeed, layer, of_head));
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
