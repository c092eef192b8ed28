#include "tests/support/reference_step.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <sstream>

#include "tests/support/straight_line.h"

namespace lpusim::test {

namespace {

constexpr double kCacheUnit = 1.0 / 16;
constexpr double kProbabilityUnit = 1.0 / 127;
constexpr double kEpsilon = 1e-5;

double largest_of(const std::vector<double>& x, std::uint64_t begin, std::uint64_t count) {
    double largest = 0;
    for (std::uint64_t i = begin; i < begin + count; ++i) {
        largest = std::max(largest, std::fabs(x[i]));
    }
    return largest;
}

std::vector<double> halves_of(const std::vector<std::uint8_t>& bytes) {
    std::vector<double> numbers;
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
        numbers.push_back(half_of_bits(static_cast<std::uint16_t>(bytes[i] | bytes[i + 1] << 8)));
    }
    return numbers;
}

}  // namespace

void ReferenceStep::tokens_chosen(std::uint64_t token, const std::vector<std::uint64_t>& ids) {
    tokens_ = ids;
    if (token == 0) return;
    // The largest logit, of equal ones the first.
    const std::uint64_t vocab = data_.model().vocab;
    const Numbers logits = result("lm_head").values;
    for (std::size_t row = 0; row < ids.size(); ++row) {
        const auto begin = logits.begin() + static_cast<std::ptrdiff_t>(row * vocab);
        const auto largest = std::max_element(begin, begin + static_cast<std::ptrdiff_t>(vocab));
        if (static_cast<std::uint64_t>(largest - begin) != ids[row]) {
            complain("another token than the likeliest one follows");
        }
    }
}

void ReferenceStep::sums(std::uint16_t op, const OperatorVisit& visit, std::uint32_t vector,
                         const PartialSums& sums) {
    sums_[{op, visit.sequence, visit.head, visit.strip, visit.k_tile, vector}] = sums;
}

ReferenceStep::Numbers ReferenceStep::halves(Place place, std::uint64_t count) const {
    const std::uint8_t* begin = machine_->sram().at(place);
    return halves_of({begin, begin + 2 * count});
}

ReferenceStep::Numbers ReferenceStep::codes(Place place, std::uint64_t count, bool integers) const {
    if (!integers) return halves(place, count);
    const std::uint8_t* begin = machine_->sram().at(place);
    Numbers numbers;
    for (std::uint64_t i = 0; i < count; ++i) {
        numbers.push_back(static_cast<std::int8_t>(begin[i]));
    }
    return numbers;
}

ReferenceStep::Rows ReferenceStep::result(const std::string& name) const {
    const PlannedOperator& planned = table_.named(name);
    const MachineLayout& layout = machine_->layout();
    const VectorWork* work = planned.op.vector();
    const std::uint64_t bytes = layout.result_bytes(planned.id);
    const bool quantized = work != nullptr && work->kind == VectorKind::Quantize;
    const bool integers = quantized || (work != nullptr && work->kind == VectorKind::Softmax &&
                                        data_.scenario().kv_bits == 8);
    Rows rows;
    rows.values = codes(layout.result(planned.id), integers ? bytes : bytes / 2, integers);
    for (std::uint64_t i = 0; quantized && i < plan_.sequences; ++i) {
        Place place = layout.result(planned.id);
        place.offset = layout.scale_offset(planned.id) + 4 * i;
        float scale = 0;
        std::memcpy(&scale, machine_->sram().at(place), sizeof scale);
        rows.scales.push_back(static_cast<double>(scale));
    }
    return rows;
}

void ReferenceStep::near(const OperatorVisit& visit, std::uint64_t i, double got, double exact,
                         double allowed) {
    ++compared_[op_->op.name];
    if (std::fabs(got - exact) <= allowed) return;
    std::ostringstream text;
    text << op_->op.name << " of token " << visit.token << ", layer " << visit.layer
         << ", sequence " << visit.sequence << ", head " << visit.head << ": element " << i
         << " is " << got << ", not " << exact << " +- " << allowed;
    complain(text.str());
}

