#pragma once

#include <cstdint>

namespace lpusim {

// What the vector unit computes, row by row, in FP32. Sums are kept wide (FP64) and rounded once;
// exponentials, roots, sines and cosines are those of FP64, rounded once.

inline constexpr float kNormEpsilon = 1e-5F;
inline constexpr double kRopeBase = 10'000;

/// x / sqrt(mean(x^2) + epsilon) * weight.
void rms_norm(const float* x, std::uint64_t count, const float* weight, float* out);
/// (x - mean) / sqrt(variance + epsilon) * weight + bias.
void layer_norm(const float* x, std::uint64_t count, const float* weight, const float* bias,
                float* out);

/// Rotates element i and element i + head_dim / 2 of a head by position / base^(2 i / head_dim);
/// the last element of an odd head_dim stays.
void rotate(const float* head, std::uint64_t head_dim, std::uint64_t position, float* out);

/// exp(scale * (x - largest)) / sum of these.
void softmax(const float* x, std::uint64_t count, float scale, float* out);

float silu(float x);
/// With tanh, as GPT-2 has it.
float gelu(float x);

/// Symmetric INT8: returns the scale, largest magnitude / 127, and x / scale rounded to the nearest
/// integer, ties to even. A row of zeros has the scale 0.
float quantize_row(const float* x, std::uint64_t count, std::int8_t* codes);
/// x / scale, rounded likewise, and clipped to -127 ... 127.
void quantize_with(float scale, const float* x, std::uint64_t count, std::int8_t* codes);

}  // namespace lpusim
