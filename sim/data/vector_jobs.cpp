#include "sim/data/vector_jobs.h"

#include <cmath>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "hw_models/numerics/dot_product.h"
#include "hw_models/numerics/vector_math.h"

namespace lpusim {

std::vector<std::uint8_t> half_bytes(const std::vector<float>& numbers) {
    std::vector<std::uint8_t> bytes(2 * numbers.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const std::uint16_t half = to_fp16(numbers[i]);
        std::memcpy(bytes.data() + 2 * i, &half, sizeof half);
    }
    return bytes;
}

VectorJobs::Run VectorJobs::run(std::uint16_t op, const OperatorVisit& visit,
                                std::vector<std::uint64_t> tokens) const {
    const PlannedOperator& planned = *table_.row(op).planned;
    const VectorWork& work = *planned.op.vector();
    if (work.touches == Touches::EmbeddingTable) {
        return [this, tokens = std::move(tokens)](const SramImage& sram) {
            return embed(sram, tokens);
        };
    }
    if (work.touches == Touches::KvCache) {
        return
            [this, &planned, visit](const SramImage& sram) { return append(sram, planned, visit); };
    }
    switch (work.kind) {
        case VectorKind::Norm:
            return [this, &planned, visit](const SramImage& sram) {
                return norm(sram, planned, visit);
            };
        case VectorKind::Rope:
            return [this, &planned](const SramImage& sram) { return rope(sram, planned); };
        case VectorKind::Softmax:
            return [this, &planned, visit](const SramImage& sram) {
                return softmax(sram, planned, visit);
            };
        case VectorKind::Activation:
            return [this, &planned](const SramImage& sram) { return activation(sram, planned); };
        case VectorKind::Residual:
            return [this, &planned](const SramImage& sram) { return residual(sram, planned); };
        case VectorKind::Quantize:
            return [this, &planned](const SramImage& sram) { return quantize(sram, planned); };
        case VectorKind::Copy:
            break;
    }
    throw std::logic_error(planned.op.name + ": a copy of what?");
}

std::uint16_t VectorJobs::input(const PlannedOperator& planned, std::size_t index) const {
    return table_.named(planned.op.inputs[index]).id;
}

std::vector<float> VectorJobs::halves(const SramImage& sram, Place place,
                                      std::uint64_t count) const {
    std::vector<float> numbers(count);
    widen_fp16(sram.at(place), static_cast<std::uint32_t>(count), numbers.data());
    return numbers;
}

std::vector<float> VectorJobs::input_row(const SramImage& sram, const PlannedOperator& planned,
                                         std::size_t index) const {
    const std::uint16_t op = input(planned, index);
    return halves(sram, layout_.result(op), layout_.result_bytes(op) / 2);
}

VectorJobs::Results VectorJobs::embed(const SramImage& sram,
                                      const std::vector<std::uint64_t>& tokens) const {
    const std::uint64_t count = std::uint64_t{plan_.sequences} * data_.model().hidden;
    std::vector<float> rows;
    std::vector<float> positions;
    const bool learned = data_.model().positions == Positions::Learned;
    if (!layout_.weights_resident()) {
        rows = halves(sram, layout_.embedding(), count);
        Place behind = layout_.embedding();
        behind.offset += 2 * count;
        if (learned) positions = halves(sram, behind, count);
    } else {
        const auto append = [this](const std::vector<std::uint8_t>& bytes, std::vector<float>& to) {
            to.resize(to.size() + data_.model().hidden);
            widen_fp16(bytes.data(), data_.model().hidden,
                       to.data() + to.size() - data_.model().hidden);
        };
        for (const std::uint64_t token : tokens) {
            append(data_.token_row(token), rows);
            if (learned) append(data_.position_row(), positions);
        }
    }
    for (std::size_t i = 0; i < positions.size(); ++i) rows[i] += positions[i];
    return {{layout_.hidden(), half_bytes(rows)}};
}

VectorJobs::Results VectorJobs::norm(const SramImage& sram, const PlannedOperator& planned,
                                     const OperatorVisit& visit) const {
    const std::uint64_t width = data_.model().hidden;
    const std::vector<float> x = halves(sram, layout_.hidden(), plan_.sequences * width);
    const bool layer_norm_kind = data_.model().norm == NormKind::LayerNorm;
    const std::vector<float> parameters =
        halves(sram, layout_.parameters(planned.id, visit), width * (layer_norm_kind ? 2 : 1));
    std::vector<float> out(x.size());
    for (std::uint64_t row = 0; row < plan_.sequences; ++row) {
        const float* from = x.data() + row * width;
        if (layer_norm_kind) {
            layer_norm(from, width, parameters.data(), parameters.data() + width,
                       out.data() + row * width);
        } else {
            rms_norm(from, width, parameters.data(), out.data() + row * width);
        }
    }
    // The embedding's norm is the only one whose result is the residual stream.
    const bool in_prologue = planned.id < plan_.prologue.size();
    return {{in_prologue ? layout_.hidden() : layout_.result(planned.id), half_bytes(out)}};
}

VectorJobs::Results VectorJobs::rope(const SramImage& sram, const PlannedOperator& planned) const {
    const std::vector<float> x = input_row(sram, planned, 0);
    const std::uint64_t dim = data_.model().head_dim;
    std::vector<float> out(x.size());
    for (std::uint64_t i = 0; i < x.size(); i += dim) {
        rotate(x.data() + i, dim, data_.scenario().context - 1, out.data() + i);
    }
    return {{layout_.result(planned.id), half_bytes(out)}};
}

VectorJobs::Results VectorJobs::quantize(const SramImage& sram,
                                         const PlannedOperator& planned) const {
    const std::vector<float> x = input_row(sram, planned, 0);
    const std::uint64_t width = x.size() / plan_.sequences;
    VectorJob::Result result{layout_.result(planned.id), {}};
    result.bytes.resize(x.size() + sizeof(float) * plan_.sequences);
    for (std::uint64_t row = 0; row < plan_.sequences; ++row) {
        auto* codes = reinterpret_cast<std::int8_t*>(result.bytes.data()) + row * width;
        const float scale = quantize_row(x.data() + row * width, width, codes);
        std::memcpy(result.bytes.data() + x.size() + sizeof(float) * row, &scale, sizeof scale);
    }
    return {std::move(result)};
}

VectorJobs::Results VectorJobs::append(const SramImage& sram, const PlannedOperator& planned,
                                       const OperatorVisit& visit) const {
    Results results;
    const std::uint64_t dim = data_.model().head_dim;
    const std::uint64_t context = data_.scenario().context;
    const std::uint32_t bits = data_.scenario().kv_bits;
    const std::uint64_t element = bits / 8;
    for (const bool value : {false, true}) {
        const std::vector<std::uint8_t> codes =
            cache_elements(input_row(sram, planned, value ? 1 : 0), bits);
        if (!layout_.cache_resident()) {
            Place place = layout_.append_buffer(visit);
            if (value) place.offset += codes.size();
            results.push_back({place, codes});
            continue;
        }
        for (std::uint64_t i = 0; i < codes.size() / element; ++i) {
            OperatorVisit of_head = visit;
            of_head.sequence = i / dim / plan_.kv_heads;
            of_head.head = i / dim % plan_.kv_heads;
            Place place = layout_.cache(value, of_head);
            const std::uint64_t d = i % dim;
            place.offset += (value ? d * context + context - 1 : (context - 1) * dim + d) * element;
            const std::uint8_t* code = codes.data() + i * element;
            results.push_back({place, {code, code + element}});
        }
    }
    return results;
}

VectorJobs::Results VectorJobs::softmax(const SramImage& sram, const PlannedOperator& planned,
                                        const OperatorVisit& visit) const {
    const std::uint64_t context = data_.scenario().context;
    const std::uint64_t queries = data_.model().heads / data_.model().kv_heads;
    Place from = layout_.result(input(planned, 0));
    from.offset += visit.head * queries * context * 2;
    const std::vector<float> x = halves(sram, from, queries * context);
    std::vector<float> out(x.size());
    const float scale = 1 / std::sqrt(static_cast<float>(data_.model().head_dim));
    for (std::uint64_t i = 0; i < queries; ++i) {
        lpusim::softmax(x.data() + i * context, context, scale, out.data() + i * context);
    }
    VectorJob::Result result{layout_.result(planned.id), {}};
    if (data_.scenario().kv_bits == 8) {
        result.bytes.resize(out.size());
        quantize_with(kProbabilityScale, out.data(), out.size(),
                      reinterpret_cast<std::int8_t*>(result.bytes.data()));
    } else {
        result.bytes = half_bytes(out);
    }
    result.place.offset += visit.head * result.bytes.size();
    return {std::move(result)};
}

VectorJobs::Results VectorJobs::activation(const SramImage& sram,
                                           const PlannedOperator& planned) const {
    std::vector<float> out = input_row(sram, planned, 0);
    if (data_.model().mlp == MlpKind::Gated) {
        const std::vector<float> up = input_row(sram, planned, 1);
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = silu(out[i]) * up[i];
    } else {
        for (float& x : out) x = gelu(x);
    }
    return {{layout_.result(planned.id), half_bytes(out)}};
}

VectorJobs::Results VectorJobs::residual(const SramImage& sram,
                                         const PlannedOperator& planned) const {
    std::vector<float> out = input_row(sram, planned, 0);
    const std::vector<float> hidden = halves(sram, layout_.hidden(), out.size());
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += hidden[i];
    return {{layout_.hidden(), half_bytes(out)}};
}

}  // namespace lpusim
