#include "sim/data/float_step.h"

#include <algorithm>
#include <cmath>

#include "hw_models/numerics/dot_product.h"
#include "hw_models/numerics/vector_math.h"
#include "sim/quantize/parallel.h"

namespace lpusim {

namespace {

constexpr std::uint64_t kColumnsAtOnce = 16;

std::vector<float> widened(const std::vector<std::uint8_t>& halves, std::uint64_t first,
                           std::uint64_t count) {
    std::vector<float> numbers(count);
    widen_fp16(halves.data() + 2 * first, static_cast<std::uint32_t>(count), numbers.data());
    return numbers;
}

double wide_dot(const float* a, const float* b, std::uint64_t count) {
    constexpr std::size_t kLanes = 8;
    double lanes[kLanes] = {};
    std::uint64_t i = 0;
    for (; i + kLanes <= count; i += kLanes) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            lanes[lane] += static_cast<double>(a[i + lane]) * static_cast<double>(b[i + lane]);
        }
    }
    for (; i < count; ++i) lanes[0] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    double total = 0;
    for (const double lane : lanes) total += lane;
    return total;
}

}  // namespace

double relative_deviation(const std::vector<float>& a, const std::vector<float>& b,
                          const std::vector<float>& from) {
    if (a.size() != b.size()) return 0;
    double error = 0;
    double size = 0;
    for (std::size_t i = 0; i < b.size(); ++i) {
        const auto reference = static_cast<double>(b[i]);
        const double origin = from.empty() ? 0 : static_cast<double>(from[i]);
        error += (static_cast<double>(a[i]) - reference) * (static_cast<double>(a[i]) - reference);
        size += (reference - origin) * (reference - origin);
    }
    return error == 0 ? 0 : std::sqrt(error / size);
}

void FloatStep::embed(const ModelData& data) {
    const std::uint64_t width = model_.hidden;
    const Row position = widened(data.position_row(), 0, width);
    for (std::uint64_t sequence = 0; sequence < scenario_.batch; ++sequence) {
        const Row token = widened(data.token_row(data.first_token(sequence)), 0, width);
        for (std::uint64_t i = 0; i < width; ++i) {
            const bool learned = model_.positions == Positions::Learned;
            hidden_.push_back(token[i] + (learned ? position[i] : 0));
        }
    }
    if (model_.embedding_norm) {
        norm(data, data.norm_id("embed_norm"), 0, normed_);
        hidden_ = normed_;
    }
    input_ = hidden_;
}

void FloatStep::norm(const ModelData& data, std::uint16_t op, std::uint64_t layer, Row& out) const {
    const std::uint64_t width = model_.hidden;
    const bool centred = model_.norm == NormKind::LayerNorm;
    const Row p = widened(data.parameters(op, layer), 0, width * (centred ? 2 : 1));
    out.resize(hidden_.size());
    for (std::uint64_t begin = 0; begin < hidden_.size(); begin += width) {
        const float* from = hidden_.data() + begin;
        if (centred) {
            layer_norm(from, width, p.data(), p.data() + width, out.data() + begin);
        } else {
            rms_norm(from, width, p.data(), out.data() + begin);
        }
    }
}

FloatStep::Row FloatStep::multiply(const Row& x, const WeightSource& weights) const {
    const std::uint64_t k = weights.k();
    const std::uint64_t n = weights.n();
    Row y(n * scenario_.batch);
    parallel_blocks(n, kColumnsAtOnce, 0, [&](std::uint64_t begin, std::uint64_t end) {
        std::vector<float> scratch;
        for (std::uint64_t column = begin; column < end; ++column) {
            const float* w = weights.column(column, scratch);
            for (std::uint64_t row = 0; row < scenario_.batch; ++row) {
                y[row * n + column] = static_cast<float>(wide_dot(x.data() + row * k, w, k));
            }
        }
    });
    return y;
}

void FloatStep::add_bias(const ModelData& data, const PlannedOperator& planned, std::uint64_t layer,
                         Row& y) const {
    const ModelData::Bias* bias = data.bias(planned.id);
    if (bias == nullptr) return;
    const std::uint64_t n = planned.op.matmul()->n;
    const Row b = widened(data.parameters(bias->norm, layer), bias->offset / 2, n);
    for (std::uint64_t i = 0; i < y.size(); ++i) y[i] += b[i % n];
}