void ReferenceStep::half(const OperatorVisit& visit, std::uint64_t i, double got, double exact,
                         double magnitude, double roundings) {
    const double clipped = std::clamp(exact, -65504.0, 65504.0);
    const double place = std::ldexp(std::fabs(clipped), -11) + std::ldexp(1.0, -25);
    near(visit, i, got, clipped, 1.001 * (place + std::ldexp(roundings * magnitude, -24)));
}

void ReferenceStep::code(const OperatorVisit& visit, std::uint64_t i, double got, double exact) {
    near(visit, i, got, std::clamp(exact, -127.0, 127.0), 0.5 + std::ldexp(1.0, -10));
}

void ReferenceStep::completed(std::uint16_t op, const OperatorVisit& visit) {
    op_ = table_.row(op).planned;
    if (op_->uses_weights()) {
        linear(visit);
    } else if (op_->uses_cache()) {
        attention(visit);
    } else {
        vector(visit);
    }
}

/// Sum of a row times a column, cut where groups and tiles end.
void ReferenceStep::product(const OperatorVisit& visit, const Rows& rows,
                            const std::vector<StraightColumn>& columns, const Numbers& bias,
                            const Numbers& got) {
    const Tiling& tiling = op_->tiling;
    const std::uint64_t depth = tiling.matmul.k;
    const bool integers = tiling.matmul.operand_bytes == 1;
    for (std::uint32_t m = 0; m < tiling.matmul.m; ++m) {
        for (std::uint64_t n = 0; n < tiling.matmul.n; ++n) {
            const StraightColumn& column = columns[n];
            const std::uint64_t strip = n / tiling.strip_columns;
            const std::uint64_t width =
                strip + 1 == tiling.strips ? tiling.last_columns : tiling.strip_columns;
            double exact = 0;
            double magnitude = 0;
            double segments = 0;
            std::uint64_t k = 0;
            double sum = 0;
            float real = 0;
            double activations = 0;
            for (std::size_t tile = 0; tile < tiling.k_tiles.size(); ++tile) {
                const std::uint64_t end = k + tiling.k_tiles[tile].rows;
                std::size_t index = 0;
                for (; k < end; ++k) {
                    const double a = rows.values[m * depth + k];
                    sum += a * column.operands[k];
                    real += static_cast<float>(a) * static_cast<float>(column.operands[k]);
                    activations += a;
                    const bool ends = (k + 1) % column.group_size == 0 || k + 1 == depth;
                    const bool leaves = ends || (k + 1 == end && column.grouped);
                    if (!leaves) continue;
                    const auto found =
                        sums_.find({op_->id, visit.sequence, visit.head, strip, tile, m});
                    const std::size_t at = index++ * width + n % tiling.strip_columns;
                    bool equal = found != sums_.end();
                    if (equal && integers) {
                        const auto& list = found->second.integers;
                        equal = at < list.size() && static_cast<double>(list[at]) == sum;
                    } else if (equal) {
                        const auto& list = found->second.reals;
                        equal = at < list.size() && list[at] <= real && list[at] >= real;
                    }
                    ++sums_compared_;
                    if (!equal) {
                        std::ostringstream text;
                        text << op_->op.name << ": the partial sum of vector " << m << ", column "
                             << n << " up to weight " << k << " is not " << sum;
                        complain(text.str());
                    }
                    const double s = column.scales[k / column.group_size];
                    const double z = column.zeros[k / column.group_size];
                    const double whole = integers ? sum : static_cast<double>(real);
                    exact += s * (whole - z * activations);
                    magnitude += std::fabs(s) * (std::fabs(whole) + std::fabs(z * activations));
                    segments += 1;
                    sum = 0;
                    real = 0;
                    activations = 0;
                }
            }
            const double scale = rows.scales.empty() ? 1 : rows.scales[m];
            const double offset = bias.empty() ? 0 : bias[n];
            const double roundings = segments + 8 + (integers ? 0 : static_cast<double>(depth));
            half(visit, m * tiling.matmul.n + n, got[m * tiling.matmul.n + n],
                 exact * scale + offset, magnitude * scale + std::fabs(offset), roundings);
        }
    }
}

