#include "sim/data/machine_layout.h"

#include <algorithm>
#include <cstring>

#include "hw_models/numerics/dot_product.h"
#include "hw_models/numerics/vector_math.h"
#include "sim/compiler/demand.h"

namespace lpusim {

namespace {

constexpr std::uint64_t kHalfBytes = 2;

std::vector<std::uint32_t> add_ring(SramImage& image, std::uint64_t count, std::uint64_t bytes) {
    std::vector<std::uint32_t> ring;
    for (std::uint64_t i = 0; i < count; ++i) ring.push_back(image.add_buffer(bytes));
    return ring;
}

}  // namespace

std::vector<std::uint8_t> cache_elements(const std::vector<float>& numbers, std::uint32_t kv_bits) {
    if (kv_bits == 8) {
        std::vector<std::uint8_t> codes(numbers.size());
        quantize_with(kCacheScale, numbers.data(), numbers.size(),
                      reinterpret_cast<std::int8_t*>(codes.data()));
        return codes;
    }
    std::vector<std::uint8_t> halves(kHalfBytes * numbers.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const std::uint16_t half = to_fp16(numbers[i]);
        std::memcpy(halves.data() + kHalfBytes * i, &half, sizeof half);
    }
    return halves;
}

MachineLayout::MachineLayout(const StepPlan& plan, const SramPlan& sram, const OperatorTable& table,
                             const ModelData& data, SramImage& image)
    : plan_(plan), sram_(sram) {
    if (sram.weights_resident) {
        resident_weights_.resize(table.size());
        for (std::uint16_t op = 0; op < table.operators(); ++op) {
            if (!table.row(op).planned->uses_weights()) continue;
            for (const LinearWeights::Layer& layer : data.linear(op).layers) {
                resident_weights_[op].push_back(
                    image.add_constant({layer.packed.data(), layer.packed.size()}));
            }
        }
    } else {
        weight_slots_ =
            add_ring(image, sram.weight_slots, sram.weights.count() / sram.weight_slots);
    }
    add_parameters(table, data, image);
    add_cache(data, image);
    embedding_ = image.add_buffer(plan.embedding_rows.count());
    hidden_ = image.add_buffer(kHalfBytes * plan.sequences * data.model().hidden);
    add_results(table, image);
}

void MachineLayout::add_parameters(const OperatorTable& table, const ModelData& data,
                                   SramImage& image) {
    parameter_ordinal_.resize(table.size());
    std::uint64_t largest = 0;
    const auto count = [&](const Section& section) {
        std::uint64_t ordinal = 0;
        for (const PlannedOperator& planned : section) {
            const VectorWork* work = planned.op.vector();
            if (work == nullptr || work->parameters == Bytes(0)) continue;
            parameter_ordinal_[planned.id] = ordinal++;
            largest = std::max(largest, work->parameters.count());
        }
        return ordinal;
    };
    prologue_parameters_ = count(plan_.prologue);
    layer_parameters_ = count(plan_.layer);
    step_parameters_ =
        prologue_parameters_ + plan_.layers * layer_parameters_ + count(plan_.epilogue);
    if (!sram_.weights_resident) {
        parameter_slots_ = add_ring(image, kParameterSlots, largest);
        return;
    }
    resident_parameters_.resize(table.size());
    for (std::uint16_t op = 0; op < table.operators(); ++op) {
        const VectorWork* work = table.row(op).planned->op.vector();
        if (work == nullptr || work->parameters == Bytes(0)) continue;
        for (std::uint64_t layer = 0; layer < table.row(op).layers; ++layer) {
            const std::vector<std::uint8_t>& bytes = data.parameters(op, layer);
            resident_parameters_[op].push_back(image.add_constant({bytes.data(), bytes.size()}));
        }
    }
}

void MachineLayout::add_cache(const ModelData& data, SramImage& image) {
    const Scenario& scenario = data.scenario();
    if (!sram_.kv_resident) {
        cache_slots_ = add_ring(image, sram_.kv_slots, sram_.kv.count() / sram_.kv_slots);
        append_buffers_ = add_ring(image, kAppendBuffers, plan_.appended_kv.count());
        return;
    }
    const std::uint64_t dim = data.model().head_dim;
    const std::uint64_t context = scenario.context;
    const std::uint64_t element = scenario.kv_bits / 8;
    for (std::uint64_t layer = 0; layer < plan_.layers; ++layer) {
        for (std::uint64_t i = 0; i < std::uint64_t{plan_.sequences} * plan_.kv_heads; ++i) {
            const std::uint64_t sequence = i / plan_.kv_heads;
            const std::uint64_t head = i % plan_.kv_heads;
            for (const bool value : {false, true}) {
                const std::uint32_t buffer = image.add_buffer(context * dim * element);
                cache_.push_back(buffer);
                for (std::uint64_t p = 0; p + 1 < context; ++p) {
                    const std::vector<std::uint8_t> row = cache_elements(
                        data.history(value, layer, sequence, head, p), scenario.kv_bits);
                    for (std::uint64_t d = 0; d < dim; ++d) {
                        const std::uint64_t at = value ? d * context + p : p * dim + d;
                        std::memcpy(image.writable({buffer, at * element}),
                                    row.data() + d * element, element);
                    }
                }
            }
        }
    }
}

void MachineLayout::add_results(const OperatorTable& table, SramImage& image) {
    results_.resize(table.size());
    result_bytes_.resize(table.size());
    for (std::uint16_t op = 0; op < table.operators(); ++op) {
        const Operator& it = table.row(op).planned->op;
        // One sequence's heads at a time.
        const std::uint64_t heads = it.per_head ? plan_.kv_heads : 1;
        std::uint64_t bytes = 0;
        if (const MatMul* matmul = it.matmul()) {
            bytes = kHalfBytes * matmul->m * matmul->n * heads;
            if (matmul->stationary == Stationary::Value) bytes *= plan_.sequences;
        } else {
            bytes = it.vector()->written.count() * heads;
        }
        result_bytes_[op] = bytes;
        results_[op] = image.add_buffer(bytes + sizeof(float) * plan_.sequences);
    }
}

Place MachineLayout::cache(bool value, const OperatorVisit& visit) const {
    const std::uint64_t head =
        (visit.layer * plan_.sequences + visit.sequence) * plan_.kv_heads + visit.head;
    return {cache_[2 * head + (value ? 1 : 0)]};
}

Place MachineLayout::parameters(std::uint16_t norm, const OperatorVisit& visit) const {
    if (sram_.weights_resident) return {resident_parameters_[norm][visit.layer]};
    std::uint64_t before = visit.token * step_parameters_ + parameter_ordinal_[norm];
    if (norm >= plan_.prologue.size()) before += prologue_parameters_;
    const bool in_layer =
        norm >= plan_.prologue.size() && norm < plan_.prologue.size() + plan_.layer.size();
    if (in_layer) {
        before += visit.layer * layer_parameters_;
    } else if (norm >= plan_.prologue.size()) {
        before += plan_.layers * layer_parameters_;
    }
    return {parameter_slots_[before % parameter_slots_.size()]};
}

Place MachineLayout::append_buffer(const OperatorVisit& visit) const {
    const std::uint64_t step = visit.token * plan_.layers + visit.layer;
    return {append_buffers_[step % append_buffers_.size()]};
}

}  // namespace lpusim