void FloatStep::attend_head(const ModelData& data, std::uint64_t layer, std::uint64_t sequence,
                            std::uint64_t head, Row& out) const {
    const std::uint64_t dim = model_.head_dim;
    const std::uint64_t queries = model_.heads / model_.kv_heads;
    const std::uint64_t newest = scenario_.context - 1;
    const bool rotary = model_.positions == Positions::Rotary;
    const auto rotated = [&](const float* x) {
        Row row(x, x + dim);
        if (rotary) rotate(x, dim, newest, row.data());
        return row;
    };
    const std::uint64_t of_cache = (sequence * model_.kv_heads + head) * dim;
    std::vector<Row> keys;
    std::vector<Row> values;
    for (std::uint64_t p = 0; p < newest; ++p) {
        keys.push_back(data.history(false, layer, sequence, head, p));
        values.push_back(data.history(true, layer, sequence, head, p));
    }
    const float* new_value = values_.at("v_proj").data() + of_cache;
    keys.push_back(rotated(values_.at("k_proj").data() + of_cache));
    values.emplace_back(new_value, new_value + dim);

    const float scale = 1 / std::sqrt(static_cast<float>(dim));
    Row scores(newest + 1);
    for (std::uint64_t query = 0; query < queries; ++query) {
        const std::uint64_t at = ((sequence * model_.kv_heads + head) * queries + query) * dim;
        const Row q = rotated(values_.at("q_proj").data() + at);
        for (std::uint64_t p = 0; p <= newest; ++p) {
            scores[p] = static_cast<float>(wide_dot(q.data(), keys[p].data(), dim));
        }
        Row shares(scores.size());
        softmax(scores.data(), scores.size(), scale, shares.data());
        for (std::uint64_t d = 0; d < dim; ++d) {
            double total = 0;
            for (std::uint64_t p = 0; p <= newest; ++p) {
                total += static_cast<double>(shares[p]) * static_cast<double>(values[p][d]);
            }
            out[at + d] = static_cast<float>(total);
        }
    }
}

void FloatStep::attend(const ModelData& data, std::uint64_t layer) {
    Row& out = values_["attn_v"];
    out.resize(values_.at("q_proj").size());
    for (std::uint64_t sequence = 0; sequence < scenario_.batch; ++sequence) {
        for (std::uint64_t head = 0; head < model_.kv_heads; ++head) {
            attend_head(data, layer, sequence, head, out);
        }
    }
}

void FloatStep::linear(const ModelData& data, const PlannedOperator& planned, std::uint64_t layer,
                       const WeightSource& weights) {
    const std::string& name = planned.op.name;
    const bool gated = model_.mlp == MlpKind::Gated;
    if (hidden_.empty()) embed(data);
    const bool begins_attention = name == "q_proj";
    const bool begins_mlp = name == (gated ? "gate_proj" : "up_proj");
    if (begins_attention) norm(data, data.norm_id("norm1"), layer, normed_);
    if (begins_mlp) norm(data, data.norm_id("norm2"), layer, normed_);
    if (name == "lm_head") norm(data, data.norm_id("final_norm"), 0, normed_);
    if (name == "o_proj") attend(data, layer);
    if (name == "down_proj") {
        Row& x = values_[gated ? "gate_proj" : "up_proj"];
        const Row& up = values_.at("up_proj");
        for (std::size_t i = 0; i < x.size(); ++i) x[i] = gated ? silu(x[i]) * up[i] : gelu(x[i]);
    }
    const Row& x = name == "o_proj"      ? values_.at("attn_v")
                   : name == "down_proj" ? values_.at(gated ? "gate_proj" : "up_proj")
                                         : normed_;
    Row y = multiply(x, weights);
    add_bias(data, planned, layer, y);
    if (name == "o_proj" || name == "down_proj") {
        for (std::size_t i = 0; i < y.size(); ++i) hidden_[i] += y[i];
    }
    if (name == "down_proj" && layer == 0) first_layer_ = hidden_;
    values_[name] = std::move(y);
}

}  // namespace lpusim