void ReferenceStep::linear(const OperatorVisit& visit) {
    const LinearWeights& linear = data_.linear(op_->id);
    const LinearWeights::Layer& layer = linear.layers[visit.layer];
    const Tiling& tiling = op_->tiling;
    std::vector<std::uint32_t> k_tiles;
    for (const KTile& tile : tiling.k_tiles) k_tiles.push_back(tile.rows);
    const std::uint64_t column_bytes = layer.packed.size() / tiling.matmul.n;
    std::vector<StraightColumn> columns;
    for (std::uint64_t n = 0; n < tiling.matmul.n; ++n) {
        const std::uint64_t strip = n / tiling.strip_columns;
        const std::uint64_t first = strip * tiling.strip_columns;
        const std::uint64_t width =
            strip + 1 == tiling.strips ? tiling.last_columns : tiling.strip_columns;
        columns.push_back(straight_column(linear.packer.format(), k_tiles,
                                          layer.packed.data() + first * column_bytes, width,
                                          n - first, static_cast<double>(layer.tensor_scale)));
    }
    Numbers bias;
    if (const ModelData::Bias* it = data_.bias(op_->id)) {
        const Numbers all = halves_of(data_.parameters(it->norm, visit.layer));
        const auto begin = all.begin() + static_cast<std::ptrdiff_t>(it->offset / 2);
        bias.assign(begin, begin + static_cast<std::ptrdiff_t>(tiling.matmul.n));
    }
    product(visit, result(op_->op.inputs.front()), columns, bias, result(op_->op.name).values);
}

/// K or V of all positions, position after position: the newest as it was appended.
ReferenceStep::Numbers ReferenceStep::cache(const OperatorVisit& visit, bool value) const {
    const bool integers = data_.scenario().kv_bits == 8;
    Numbers all;
    for (std::uint64_t p = 0; p + 1 < data_.scenario().context; ++p) {
        for (const float exact : data_.history(value, visit.layer, visit.sequence, visit.head, p)) {
            // Rounded here, not taken over.
            const auto x = static_cast<double>(exact);
            all.push_back(integers ? std::clamp(std::nearbyint(x / kCacheUnit), -127.0, 127.0)
                                   : nearest_half(x));
        }
    }
    const Numbers last = newest(visit, value);
    const std::uint64_t dim = data_.model().head_dim;
    const auto begin = last.begin() + static_cast<std::ptrdiff_t>(
                                          (visit.sequence * plan_.kv_heads + visit.head) * dim);
    all.insert(all.end(), begin, begin + static_cast<std::ptrdiff_t>(dim));
    return all;
}

/// New K or V of all sequences and heads, as they lie in SRAM.
ReferenceStep::Numbers ReferenceStep::newest(const OperatorVisit& visit, bool value) const {
    const MachineLayout& layout = machine_->layout();
    const bool integers = data_.scenario().kv_bits == 8;
    const std::uint64_t element = integers ? 1 : 2;
    const std::uint64_t dim = data_.model().head_dim;
    const std::uint64_t heads = std::uint64_t{plan_.sequences} * plan_.kv_heads;
    if (!layout.cache_resident()) {
        Place place = layout.append_buffer(visit);
        if (value) place.offset += heads * dim * element;
        return codes(place, heads * dim, integers);
    }
    const std::uint64_t context = data_.scenario().context;
    Numbers all;
    for (std::uint64_t i = 0; i < heads * dim; ++i) {
        OperatorVisit of_head = visit;
        of_head.sequence = i / dim / plan_.kv_heads;
        of_head.head = i / dim % plan_.kv_heads;
        Place place = layout.cache(value, of_head);
        const std::uint64_t d = i % dim;
        place.offset += (value ? d * context + context - 1 : (context - 1) * dim + d) * element;
        all.push_back(codes(place, 1, integers).front());
    }
    return all;
}

