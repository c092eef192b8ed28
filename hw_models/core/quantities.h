#pragma once

#include <cstdint>
#include <limits>
#include <optional>

namespace lpusim {

/// An unsigned count with its unit in its type. Mixing units does not compile.
template <class Tag>
class Quantity {
public:
    using Rep = std::uint64_t;

    constexpr Quantity() = default;
    constexpr explicit Quantity(Rep count) : count_(count) {}

    constexpr Rep count() const { return count_; }
    static constexpr Quantity max() { return Quantity(std::numeric_limits<Rep>::max()); }

    constexpr Quantity& operator+=(Quantity other) {
        count_ += other.count_;
        return *this;
    }
    constexpr Quantity& operator-=(Quantity other) {
        count_ -= other.count_;
        return *this;
    }
    friend constexpr Quantity operator+(Quantity a, Quantity b) { return a += b; }
    friend constexpr Quantity operator-(Quantity a, Quantity b) { return a -= b; }
    friend constexpr Quantity operator*(Quantity a, Rep n) { return Quantity(a.count_ * n); }
    friend constexpr Quantity operator*(Rep n, Quantity a) { return a * n; }
    friend constexpr bool operator==(Quantity a, Quantity b) { return a.count_ == b.count_; }
    friend constexpr bool operator!=(Quantity a, Quantity b) { return a.count_ != b.count_; }
    friend constexpr bool operator<(Quantity a, Quantity b) { return a.count_ < b.count_; }
    friend constexpr bool operator>(Quantity a, Quantity b) { return a.count_ > b.count_; }
    friend constexpr bool operator<=(Quantity a, Quantity b) { return a.count_ <= b.count_; }
    friend constexpr bool operator>=(Quantity a, Quantity b) { return a.count_ >= b.count_; }

private:
    Rep count_ = 0;
};

/// Core clock cycles: a point on the time line, or a duration.
using Cycles = Quantity<struct CyclesTag>;
using Bytes = Quantity<struct BytesTag>;
/// Weights of a model, not bytes and not operands.
using Weights = Quantity<struct WeightsTag>;
using Hertz = Quantity<struct HertzTag>;
/// 1 GB/s = 10^9 bytes per second.
using BytesPerSecond = Quantity<struct BytesPerSecondTag>;

/// No wake-up is planned.
inline constexpr Cycles kNever = Cycles::max();

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) { return a / b + (a % b != 0); }
constexpr std::uint64_t round_up(std::uint64_t a, std::uint64_t multiple) {
    return ceil_div(a, multiple) * multiple;
}

/// A non-negative exact fraction in lowest terms.
struct Fraction {
    std::uint64_t num = 0;
    std::uint64_t den = 1;

    friend constexpr bool operator==(Fraction a, Fraction b) {
        return a.num == b.num && a.den == b.den;
    }
};

/// Reduces to lowest terms. `den` must not be zero.
Fraction reduced(std::uint64_t num, std::uint64_t den);

/// Exact bytes per core cycle. Bytes after n eligible cycles are floor(n * num / den).
struct BytesPerCycle {
    Fraction ratio;

    /// floor(n * num / den) without overflow.
    Bytes after(Cycles n) const;
    /// Smallest n with after(n) >= bytes. The rate must not be zero.
    Cycles cycles_for(Bytes bytes) const;
};

/// A bandwidth as the clocked machine uses it, beside the one that was asked for.
struct SnappedRate {
    BytesPerCycle rate;
    /// (asked - effective) / asked, in parts per million; 0 <= value <= 50.
    double deviation_ppm = 0;
};

/// Largest relative loss that snapping may cause (model.md, "The bandwidth ratio must not spoil
/// it").
inline constexpr std::uint64_t kSnapPpm = 50;

/// Snaps bandwidth * duty / clock down to the fraction of smallest denominator within 50 ppm. Below
/// one byte per cycle the reciprocal (cycles per byte) is snapped upward instead. Returns nothing
/// when an argument is zero or the exact ratio does not fit 64-bit integers.
std::optional<SnappedRate> snap_rate(BytesPerSecond bandwidth, Hertz clock, Fraction duty);

}  // namespace lpusim
