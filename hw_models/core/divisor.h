#pragma once

#include <cstdint>
#include <limits>

namespace lpusim {

/// Divides by the same number again and again: in each cycle, by the width of a word or the number
/// of banks. Dividends of 32 bits take a multiplication (D. Lemire, O. Kaser, N. Kurz, "Faster
/// remainder by direct computation", 2019, theorem 1), others a division.
class Divisor {
public:
    /// `by` must not be zero.
    constexpr explicit Divisor(std::uint64_t by)
        : by_(by), reciprocal_(by > 1 ? kAll / by + 1 : 0) {}

    std::uint64_t value() const { return by_; }
    std::uint64_t quotient(std::uint64_t dividend) const {
        if (by_ == 1) return dividend;
        if (dividend > kShort || by_ > kShort) return dividend / by_;
        return static_cast<std::uint64_t>((Wide{reciprocal_} * dividend) >> 64U);
    }
    std::uint64_t remainder(std::uint64_t dividend) const {
        return dividend - quotient(dividend) * by_;
    }
    std::uint64_t quotient_up(std::uint64_t dividend) const {
        const std::uint64_t whole = quotient(dividend);
        return whole + (whole * by_ != dividend ? 1 : 0);
    }

private:
    __extension__ using Wide = unsigned __int128;
    static constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();
    static constexpr std::uint64_t kShort = std::numeric_limits<std::uint32_t>::max();

    std::uint64_t by_;
    /// ceil(2^64 / by); 0 for 1.
    std::uint64_t reciprocal_;
};

}  // namespace lpusim
