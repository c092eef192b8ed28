#include "sim/data/verifier.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include <fmt/format.h>

#include "hw_models/numerics/dot_product.h"
#include "sim/data/code_operands.h"

namespace lpusim {

namespace {

/// An operator whose inputs are not there, or of another step: nothing to compare it with.
class WrongInput : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

std::vector<float> floats_of(const std::vector<std::uint8_t>& halves) {
    std::vector<float> numbers(halves.size() / 2);
    widen_fp16(halves.data(), static_cast<std::uint32_t>(numbers.size()), numbers.data());
    return numbers;
}

}  // namespace

Verifier::Verifier(const StepPlan& plan, const OperatorTable& table, const ModelData& data)
    : plan_(plan), table_(table), data_(data), records_(table.size()), sums_(table.size()) {
    for (std::uint16_t op = 0; op < table.operators(); ++op) {
        const bool per_head = table.row(op).planned->op.per_head;
        records_[op].resize(per_head ? std::uint64_t{plan.sequences} * plan.kv_heads : 1);
        sums_[op].resize(records_[op].size());
    }
}

void Verifier::watch(const MachineData& machine, const SramImage& sram) {
    machine_ = &machine;
    sram_ = &sram;
}

void Verifier::tokens_chosen(std::uint64_t /*token*/, const std::vector<std::uint64_t>& ids) {
    tokens_ = ids;
}

void Verifier::sums(std::uint16_t op, const OperatorVisit& visit, std::uint32_t vector,
                    const PartialSums& sums) {
    const Tiling& tiling = table_.row(op).planned->tiling;
    sums_[op][slot(op, visit)].add(visit, tiling.k_tiles.size(), tiling.matmul.m, vector, sums);
}

/// Of an operator that runs per head, the head's.
std::size_t Verifier::slot(std::uint16_t op, const OperatorVisit& visit) const {
    return table_.row(op).planned->op.per_head ? visit.sequence * plan_.kv_heads + visit.head : 0;
}

/// What an operator's input left in the same step; of attention, for the same head.
const Verifier::Record& Verifier::input(std::uint16_t op, std::size_t index,
                                        const OperatorVisit& visit) {
    const PlannedOperator& producer = table_.named(table_.row(op).planned->op.inputs[index]);
    const bool same_head = table_.row(op).planned->op.per_head || !producer.op.per_head;
    // Others read what all heads have left; the last one's record stands for them.
    OperatorVisit wanted = visit;
    if (!same_head) {
        wanted.sequence = plan_.sequences - 1;
        wanted.head = plan_.kv_heads - 1;
    }
    const Record& found = record(producer.id, wanted);
    if (!found.known || !found.visit.same_step(visit)) {
        throw WrongInput(fmt::format("{} of token {}, layer {} is complete before its input {}",
                                     name_of(op), visit.token, visit.layer, producer.op.name));
    }
    return found;
}

std::vector<float> Verifier::input_halves(std::uint16_t op, std::size_t index,
                                          const OperatorVisit& visit) {
    return floats_of(input(op, index, visit).bytes);
}

std::vector<std::uint8_t> Verifier::cache_in_sram(const OperatorVisit& visit) const {
    const MachineLayout& layout = machine_->layout();
    std::vector<std::uint8_t> bytes(plan_.appended_kv.count());
    if (!layout.cache_resident()) {
        std::memcpy(bytes.data(), sram_->at(layout.append_buffer(visit)), bytes.size());
        return bytes;
    }
    const std::uint64_t dim = data_.model().head_dim;
    const std::uint64_t context = data_.scenario().context;
    const std::uint64_t element = data_.scenario().kv_bits / 8;
    const std::uint64_t heads = std::uint64_t{plan_.sequences} * plan_.kv_heads;
    for (std::uint64_t i = 0; i < 2 * heads * dim; ++i) {
        const bool value = i >= heads * dim;
        OperatorVisit of_head = visit;
        of_head.sequence = i % (heads * dim) / dim / plan_.kv_heads;
        of_head.head = i / dim % plan_.kv_heads;
        Place place = layout.cache(value, of_head);
        const std::uint64_t d = i % dim;
        place.offset += (value ? d * context + context - 1 : (context - 1) * dim + d) * element;
        std::memcpy(bytes.data() + i * element, sram_->at(place), element);
    }
    return bytes;
}

std::vector<std::uint8_t> Verifier::bytes_in_sram(std::uint16_t op,
                                                  const OperatorVisit& visit) const {
    const PlannedOperator& planned = *table_.row(op).planned;
    const MachineLayout& layout = machine_->layout();
    const VectorWork* work = planned.op.vector();
    Place place = layout.result(op);
    std::uint64_t bytes = layout.result_bytes(op);
    if (work != nullptr) {
        const bool to_hidden = work->touches == Touches::EmbeddingTable ||
                               work->kind == VectorKind::Residual || op < plan_.prologue.size();
        if (to_hidden) place = layout.hidden();
        if (work->touches == Touches::KvCache) return cache_in_sram(visit);
        if (work->kind == VectorKind::Quantize) bytes += sizeof(float) * plan_.sequences;
    }
    if (planned.op.per_head) {
        const bool all_sequences =
            planned.op.matmul() != nullptr && planned.op.matmul()->stationary == Stationary::Value;
        const std::uint64_t parts =
            std::uint64_t{plan_.kv_heads} * (all_sequences ? plan_.sequences : 1);
        const std::uint64_t part =
            all_sequences ? visit.sequence * plan_.kv_heads + visit.head : visit.head;
        bytes /= parts;
        place.offset += part * bytes;
    }
    const std::uint8_t* begin = sram_->at(place);
    return {begin, begin + bytes};
}

void Verifier::completed(std::uint16_t op, const OperatorVisit& visit) {
    Record result{true, visit, bytes_in_sram(op, visit)};
    const PlannedOperator& planned = *table_.row(op).planned;
    try {
        if (planned.uses_weights()) {
            check_linear(op, visit, result);
        } else if (planned.uses_cache()) {
            check_attention(op, visit, result);
        } else {
            check_vector(op, visit, result);
        }
    } catch (const WrongInput& e) {
        fault(e.what());
    }
    if (visit.token == 0 && planned.op.name == "lm_head") first_logits_ = floats_of(result.bytes);
    record(op, visit) = std::move(result);
    sums_[op][slot(op, visit)].clear();
}

void Verifier::written_back(const OperatorVisit& visit, const std::vector<std::uint8_t>& bytes) {
    const std::uint16_t append = table_.named("kv_append").id;
    const Record& expected = record(append, visit);
    tally_.elements += bytes.size() / (data_.scenario().kv_bits / 8);
    if (expected.known && expected.visit.same_step(visit) && expected.bytes == bytes) return;
    fault(fmt::format("K and V of token {}, layer {} are written back wrongly", visit.token,
                      visit.layer));
}

/// The linear layer's or query head's activations.
void Verifier::fill_activations(std::uint16_t op, const OperatorVisit& visit, ProductCheck& check) {
    const PlannedOperator& planned = *table_.row(op).planned;
    const MatMul& matmul = *planned.op.matmul();
    const PlannedOperator& producer = table_.named(planned.op.inputs.front());
    // attn_v leaves its heads one after the other in one row per sequence.
    std::vector<std::uint8_t> bytes = input(op, 0, visit).bytes;
    if (!planned.op.per_head && producer.op.per_head) {
        bytes.clear();
        for (const Record& part : records_[producer.id]) {
            bytes.insert(bytes.end(), part.bytes.begin(), part.bytes.end());
        }
    }
    const std::uint64_t count = std::uint64_t{matmul.m} * matmul.k;
    std::uint64_t begin = 0;
    if (planned.op.per_head && !producer.op.per_head) {
        begin = (visit.sequence * plan_.kv_heads + visit.head) * count;
    }
    check.scales.assign(matmul.m, 1);
    if (matmul.operand_bytes == 2) {
        check.reals = floats_of(bytes);
        check.reals = {check.reals.begin() + static_cast<std::ptrdiff_t>(begin),
                       check.reals.begin() + static_cast<std::ptrdiff_t>(begin + count)};
        return;
    }
    for (std::uint64_t i = 0; i < count; ++i) {
        check.integers.push_back(static_cast<std::int8_t>(bytes[begin + i]));
    }
    if (producer.op.vector()->kind != VectorKind::Quantize) {
        check.scales.assign(matmul.m, kProbabilityScale);
        return;
    }
    const std::uint64_t scales = machine_->layout().scale_offset(producer.id);
    for (std::uint32_t m = 0; m < matmul.m; ++m) {
        const std::uint64_t row = planned.op.per_head ? visit.sequence : m;
        std::memcpy(&check.scales[m], bytes.data() + scales + sizeof(float) * row, sizeof(float));
    }
}

void Verifier::check_linear(std::uint16_t op, const OperatorVisit& visit, const Record& result) {
    const LinearWeights& linear = data_.linear(op);
    const LinearWeights::Layer& layer = linear.layers[visit.layer];
    const CodeOperands operands(linear.packer.codes(), linear.packer.format().operand_bytes == 1);

    ProductCheck check;
    check.name = fmt::format("{}, token {}, layer {}", name_of(op), visit.token, visit.layer);
    check.tiling = &table_.row(op).planned->tiling;
    check.group_size = linear.packer.format().group_size;
    check.results = result.bytes.data();
    check.sums = &sums_[op][slot(op, visit)];
    fill_activations(op, visit, check);
    if (const ModelData::Bias* bias = data_.bias(op)) {
        const std::vector<std::uint8_t>& parameters = data_.parameters(bias->norm, visit.layer);
        const auto begin = parameters.begin() + static_cast<std::ptrdiff_t>(bias->offset);
        check.bias =
            floats_of({begin, begin + static_cast<std::ptrdiff_t>(2 * check.tiling->matmul.n)});
    }
    const std::uint64_t groups =
        check.group_size == 0 ? 1 : ceil_div(check.tiling->matmul.k, check.group_size);
    check.column = [&](std::uint64_t n, StationaryColumn& column) {
        const Strip strip = linear.packer.strip(n / check.tiling->strip_columns);
        ColumnCodes packed = linear.packer.blank_column();
        linear.packer.unpack(strip, n - strip.first_column,
                             {layer.packed.data() + strip.offset, strip.bytes}, packed);
        operands.look_up(linear.packer, packed.codes, column);
        column.factors.clear();
        for (std::uint64_t group = 0; group < groups; ++group) {
            column.factors.push_back(linear.scaling.factors(
                linear.packer.metadata(), packed.metadata.data(), group, layer.tensor_scale));
        }
    };
    tally_ += check.run();
}

void Verifier::check_attention(std::uint16_t op, const OperatorVisit& visit, const Record& result) {
    const MatMul& matmul = *table_.row(op).planned->op.matmul();
    const bool value = matmul.stationary == Stationary::Value;
    const bool integers = matmul.operand_bytes == 1;
    const std::uint64_t dim = data_.model().head_dim;
    const std::uint64_t context = data_.scenario().context;
    const std::uint64_t element = matmul.operand_bytes;

    ProductCheck check;
    check.name = fmt::format("{}, token {}, layer {}, sequence {}, head {}", name_of(op),
                             visit.token, visit.layer, visit.sequence, visit.head);
    check.tiling = &table_.row(op).planned->tiling;
    check.results = result.bytes.data();
    check.sums = &sums_[op][slot(op, visit)];
    fill_activations(op, visit, check);

    // All positions of this head, the newest one as it was appended.
    std::vector<std::uint8_t> cache;
    for (std::uint64_t p = 0; p + 1 < context; ++p) {
        const std::vector<std::uint8_t> row =
            cache_elements(data_.history(value, visit.layer, visit.sequence, visit.head, p),
                           data_.scenario().kv_bits);
        cache.insert(cache.end(), row.begin(), row.end());
    }
    const std::uint16_t append = table_.named("kv_append").id;
    const Record& newest = record(append, visit);
    if (!newest.known || !newest.visit.same_step(visit)) {
        throw WrongInput(check.name + " is complete before the new K and V are in the cache");
    }
    const std::uint64_t at = ((visit.sequence * plan_.kv_heads + visit.head) * dim) * element +
                             (value ? plan_.appended_kv.count() / 2 : 0);
    cache.insert(cache.end(), newest.bytes.begin() + static_cast<std::ptrdiff_t>(at),
                 newest.bytes.begin() + static_cast<std::ptrdiff_t>(at + dim * element));
    const std::vector<float> numbers = integers ? std::vector<float>{} : floats_of(cache);
    check.column = [&](std::uint64_t n, StationaryColumn& column) {
        column.integers.clear();
        column.reals.clear();
        for (std::uint64_t k = 0; k < matmul.k; ++k) {
            const std::uint64_t i = value ? k * dim + n : n * dim + k;
            if (integers) {
                column.integers.push_back(static_cast<std::int8_t>(cache[i]));
            } else {
                column.reals.push_back(numbers[i]);
            }
        }
        column.factors.assign(1, {integers ? kCacheScale : 1.0F, 0});
    };
    tally_ += check.run();
}

}  // namespace lpusim
