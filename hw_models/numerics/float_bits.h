#pragma once

#include <cstdint>
#include <cstring>

namespace lpusim {

/// The IEEE 754 binary32 word of a float. Inline, so that loops over it are vectorised.
inline std::uint32_t float_bits(float value) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}

inline float float_of_bits(std::uint32_t bits) {
    float value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

}  // namespace lpusim
