#pragma once

#include <cstdint>

namespace lpusim {

/// Sum of the products of two INT8 vectors. Exact: no overflow for count <= 2^17.
std::int32_t dot(const std::int8_t* a, const std::int8_t* b, std::uint32_t count);
std::int32_t sum(const std::int8_t* a, std::uint32_t count);

/// `start` and the products of two vectors of FP16 or BF16 numbers, added one after the other in
/// FP32. Each product is exact.
float dot(const float* a, const float* b, std::uint32_t count, float start);
float sum(const float* a, std::uint32_t count, float start);

/// FP16 or BF16 bits (little-endian) to FP32, exact; infinities and NaN come out as such.
void widen_fp16(const std::uint8_t* bytes, std::uint32_t count, float* out);
void widen_bf16(const std::uint8_t* bytes, std::uint32_t count, float* out);
/// The nearest FP16 number, ties to even; beyond the largest finite one that one (NaN: also).
std::uint16_t to_fp16(float value);
float from_fp16(std::uint16_t bits);

}  // namespace lpusim