void ReferenceStep::attention(const OperatorVisit& visit) {
    const MatMul& matmul = op_->tiling.matmul;
    const bool value = matmul.stationary == Stationary::Value;
    const bool integers = matmul.operand_bytes == 1;
    const std::uint64_t dim = data_.model().head_dim;
    const std::uint64_t head = visit.sequence * plan_.kv_heads + visit.head;
    const auto part = [](const Numbers& all, std::uint64_t index, std::uint64_t count) {
        const auto begin = all.begin() + static_cast<std::ptrdiff_t>(index * count);
        return Numbers(begin, begin + static_cast<std::ptrdiff_t>(count));
    };
    const Rows in = result(op_->op.inputs.front());
    Rows rows;
    rows.values = part(in.values, value ? visit.head : head, std::uint64_t{matmul.m} * matmul.k);
    double scale = 1;
    if (integers) scale = value ? kProbabilityUnit : in.scales[visit.sequence];
    rows.scales.assign(matmul.m, scale);

    const Numbers positions = cache(visit, value);
    std::vector<StraightColumn> columns(matmul.n);
    for (std::uint64_t n = 0; n < matmul.n; ++n) {
        columns[n].group_size = matmul.k;
        columns[n].scales = {integers ? kCacheUnit : 1};
        columns[n].zeros = {0};
        for (std::uint64_t k = 0; k < matmul.k; ++k) {
            columns[n].operands.push_back(positions[value ? k * dim + n : n * dim + k]);
        }
    }
    const Numbers got = part(result(op_->op.name).values, value ? head : visit.head,
                             std::uint64_t{matmul.m} * matmul.n);
    product(visit, rows, columns, {}, got);
}

void ReferenceStep::written_back(const OperatorVisit& visit,
                                 const std::vector<std::uint8_t>& bytes) {
    const bool integers = data_.scenario().kv_bits == 8;
    Numbers expected = newest(visit, false);
    const Numbers values = newest(visit, true);
    expected.insert(expected.end(), values.begin(), values.end());
    const Numbers wide = halves_of(bytes);
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const double got =
            integers ? static_cast<double>(static_cast<std::int8_t>(bytes[i])) : wide[i];
        ++compared_["write_back"];
        if (got < expected[i] || got > expected[i]) complain("K or V is written back wrongly");
    }
}

void ReferenceStep::norm(const OperatorVisit& visit, const Numbers& got) {
    const std::uint64_t width = data_.model().hidden;
    const bool centred = data_.model().norm == NormKind::LayerNorm;
    const Numbers p = halves_of(data_.parameters(op_->id, visit.layer));
    for (std::uint64_t begin = 0; begin < hidden_.size(); begin += width) {
        double mean = 0;
        double square = 0;
        for (std::uint64_t i = begin; centred && i < begin + width; ++i) {
            mean += hidden_[i] / static_cast<double>(width);
        }
        for (std::uint64_t i = begin; i < begin + width; ++i) {
            square += (hidden_[i] - mean) * (hidden_[i] - mean) / static_cast<double>(width);
        }
        const double inverse = 1 / std::sqrt(square + kEpsilon);
        for (std::uint64_t i = 0; i < width; ++i) {
            const double x = hidden_[begin + i];
            const double bias = centred ? p[width + i] : 0;
            const double size = (std::fabs(x) + std::fabs(mean)) * inverse * std::fabs(p[i]);
            half(visit, begin + i, got[begin + i], (x - mean) * inverse * p[i] + bias,
                 size + std::fabs(bias), 8);
        }
    }
}

