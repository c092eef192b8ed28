#pragma once

#include <array>
#include <cstdint>

namespace lpusim::packed_layout {

// Head: magic, version, zero. Then the tensors, each on a multiple of kAlignment, zeros in between;
// then the index, JSON text; then the tail: offset, length and CRC of the index, magic. All numbers
// are little-endian.
constexpr std::array<std::uint8_t, 8> kHeadMagic = {'L', 'P', 'U', 'P', 'A', 'C', 'K', '\n'};
constexpr std::array<std::uint8_t, 4> kTailMagic = {'L', 'P', 'U', 'E'};
constexpr std::uint32_t kVersion = 1;
constexpr std::uint64_t kHeadBytes = 16;
constexpr std::uint64_t kTailBytes = 24;
constexpr std::uint64_t kAlignment = 64;

}  // namespace lpusim::packed_layout
