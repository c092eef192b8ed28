#include "hw_models/numerics/vector_math.h"

#include <algorithm>
#include <cmath>

namespace lpusim {

namespace {

constexpr float kLargestCode = 127;

float rounded(double value) { return static_cast<float>(value); }

/// 1 / sqrt(mean of the squared distances from `centre` + epsilon).
float inverse_deviation(const float* x, std::uint64_t count, float centre) {
    double squares = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        const double distance = static_cast<double>(x[i]) - static_cast<double>(centre);
        squares += distance * distance;
    }
    const double mean = squares / static_cast<double>(count);
    return rounded(1 / std::sqrt(mean + static_cast<double>(kNormEpsilon)));
}

}  // namespace

void rms_norm(const float* x, std::uint64_t count, const float* weight, float* out) {
    const float factor = inverse_deviation(x, count, 0);
    for (std::uint64_t i = 0; i < count; ++i) out[i] = x[i] * factor * weight[i];
}

void layer_norm(const float* x, std::uint64_t count, const float* weight, const float* bias,
                float* out) {
    double total = 0;
    for (std::uint64_t i = 0; i < count; ++i) total += static_cast<double>(x[i]);
    const float mean = rounded(total / static_cast<double>(count));
    const float factor = inverse_deviation(x, count, mean);
    for (std::uint64_t i = 0; i < count; ++i) {
        out[i] = (x[i] - mean) * factor * weight[i] + bias[i];
    }
}

void rotate(const float* head, std::uint64_t head_dim, std::uint64_t position, float* out) {
    const std::uint64_t half = head_dim / 2;
    if (head_dim % 2 != 0) out[head_dim - 1] = head[head_dim - 1];
    for (std::uint64_t i = 0; i < half; ++i) {
        const double exponent = 2 * static_cast<double>(i) / static_cast<double>(head_dim);
        const double angle = static_cast<double>(position) / std::pow(kRopeBase, exponent);
        const float cosine = rounded(std::cos(angle));
        const float sine = rounded(std::sin(angle));
        const float a = head[i];
        const float b = head[i + half];
        out[i] = a * cosine - b * sine;
        out[i + half] = b * cosine + a * sine;
    }
}

void softmax(const float* x, std::uint64_t count, float scale, float* out) {
    const float largest = *std::max_element(x, x + count);
    double total = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        out[i] = rounded(std::exp(static_cast<double>((x[i] - largest) * scale)));
        total += static_cast<double>(out[i]);
    }
    const float factor = rounded(1 / total);
    for (std::uint64_t i = 0; i < count; ++i) out[i] *= factor;
}

float silu(float x) { return x * rounded(1 / (1 + std::exp(-static_cast<double>(x)))); }

float gelu(float x) {
    constexpr double kCubic = 0.044715;
    const double root = std::sqrt(2 / std::acos(-1.0));
    const auto wide = static_cast<double>(x);
    return 0.5F * x * rounded(1 + std::tanh(root * (wide + kCubic * wide * wide * wide)));
}

void quantize_with(float scale, const float* x, std::uint64_t count, std::int8_t* codes) {
    for (std::uint64_t i = 0; i < count; ++i) {
        const float code = scale == 0 ? 0 : std::nearbyint(x[i] / scale);
        codes[i] = static_cast<std::int8_t>(std::clamp(code, -kLargestCode, kLargestCode));
    }
}

float quantize_row(const float* x, std::uint64_t count, std::int8_t* codes) {
    float largest = 0;
    for (std::uint64_t i = 0; i < count; ++i) largest = std::max(largest, std::fabs(x[i]));
    const float scale = largest / kLargestCode;
    quantize_with(scale, x, count, codes);
    return scale;
}

}  // namespace lpusim
