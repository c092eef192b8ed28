#include "sim/data/machine_data.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "hw_models/numerics/dot_product.h"

namespace lpusim {

namespace {

const MatMul& product_of(const PlannedOperator& planned) { return *planned.op.matmul(); }

}  // namespace

MachineData::MachineData(const StepPlan& plan, const SramPlan& sram, const OperatorTable& table,
                         const ModelData& data, StepObserver& observer)
    : plan_(plan),
      table_(table),
      data_(data),
      observer_(observer),
      layout_(plan, sram, table, data, image_),
      vectors_(plan, table, data, layout_) {
    for (auto& counts : counts_) counts.resize(table.size());
    appended_.assign(plan.layers, std::vector<std::uint8_t>(plan.appended_kv.count()));
}

/// The largest logit, of equal ones the first.
std::vector<std::uint64_t> MachineData::choose_tokens(std::uint64_t token) {
    std::vector<std::uint64_t> ids;
    const std::uint32_t vocab = data_.model().vocab;
    std::vector<float> logits(vocab);
    for (std::uint64_t sequence = 0; sequence < plan_.sequences; ++sequence) {
        if (token == 0) {
            ids.push_back(data_.first_token(sequence));
            continue;
        }
        Place row = layout_.result(table_.named("lm_head").id);
        row.offset += 2 * sequence * vocab;
        widen_fp16(image_.at(row), vocab, logits.data());
        ids.push_back(static_cast<std::uint64_t>(std::max_element(logits.begin(), logits.end()) -
                                                 logits.begin()));
    }
    observer_.tokens_chosen(token, ids);
    return ids;
}

TransferJob MachineData::embedding_transfer(std::uint64_t token) {
    auto bytes = std::make_shared<std::vector<std::uint8_t>>();
    const auto append = [&bytes](const std::vector<std::uint8_t>& row) {
        bytes->insert(bytes->end(), row.begin(), row.end());
    };
    for (const std::uint64_t id : choose_tokens(token)) append(data_.token_row(id));
    if (data_.model().positions == Positions::Learned) {
        for (std::uint32_t i = 0; i < plan_.sequences; ++i) append(data_.position_row());
    }
    TransferJob job;
    job.sram = layout_.embedding();
    job.owned = bytes;
    return job;
}

/// A tile's elements in memory, column after column: all but those of the new token.
std::vector<std::uint8_t> MachineData::cached_tile(std::uint16_t op,
                                                   const OperatorVisit& visit) const {
    const TilePlace tile = table_.place(op, visit);
    const std::uint32_t bits = data_.scenario().kv_bits;
    const std::uint64_t element = bits / 8;
    const std::uint64_t newest = data_.scenario().context - 1;
    const bool value = product_of(*table_.row(op).planned).stationary == Stationary::Value;
    const std::uint64_t first = value ? tile.k_begin : tile.first_column;
    const std::uint64_t last = std::min(newest, first + (value ? tile.rows : tile.columns));
    const std::uint64_t first_dim = value ? tile.first_column : tile.k_begin;
    const std::uint64_t dims = value ? tile.columns : tile.rows;
    std::vector<std::uint8_t> bytes((last - first) * dims * element);
    for (std::uint64_t p = first; p < last; ++p) {
        const std::vector<std::uint8_t> row =
            cache_elements(data_.history(value, visit.layer, visit.sequence, visit.head, p), bits);
        for (std::uint64_t d = 0; d < dims; ++d) {
            const std::uint64_t at =
                value ? d * (last - first) + (p - first) : (p - first) * dims + d;
            std::copy_n(row.begin() + static_cast<std::ptrdiff_t>((first_dim + d) * element),
                        element, bytes.begin() + static_cast<std::ptrdiff_t>(at * element));
        }
    }
    return bytes;
}

TransferJob MachineData::transfer(const isa::Instruction& instruction) {
    const auto& payload = std::get<isa::StreamTransfer>(instruction.payload);
    const std::uint16_t op = instruction.op;
    const std::uint64_t n = next(Use::Transfer, op);
    TransferJob job;
    switch (payload.traffic) {
        case isa::Traffic::Weights: {
            const OperatorVisit visit = table_.visit(op, n);
            job.source = data_.linear(op).tile(visit.layer, visit.strip, visit.k_tile);
            job.sram = layout_.weight_slot(weight_tiles_streamed_++);
            break;
        }
        case isa::Traffic::KvRead:
            job.owned = std::make_shared<const std::vector<std::uint8_t>>(
                cached_tile(op, table_.streamed_visit(op, n)));
            job.sram = layout_.cache_slot(cache_tiles_streamed_++);
            break;
        case isa::Traffic::KvWrite: {
            const OperatorVisit visit = table_.visit(op, n);
            job.target = appended_[visit.layer].data();
            job.sram = layout_.append_buffer(visit);
            write_backs_[job.target] = visit;
            break;
        }
        case isa::Traffic::Embedding:
            job = embedding_transfer(n);
            break;
        case isa::Traffic::Norms: {
            const OperatorVisit visit = table_.visit(op, n);
            job.source = data_.parameters(op, visit.layer).data();
            job.sram = layout_.parameters(op, visit);
            break;
        }
    }
    if (job.owned != nullptr) job.source = job.owned->data();
    job.payload = payload.payload.count();
    return job;
}

ReadJob MachineData::read(const isa::Instruction& instruction) {
    const OperatorVisit visit = table_.visit(instruction.op, next(Use::Read, instruction.op));
    return std::holds_alternative<isa::UnpackTile>(instruction.payload)
               ? read_weights(instruction.op, visit)
               : read_cache(instruction.op, visit);
}

ReadJob MachineData::read_weights(std::uint16_t op, const OperatorVisit& visit) {
    const LinearWeights& linear = data_.linear(op);
    const TilePlace tile = table_.place(op, visit);
    ReadJob::Span span;
    span.bytes = linear.packer.tiles()[visit.k_tile].tile_bytes(tile.columns);
    if (layout_.weights_resident()) {
        const std::uint8_t* begin = linear.layers[visit.layer].packed.data();
        span.place = layout_.resident_weights(op, visit.layer);
        span.place.offset =
            static_cast<std::uint64_t>(linear.tile(visit.layer, visit.strip, visit.k_tile) - begin);
    } else {
        span.place = layout_.weight_slot(weight_tiles_read_++);
    }
    return {{span}};
}

/// Where the elements of a tile's column begin that are not of the new token.
Place MachineData::cached_column(std::uint16_t op, const OperatorVisit& visit,
                                 const TilePlace& tile, std::uint64_t column, Place slot) const {
    const std::uint64_t element = data_.scenario().kv_bits / 8;
    const bool value = product_of(*table_.row(op).planned).stationary == Stationary::Value;
    if (layout_.cache_resident()) {
        const std::uint64_t line = value ? data_.scenario().context : data_.model().head_dim;
        Place place = layout_.cache(value, visit);
        place.offset += ((tile.first_column + column) * line + tile.k_begin) * element;
        return place;
    }
    const bool newest_row = value && tile.last_along_k;
    slot.offset += column * (tile.rows - (newest_row ? 1 : 0)) * element;
    return slot;
}

ReadJob MachineData::read_cache(std::uint16_t op, const OperatorVisit& visit) {
    const TilePlace tile = table_.place(op, visit);
    const std::uint64_t element = data_.scenario().kv_bits / 8;
    const bool value = product_of(*table_.row(op).planned).stationary == Stationary::Value;
    const bool resident = layout_.cache_resident();
    const bool has_newest = value ? tile.last_along_k : tile.last_strip;
    Place slot;
    if (!resident) {
        const bool streamed = (value ? tile.rows : tile.columns) > (has_newest ? 1U : 0U);
        if (streamed) slot = layout_.cache_slot(cache_tiles_read_++);
    }
    const std::uint64_t dim = data_.model().head_dim;
    Place newest = resident ? Place{} : layout_.append_buffer(visit);
    newest.offset += (visit.sequence * plan_.kv_heads + visit.head) * dim * element;
    if (value) newest.offset += plan_.appended_kv.count() / 2;

    ReadJob job;
    for (std::uint64_t column = 0; column < tile.columns; ++column) {
        std::uint64_t cached = tile.rows;
        if (!resident && has_newest) {
            if (value) --cached;
            if (!value && column + 1 == tile.columns) cached = 0;
        }
        if (cached > 0) {
            job.spans.push_back({cached_column(op, visit, tile, column, slot), cached * element});
        }
        if (cached == tile.rows) continue;
        Place place = newest;
        place.offset += (value ? tile.first_column + column : tile.k_begin) * element;
        job.spans.push_back({place, (tile.rows - cached) * element});
    }
    return job;
}

UnpackJob MachineData::unpack(const isa::Instruction& instruction) {
    const std::uint16_t op = instruction.op;
    const OperatorVisit visit = table_.visit(op, next(Use::Unpack, op));
    const LinearWeights& linear = data_.linear(op);
    const TilePlace tile = table_.place(op, visit);
    UnpackJob job;
    job.codec = &linear.packer.tiles()[visit.k_tile];
    job.tables = &linear.packer.tables();
    job.scaling = &linear.scaling;
    job.tensor_scale = linear.layers[visit.layer].tensor_scale;
    job.columns = tile.columns;
    job.first_along_k = tile.first_along_k;
    job.last_along_k = tile.last_along_k;
    return job;
}

ComputeJob MachineData::compute(const isa::Instruction& instruction) {
    const std::uint16_t op = instruction.op;
    const std::uint64_t n = next(Use::Compute, op);
    const OperatorVisit visit = table_.visit(op, n);
    const TilePlace tile = table_.place(op, visit);
    const PlannedOperator& planned = *table_.row(op).planned;
    const MatMul& matmul = product_of(planned);
    ComputeJob job;
    job.tag = tag_of(op, n);
    job.rows = tile.rows;
    job.columns = tile.columns;
    job.vectors = matmul.m;
    job.first_along_k = tile.first_along_k;
    job.last_along_k = tile.last_along_k;
    const bool integers = matmul.operand_bytes == 1;
    job.moving = integers ? OperandKind::Int8 : OperandKind::Fp16;
    job.stationary = job.moving;
    job.results = layout_.result(op);
    job.results.offset = 2 * tile.first_column;
    job.result_stride = 2 * matmul.n;
    job.vector_stride = matmul.k * matmul.operand_bytes;
    const std::uint16_t input = table_.named(planned.op.inputs.front()).id;
    job.activations = layout_.result(input);
    job.activations.offset = tile.k_begin * matmul.operand_bytes;
    if (planned.uses_weights()) {
        place_weights(op, visit, job);
    } else {
        place_cache(op, visit, job);
    }
    return job;
}

void MachineData::place_weights(std::uint16_t op, const OperatorVisit& visit,
                                ComputeJob& job) const {
    const LinearWeights& linear = data_.linear(op);
    const TilePlace tile = table_.place(op, visit);
    const NumberFormat& format = linear.packer.format();
    if (format.operand_bytes == 1) {
        const std::uint16_t input = table_.named(table_.row(op).planned->op.inputs.front()).id;
        job.activation_scales = layout_.result(input);
        job.activation_scales->offset = layout_.scale_offset(input);
        job.scale_stride = sizeof(float);
    } else if (linear.packer.codes().operands_are_bf16()) {
        job.stationary = OperandKind::Bf16;
    }
    job.grouped = format.grouped();
    if (job.grouped) {
        for (std::uint64_t end = (tile.k_begin / format.group_size + 1) * format.group_size;
             end < tile.k_begin + tile.rows; end += format.group_size) {
            job.group_ends.push_back(static_cast<std::uint32_t>(end - tile.k_begin));
        }
    }
    job.group_ends.push_back(tile.rows);
    if (const ModelData::Bias* bias = data_.bias(op)) {
        job.bias = layout_.parameters(bias->norm, visit);
        job.bias->offset += bias->offset + 2 * tile.first_column;
    }
}

/// Per head, and queries instead of sequences.
void MachineData::place_cache(std::uint16_t op, const OperatorVisit& visit, ComputeJob& job) const {
    const PlannedOperator& planned = *table_.row(op).planned;
    const MatMul& matmul = product_of(planned);
    const bool value = matmul.stationary == Stationary::Value;
    const bool integers = matmul.operand_bytes == 1;
    const std::uint64_t of_head = std::uint64_t{matmul.m} * matmul.k * matmul.operand_bytes;
    const std::uint64_t results_of_head = 2 * std::uint64_t{matmul.m} * matmul.n;
    const std::uint64_t head_of_batch = visit.sequence * plan_.kv_heads + visit.head;
    job.group_ends.push_back(job.rows);
    job.activations.offset += (value ? visit.head : head_of_batch) * of_head;
    job.results.offset += (value ? head_of_batch : visit.head) * results_of_head;
    job.constant_scale = 1.0F;
    if (!integers) return;
    job.constant_scale = value ? kCacheScale * kProbabilityScale : kCacheScale;
    if (value) return;
    const std::uint16_t input = table_.named(planned.op.inputs.front()).id;
    job.activation_scales = layout_.result(input);
    job.activation_scales->offset = layout_.scale_offset(input) + sizeof(float) * visit.sequence;
}

VectorJob MachineData::vector(const isa::Instruction& instruction) {
    const std::uint16_t op = instruction.op;
    const std::uint64_t n = next(Use::Vector, op);
    const OperatorVisit visit = table_.visit(op, n);
    const VectorWork& work = *table_.row(op).planned->op.vector();
    std::vector<std::uint64_t> tokens;
    if (work.touches == Touches::EmbeddingTable && layout_.weights_resident()) {
        tokens = choose_tokens(visit.token);
    }
    return {vectors_.run(op, visit, std::move(tokens)), tag_of(op, n)};
}

void MachineData::sums_left(const ComputeJob& job, std::uint32_t vector, const PartialSums& sums) {
    observer_.sums(op_of(job.tag), visit_of(job.tag), vector, sums);
}

void MachineData::results_written(const ComputeJob& job) {
    const OperatorVisit visit = visit_of(job.tag);
    const std::uint16_t op = op_of(job.tag);
    if (table_.place(op, visit).last_strip) observer_.completed(op, visit);
}

void MachineData::vector_done(const VectorJob& job) {
    observer_.completed(op_of(job.tag), visit_of(job.tag));
}

void MachineData::transferred(const isa::Instruction& /*instruction*/, const TransferJob& job) {
    if (job.target == nullptr) return;
    const OperatorVisit visit = write_backs_.at(job.target);
    observer_.written_back(visit, appended_[visit.layer]);
}

}  // namespace lpusim
