#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace lpusim {

/// Floating-point numbers as files hold them, little-endian.
enum class StoredFloat : std::uint8_t { F32, F16, Bf16 };

/// By the names that safetensors uses; nothing for any other.
std::optional<StoredFloat> stored_float(std::string_view dtype);

std::uint32_t bytes_per_weight(StoredFloat type);

/// Exact; NaN and infinity stay what they are. The bytes need no alignment.
void decode_weights(StoredFloat type, const std::uint8_t* bytes, std::uint64_t count,
                    float* weights);

}  // namespace lpusim