void ReferenceStep::rope(const OperatorVisit& visit, const Numbers& in, const Numbers& got) {
    const std::uint64_t dim = data_.model().head_dim;
    const std::uint64_t pairs = dim / 2;
    const auto position = static_cast<double>(data_.scenario().context - 1);
    for (std::uint64_t head = 0; head < in.size(); head += dim) {
        if (dim % 2 != 0) near(visit, head + dim - 1, got[head + dim - 1], in[head + dim - 1], 0);
        for (std::uint64_t i = 0; i < pairs; ++i) {
            const double share = 2 * static_cast<double>(i) / static_cast<double>(dim);
            const double angle = position * std::exp(-share * std::log(10'000.0));
            const double a = in[head + i];
            const double b = in[head + i + pairs];
            const double size = std::fabs(a) + std::fabs(b);
            half(visit, head + i, got[head + i], a * std::cos(angle) - b * std::sin(angle), size,
                 8);
            half(visit, head + i + pairs, got[head + i + pairs],
                 a * std::sin(angle) + b * std::cos(angle), size, 8);
        }
    }
}

void ReferenceStep::softmax(const OperatorVisit& visit) {
    const std::uint64_t context = data_.scenario().context;
    const std::uint64_t queries = data_.model().heads / data_.model().kv_heads;
    const Numbers scores = result("scores").values;
    const Numbers got = result("softmax").values;
    const double scale = 1 / std::sqrt(static_cast<double>(data_.model().head_dim));
    for (std::uint64_t q = 0; q < queries; ++q) {
        const std::uint64_t begin = (visit.head * queries + q) * context;
        double total = 0;
        double largest = -1e300;
        for (std::uint64_t p = 0; p < context; ++p) {
            largest = std::max(largest, scores[begin + p] * scale);
        }
        for (std::uint64_t p = 0; p < context; ++p) {
            total += std::exp(scores[begin + p] * scale - largest);
        }
        for (std::uint64_t p = 0; p < context; ++p) {
            const double distance = largest - scores[begin + p] * scale;
            const double share = std::exp(-distance) / total;
            if (data_.scenario().kv_bits == 8) {
                code(visit, begin + p, got[begin + p], share / kProbabilityUnit);
            } else {
                half(visit, begin + p, got[begin + p], share, share * (1 + distance), 8);
            }
        }
    }
}

void ReferenceStep::vector(const OperatorVisit& visit) {
    const VectorWork& work = *op_->op.vector();
    const std::uint64_t hidden_count = std::uint64_t{plan_.sequences} * data_.model().hidden;
    const Numbers stream = halves(machine_->layout().hidden(), hidden_count);
    if (work.touches == Touches::EmbeddingTable) {
        const Numbers position = halves_of(data_.position_row());
        const bool learned = data_.model().positions == Positions::Learned;
        for (std::uint64_t row = 0; row < plan_.sequences; ++row) {
            const Numbers token = halves_of(data_.token_row(tokens_[row]));
            for (std::uint64_t i = 0; i < token.size(); ++i) {
                const double exact = token[i] + (learned ? position[i] : 0);
                half(visit, i, stream[row * token.size() + i], exact, std::fabs(exact), 1);
            }
        }
        hidden_ = stream;
        return;
    }
    if (work.touches == Touches::KvCache) {
        for (const bool value : {false, true}) {
            const Numbers in = result(op_->op.inputs[value ? 1 : 0]).values;
            const Numbers got = newest(visit, value);
            for (std::uint64_t i = 0; i < in.size(); ++i) {
                if (data_.scenario().kv_bits == 8) {
                    code(visit, i, got[i], in[i] / kCacheUnit);
                } else {
                    near(visit, i, got[i], in[i], 0);
                }
            }
        }
        return;
    }
    if (work.kind == VectorKind::Norm) {
        const bool in_place = op_->id < plan_.prologue.size();
        norm(visit, in_place ? stream : result(op_->op.name).values);
        if (in_place) hidden_ = stream;
        return;
    }
    if (work.kind == VectorKind::Softmax) return softmax(visit);
    const Numbers in = result(op_->op.inputs.front()).values;
    if (work.kind == VectorKind::Residual) {
        for (std::uint64_t i = 0; i < in.size(); ++i) {
            half(visit, i, stream[i], hidden_[i] + in[i], std::fabs(hidden_[i]) + std::fabs(in[i]),
                 1);
        }
        hidden_ = stream;
        return;
    }
    const Rows out = result(op_->op.name);
    if (work.kind == VectorKind::Rope) return rope(visit, in, out.values);
    if (work.kind == VectorKind::Quantize) {
        const std::uint64_t width = in.size() / plan_.sequences;
        for (std::uint64_t i = 0; i < in.size(); ++i) {
            const double scale = largest_of(in, i / width * width, width) / 127;
            near(visit, i, out.scales[i / width], scale, std::ldexp(scale, -23));
            code(visit, i, out.values[i], scale > 0 ? in[i] / scale : 0);
        }
        return;
    }
    const bool gated = data_.model().mlp == MlpKind::Gated;
    const Numbers up = result(op_->op.inputs.back()).values;
    for (std::uint64_t i = 0; i < in.size(); ++i) {
        const double x = in[i];
        const double inner = 0.79788456080286536 * (x + 0.044715 * x * x * x);
        const double exact =
            gated ? x / (1 + std::exp(-x)) * up[i] : 0.5 * x * (1 + std::tanh(inner));
        half(visit, i, out.values[i], exact, gated ? std::fabs(exact) : std::fabs(x), 8);
    }
}

}  // namespace lpusim::test
