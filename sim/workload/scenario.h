#pragma once

#include <cstdint>

namespace lpusim {

enum class Phase : std::uint8_t { Decode, Prefill };

/// What is asked of the model.
struct Scenario {
    Phase phase = Phase::Decode;
    /// Sequences that decode together.
    std::uint32_t batch = 1;
    /// Positions the new token attends to, its own included.
    std::uint32_t context = 2048;
    /// Bits of one element of the KV cache: 8 or 16.
    std::uint32_t kv_bits = 8;
    /// Layers to simulate; 0: all of the model's.
    std::uint32_t layers = 0;
};

}  // namespace lpusim
