#include "sim/compiler/demand.h"

#include <algorithm>

#include "sim/compiler/payloads.h"

namespace lpusim {

namespace {

constexpr std::uint64_t kFp16Bytes = 2;

Bytes larger(Bytes a, Bytes b) { return a > b ? a : b; }

/// Buffers of attention, MLP and head follow each other in time, so they share one place.
std::uint64_t shared_buffers(const Model& model, const Scenario& scenario) {
    const std::uint64_t batch = scenario.batch;
    const std::uint64_t query = std::uint64_t{model.heads} * model.head_dim;
    const std::uint64_t key_value = std::uint64_t{model.kv_heads} * model.head_dim;
    const std::uint64_t intermediate = model.intermediate;
    // Once in FP16 as computed, and once (at most FP16) as it enters the array.
    const std::uint64_t twice = 2 * kFp16Bytes;

    const std::uint64_t projected = batch * (query + 2 * key_value) * twice;
    // Attention takes one sequence after the other.
    const std::uint64_t scores = std::uint64_t{model.heads} * scenario.context * twice;
    const std::uint64_t attended = batch * query * twice;
    const std::uint64_t products = model.mlp == MlpKind::Gated ? 2 : 1;
    const std::uint64_t mlp = batch * intermediate * (products * kFp16Bytes + twice);
    const std::uint64_t logits = std::uint64_t{model.vocab} * batch * kFp16Bytes;
    return std::max({projected + scores + attended, mlp, logits});
}

Bytes activation_bytes(const StepPlan& plan, const Model& model, const Scenario& scenario) {
    // The residual stream, what a norm makes of it (FP16 and operand), and a product on its way
    // into it.
    const std::uint64_t hidden = std::uint64_t{scenario.batch} * model.hidden * 4 * kFp16Bytes;
    Bytes parameters;
    for_each_operator(plan, plan.layers, [&](const PlannedOperator& planned, std::uint64_t) {
        if (const VectorWork* work = planned.op.vector()) {
            parameters = larger(parameters, work->parameters);
        }
    });
    return Bytes(hidden + shared_buffers(model, scenario)) + plan.embedding_rows +
           parameters * kParameterSlots + plan.appended_kv * kAppendBuffers;
}

std::uint64_t tiles_per_layer(const StepPlan& plan, bool (PlannedOperator::*uses)() const) {
    const std::uint64_t heads = std::uint64_t{plan.sequences} * plan.kv_heads;
    std::uint64_t tiles = 0;
    for (const PlannedOperator& planned : plan.layer) {
        if (!(planned.*uses)()) continue;
        tiles += planned.tiling.tiles() * (planned.op.per_head ? heads : 1);
    }
    return tiles;
}

/// Largest tiles of either kind, as they come over the stream.
void find_largest_tiles(SramDemand& demand, const ChipParams& chip, const StepPlan& plan) {
    for_each_operator(plan, plan.layers, [&](const PlannedOperator& planned, std::uint64_t) {
        const bool weights = planned.uses_weights();
        Bytes& largest = weights ? demand.weight_tile : demand.kv_tile;
        for_each_tile_shape(planned.tiling, [&](const TileSite& site, std::uint64_t) {
            const Bytes payload = weights ? packed_bytes(site, plan) : site.operand_bytes();
            const auto moved = transfer(isa::Traffic::Weights, payload, chip.weight_stream);
            largest = larger(largest, moved.total());
        });
    });
}

}  // namespace

StoredWeights stored_weights(const StepPlan& plan, std::uint32_t layers, Bytes round) {
    StoredWeights stored;
    for_each_operator(plan, layers, [&](const PlannedOperator& planned, std::uint64_t times) {
        if (!planned.uses_weights()) return;
        const MatMul& matmul = planned.tiling.matmul;
        stored.weights += Weights(matmul.k * matmul.n * times);
        for_each_tile_shape(planned.tiling, [&](const TileSite& site, std::uint64_t count) {
            const Bytes packed = packed_bytes(site, plan);
            const Bytes rounded(round_up(packed.count(), round.count()));
            stored.bytes += packed * (count * times);
            stored.rounding += (rounded - packed) * (count * times);
        });
    });
    return stored;
}

Bytes fp16_parameter_bytes(const Model& model) {
    const ParameterCount count = count_parameters(model);
    return Bytes((count.embedding + count.norms + count.biases) * kFp16Bytes);
}

SramDemand sram_demand(const ChipParams& chip, const StepPlan& plan, const Model& model,
                       const Scenario& scenario) {
    const StoredWeights stored = stored_weights(plan, model.layers, chip.sram_banks.round());

    SramDemand demand;
    demand.activations = activation_bytes(plan, model, scenario);
    demand.model_padding = stored.rounding;
    demand.model = stored.bytes + stored.rounding + fp16_parameter_bytes(model);
    demand.kv_cache = plan.kv_cache_per_layer * model.layers;
    demand.weight_tiles = tiles_per_layer(plan, &PlannedOperator::uses_weights);
    demand.kv_tiles = tiles_per_layer(plan, &PlannedOperator::uses_cache);
    find_largest_tiles(demand, chip, plan);
    return demand;
}

}  // namespace lpusim
