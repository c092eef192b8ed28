#pragma once

#include <cstdint>
#include <vector>

#include "hw_models/numerics/bits.h"

namespace lpusim {

/// Bytes of a buffer in SRAM.
struct Place {
    std::uint32_t buffer = 0;
    std::uint64_t offset = 0;
};

/// What SRAM holds: buffers as the compiler divides it. Never written, a byte holds kUnwritten.
class SramImage {
public:
    static constexpr std::uint8_t kUnwritten = 0xa5;

    std::uint32_t add_buffer(std::uint64_t bytes) {
        buffers_.push_back({std::vector<std::uint8_t>(bytes, kUnwritten), {}});
        return static_cast<std::uint32_t>(buffers_.size() - 1);
    }
    /// A buffer that is full from the start and never written: resident weights.
    std::uint32_t add_constant(ByteView bytes) {
        buffers_.push_back({{}, bytes});
        return static_cast<std::uint32_t>(buffers_.size() - 1);
    }

    const std::uint8_t* at(Place place) const {
        const Buffer& buffer = buffers_[place.buffer];
        return (buffer.own.empty() ? buffer.constant.data : buffer.own.data()) + place.offset;
    }
    std::uint8_t* writable(Place place) { return buffers_[place.buffer].own.data() + place.offset; }
    /// Of a buffer.
    std::uint64_t size(std::uint32_t buffer) const {
        const Buffer& b = buffers_[buffer];
        return b.own.empty() ? b.constant.size : b.own.size();
    }

private:
    struct Buffer {
        std::vector<std::uint8_t> own;
        ByteView constant;
    };
    std::vector<Buffer> buffers_;
};

}  // namespace lpusim
