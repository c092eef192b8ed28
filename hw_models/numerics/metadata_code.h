#pragma once

#include <cstdint>

#include "hw_models/numerics/number_format.h"

namespace lpusim {

/// What the bits of one scale or zero point mean. Stored values are rounded to it before they are
/// used.
class MetadataCode {
public:
    /// `kind` and `bits` as in MetadataLevel.
    MetadataCode(MetadataKind kind, std::uint32_t bits);

    /// Never ByWidth.
    MetadataKind kind() const { return kind_; }
    /// Width that the kind has; 0: any up to 16 bits.
    static std::uint32_t required_bits(MetadataKind kind);

    /// Whether the bits are a finite number.
    bool valid(std::uint32_t code) const;
    /// Exact. The code must be valid.
    float decode(std::uint32_t code) const;
    /// Nearest (ties to even) of the non-negative values, for a value that is not negative;
    /// saturates at largest(). A power of two is rounded down.
    std::uint32_t encode(double value) const;

    float largest() const { return largest_; }
    /// Code of the smallest value above zero.
    std::uint32_t smallest_positive() const;

private:
    float compute_largest(std::uint32_t bits) const;

    MetadataKind kind_;
    float largest_;
};

}  // namespace lpusim
