// The vector unit's operations, from their definitions in FP64.

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include <fmt/format.h>

#include "hw_models/numerics/dot_product.h"
#include "hw_models/numerics/vector_math.h"
#include "sim/data/verifier.h"

namespace lpusim {

namespace {

/// FP32 roundings of an element-wise operation, generously.
constexpr double kFewRoundings = 8;

std::vector<double> doubles_of(const std::vector<std::uint8_t>& halves) {
    std::vector<double> numbers;
    for (std::size_t i = 0; i + 1 < halves.size(); i += 2) {
        std::uint16_t half = 0;
        std::memcpy(&half, halves.data() + i, sizeof half);
        numbers.push_back(static_cast<double>(from_fp16(half)));
    }
    return numbers;
}

}  // namespace

void Verifier::expect_half(std::uint16_t op, const Record& result, std::uint64_t at, double exact,
                           double magnitude, double roundings) {
    std::uint16_t half = 0;
    std::memcpy(&half, result.bytes.data() + 2 * at, sizeof half);
    ++tally_.elements;
    if (half_agrees(half, exact, magnitude, roundings)) return;
    tally_.mismatch(fmt::format("{}, token {}, layer {}: element {} is {}, not {:.6g}", name_of(op),
                                result.visit.token, result.visit.layer, at, from_fp16(half),
                                exact));
}

void Verifier::expect_code(std::uint16_t op, const Record& result, std::uint64_t at, double exact) {
    const auto code = static_cast<std::int8_t>(result.bytes[at]);
    ++tally_.elements;
    if (code_agrees(code, exact)) return;
    tally_.mismatch(fmt::format("{}, token {}, layer {}: code {} is {}, not {:.4g}", name_of(op),
                                result.visit.token, result.visit.layer, at, code, exact));
}

void Verifier::check_vector(std::uint16_t op, const OperatorVisit& visit, const Record& result) {
    const VectorWork& work = *table_.row(op).planned->op.vector();
    if (work.touches == Touches::EmbeddingTable) return check_embedding(op, result);
    if (work.touches == Touches::KvCache) return check_append(op, visit, result);
    switch (work.kind) {
        case VectorKind::Norm:
            return check_norm(op, visit, result);
        case VectorKind::Rope:
            return check_rope(op, visit, result);
        case VectorKind::Softmax:
            return check_softmax(op, visit, result);
        case VectorKind::Activation:
            return check_activation(op, visit, result);
        case VectorKind::Residual:
            return check_residual(op, visit, result);
        case VectorKind::Quantize:
            return check_quantized(op, visit, result);
        case VectorKind::Copy:
            break;
    }
    throw std::logic_error(name_of(op) + ": no definition to compare with");
}

void Verifier::check_embedding(std::uint16_t op, const Record& result) {
    const std::uint64_t width = data_.model().hidden;
    const bool learned = data_.model().positions == Positions::Learned;
    const std::vector<double> positions = doubles_of(data_.position_row());
    for (std::uint64_t row = 0; row < plan_.sequences; ++row) {
        const std::vector<double> token = doubles_of(data_.token_row(tokens_[row]));
        for (std::uint64_t i = 0; i < width; ++i) {
            const double exact = token[i] + (learned ? positions[i] : 0);
            expect_half(op, result, row * width + i, exact, std::fabs(exact), 1);
        }
    }
    hidden_ = result.bytes;
}

void Verifier::check_norm(std::uint16_t op, const OperatorVisit& visit, const Record& result) {
    const std::uint64_t width = data_.model().hidden;
    const std::vector<double> x = doubles_of(hidden_);
    const std::vector<double> p = doubles_of(data_.parameters(op, visit.layer));
    const bool centred = data_.model().norm == NormKind::LayerNorm;
    for (std::uint64_t row = 0; row < plan_.sequences; ++row) {
        const double* from = x.data() + row * width;
        double mean = 0;
        double squares = 0;
        for (std::uint64_t i = 0; centred && i < width; ++i) mean += from[i];
        mean /= static_cast<double>(width);
        for (std::uint64_t i = 0; i < width; ++i) squares += (from[i] - mean) * (from[i] - mean);
        const double variance = squares / static_cast<double>(width);
        const double deviation = std::sqrt(variance + static_cast<double>(kNormEpsilon));
        for (std::uint64_t i = 0; i < width; ++i) {
            const double bias = centred ? p[width + i] : 0;
            const double exact = (from[i] - mean) / deviation * p[i] + bias;
            const double magnitude =
                (std::fabs(from[i]) + std::fabs(mean)) / deviation * std::fabs(p[i]) +
                std::fabs(bias);
            expect_half(op, result, row * width + i, exact, magnitude, kFewRoundings);
        }
    }
    if (op < plan_.prologue.size()) hidden_ = result.bytes;
}

void Verifier::check_rope(std::uint16_t op, const OperatorVisit& visit, const Record& result) {
    const std::vector<double> x = doubles_of(input(op, 0, visit).bytes);
    const std::uint64_t dim = data_.model().head_dim;
    const std::uint64_t half = dim / 2;
    const auto position = static_cast<double>(data_.scenario().context - 1);
    for (std::uint64_t i = 0; i < x.size(); ++i) {
        const std::uint64_t d = i % dim;
        if (d >= 2 * half) {
            expect_half(op, result, i, x[i], 0, 0);
            continue;
        }
        const std::uint64_t pair = d % half;
        const double exponent = -2 * static_cast<double>(pair) / static_cast<double>(dim);
        const double angle = position * std::pow(kRopeBase, exponent);
        const double other = d < half ? -x[i + half] : x[i - half];
        const double exact = x[i] * std::cos(angle) + other * std::sin(angle);
        expect_half(op, result, i, exact, std::fabs(x[i]) + std::fabs(other), kFewRoundings);
    }
}

void Verifier::check_softmax(std::uint16_t op, const OperatorVisit& visit, const Record& result) {
    const std::vector<double> x = doubles_of(input(op, 0, visit).bytes);
    const std::uint64_t context = data_.scenario().context;
    const double scale = 1 / std::sqrt(static_cast<double>(data_.model().head_dim));
    for (std::uint64_t begin = 0; begin < x.size(); begin += context) {
        const double largest =
            *std::max_element(x.begin() + static_cast<std::ptrdiff_t>(begin),
                              x.begin() + static_cast<std::ptrdiff_t>(begin + context));
        double total = 0;
        for (std::uint64_t i = begin; i < begin + context; ++i) {
            total += std::exp(scale * (x[i] - largest));
        }
        for (std::uint64_t i = begin; i < begin + context; ++i) {
            const double distance = scale * (largest - x[i]);
            const double exact = std::exp(-distance) / total;
            if (data_.scenario().kv_bits == 8) {
                expect_code(op, result, i, exact * 127);
            } else {
                // The exponent is rounded relative to the distance.
                expect_half(op, result, i, exact, exact * (1 + distance), kFewRoundings);
            }
        }
    }
}

void Verifier::check_activation(std::uint16_t op, const OperatorVisit& visit,
                                const Record& result) {
    const std::vector<double> x = doubles_of(input(op, 0, visit).bytes);
    if (data_.model().mlp == MlpKind::Gated) {
        const std::vector<double> up = doubles_of(input(op, 1, visit).bytes);
        for (std::uint64_t i = 0; i < x.size(); ++i) {
            const double exact = x[i] / (1 + std::exp(-x[i])) * up[i];
            expect_half(op, result, i, exact, std::fabs(exact), kFewRoundings);
        }
        return;
    }
    const double root = std::sqrt(2 / std::acos(-1.0));
    for (std::uint64_t i = 0; i < x.size(); ++i) {
        const double inner = root * (x[i] + 0.044715 * x[i] * x[i] * x[i]);
        const double exact = 0.5 * x[i] * (1 + std::tanh(inner));
        expect_half(op, result, i, exact, std::fabs(x[i]), kFewRoundings);
    }
}

void Verifier::check_residual(std::uint16_t op, const OperatorVisit& visit, const Record& result) {
    const std::vector<double> x = doubles_of(input(op, 0, visit).bytes);
    const std::vector<double> before = doubles_of(hidden_);
    for (std::uint64_t i = 0; i < x.size(); ++i) {
        const double magnitude = std::fabs(before[i]) + std::fabs(x[i]);
        expect_half(op, result, i, before[i] + x[i], magnitude, 1);
    }
    hidden_ = result.bytes;
    if (visit.token != 0 || visit.layer != 0 || name_of(op) != "residual2") return;
    for (const double number : doubles_of(hidden_)) {
        first_layer_.push_back(static_cast<float>(number));
    }
}

void Verifier::check_quantized(std::uint16_t op, const OperatorVisit& visit, const Record& result) {
    const std::uint16_t producer = table_.named(table_.row(op).planned->op.inputs.front()).id;
    std::vector<double> x = doubles_of(input(op, 0, visit).bytes);
    if (table_.row(producer).planned->op.per_head) {
        x.clear();
        for (const Record& part : records_[producer]) {
            const std::vector<double> more = doubles_of(part.bytes);
            x.insert(x.end(), more.begin(), more.end());
        }
    }
    const std::uint64_t width = x.size() / plan_.sequences;
    for (std::uint64_t row = 0; row < plan_.sequences; ++row) {
        double largest = 0;
        for (std::uint64_t i = 0; i < width; ++i) {
            largest = std::max(largest, std::fabs(x[row * width + i]));
        }
        float scale = 0;
        std::memcpy(&scale, result.bytes.data() + x.size() + sizeof(float) * row, sizeof scale);
        ++tally_.elements;
        const double exact = largest / 127;
        if (std::fabs(static_cast<double>(scale) - exact) > std::ldexp(exact, -23)) {
            tally_.mismatch(fmt::format("{}, token {}, layer {}: scale of row {} is {}, not {:.6g}",
                                        name_of(op), visit.token, visit.layer, row, scale, exact));
        }
        for (std::uint64_t i = 0; i < width; ++i) {
            const double code = exact == 0 ? 0 : x[row * width + i] / exact;
            expect_code(op, result, row * width + i, code);
        }
    }
}

void Verifier::check_append(std::uint16_t op, const OperatorVisit& visit, const Record& result) {
    std::uint64_t at = 0;
    for (const std::size_t part : {std::size_t{0}, std::size_t{1}}) {
        for (const double x : doubles_of(input(op, part, visit).bytes)) {
            if (data_.scenario().kv_bits == 8) {
                expect_code(op, result, at++, x / static_cast<double>(kCacheScale));
            } else {
                expect_half(op, result, at++, x, 0, 0);
            }
        }
    }
}

}  // namespace lpusim
