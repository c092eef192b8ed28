#pragma once

#include <cstdint>
#include <vector>

#include "hw_models/numerics/packing.h"

namespace lpusim {

using Bytestring = std::vector<std::uint8_t>;

inline void set_bit(Bytestring& bytes, std::uint64_t bit, bool value) {
    const auto mask = static_cast<std::uint8_t>(1U << (bit % 8));
    std::uint8_t& byte = bytes[bit / 8];
    byte = static_cast<std::uint8_t>(value ? byte | mask : byte & ~mask);
}

/// 1 ... max, the whole range from the first case on.
std::uint64_t pick_size(std::uint64_t max);

/// A format whose codes and metadata mean something; scales and zero points of odd widths included.
NumberFormat random_value_format();

/// Any codes and metadata that fit their places.
std::vector<ColumnCodes> random_columns(const MatrixPacker& packer);

/// An independent packer: bit by bit, weight by weight, from the description in docs/formats.md.
Bytestring naive_pack(const NumberFormat& format, const MatrixTiling& tiling,
                      const std::vector<ColumnCodes>& columns);

}  // namespace lpusim
