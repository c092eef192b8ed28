#pragma once

#include <cstdint>
#include <cstring>

namespace lpusim {

/// Bit i of a packed stream is bit i % 8 of byte i / 8, least significant first, and a value of b
/// bits takes b consecutive bits of the stream, its least significant bit first. Eight bytes are
/// thus a little-endian word.
inline std::uint64_t load_le64(const std::uint8_t* bytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

inline void store_le64(std::uint8_t* bytes, std::uint64_t word) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    std::memcpy(bytes, &word, sizeof word);
}

/// Packed bytes that may be read.
struct ByteView {
    const std::uint8_t* data = nullptr;
    std::uint64_t size = 0;

    ByteView from(std::uint64_t offset) const { return {data + offset, size - offset}; }
};

/// Bits [bit, bit + count), count <= 32. Reads no byte but those that hold them.
inline std::uint32_t read_bits(const std::uint8_t* bytes, std::uint64_t bit, std::uint32_t count) {
    const std::uint8_t* first = bytes + bit / 8;
    const auto shift = static_cast<std::uint32_t>(bit % 8);
    std::uint64_t word = 0;
    for (std::uint32_t i = 0; 8 * i < shift + count; ++i)
        word |= std::uint64_t{first[i]} << (8 * i);
    return static_cast<std::uint32_t>((word >> shift) & ((std::uint64_t{1} << count) - 1));
}

/// Writes values one behind the other, and no byte but those that hold them.
class BitWriter {
public:
    explicit BitWriter(std::uint8_t* out) : out_(out) {}

    /// `value` < 2^count; count <= 32.
    void write(std::uint64_t value, std::uint32_t count) {
        pending_ |= value << pending_bits_;
        pending_bits_ += count;
        if (pending_bits_ < 32) return;
        for (std::uint32_t i = 0; i < 4; ++i)
            out_[i] = static_cast<std::uint8_t>(pending_ >> (8 * i));
        out_ += 4;
        pending_ >>= 32;
        pending_bits_ -= 32;
    }
    /// Zeros up to the next byte.
    void align() {
        const std::uint32_t past = pending_bits_ % 8;
        if (past != 0) write(0, 8 - past);
    }
    /// To be called once, at the end.
    void finish() {
        align();
        for (; pending_bits_ != 0; pending_bits_ -= 8, pending_ >>= 8) {
            *out_++ = static_cast<std::uint8_t>(pending_);
        }
    }

private:
    std::uint8_t* out_;
    std::uint64_t pending_ = 0;
    /// Less than 32 between calls.
    std::uint32_t pending_bits_ = 0;
};

}  // namespace lpusim
