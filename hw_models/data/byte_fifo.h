#pragma once

#include <cstdint>
#include <vector>

namespace lpusim {

/// The bytes in a channel, in order.
class ByteFifo {
public:
    std::uint64_t size() const { return bytes_.size() - head_; }

    /// Room for `count` bytes at the end, for the caller to fill before the next call.
    std::uint8_t* push(std::uint64_t count) {
        compact();
        bytes_.resize(bytes_.size() + count);
        return bytes_.data() + bytes_.size() - count;
    }

    /// The oldest `count` bytes, which must be there; valid until the next push.
    const std::uint8_t* pop(std::uint64_t count) {
        const std::uint8_t* oldest = bytes_.data() + head_;
        head_ += count;
        return oldest;
    }

private:
    void compact() {
        if (2 * head_ < bytes_.size()) return;
        bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(head_));
        head_ = 0;
    }

    std::vector<std::uint8_t> bytes_;
    std::uint64_t head_ = 0;
};

}  // namespace lpusim
