#include "hw_models/core/quantities.h"

#include <numeric>

namespace lpusim {

namespace {

__extension__ using Wide = unsigned __int128;

constexpr Wide kPpm = 1'000'000;

Wide gcd(Wide a, Wide b) {
    while (b != 0) {
        const Wide rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

struct WideFraction {
    Wide num;
    Wide den;
};

/// The fraction of smallest denominator in [lo, hi], lo <= hi (Stern-Brocot, by continued
/// fractions).
WideFraction simplest_between(WideFraction lo, WideFraction hi) {
    const Wide whole = lo.num / lo.den;
    if (whole * lo.den == lo.num) return {whole, 1};
    if (whole < hi.num / hi.den) return {whole + 1, 1};
    const WideFraction inner =
        simplest_between({hi.den, hi.num - whole * hi.den}, {lo.den, lo.num - whole * lo.den});
    return {whole * inner.num + inner.den, inner.num};
}

bool fits(Wide value) { return value <= std::numeric_limits<std::uint64_t>::max(); }

}  // namespace

Fraction reduced(std::uint64_t num, std::uint64_t den) {
    const std::uint64_t divisor = std::gcd(num, den);
    return {num / divisor, den / divisor};
}

Bytes BytesPerCycle::after(Cycles n) const {
    return Bytes(static_cast<std::uint64_t>(Wide{n.count()} * ratio.num / ratio.den));
}

Cycles BytesPerCycle::cycles_for(Bytes bytes) const {
    const Wide scaled = Wide{bytes.count()} * ratio.den;
    return Cycles(static_cast<std::uint64_t>((scaled + ratio.num - 1) / ratio.num));
}

std::optional<SnappedRate> snap_rate(BytesPerSecond bandwidth, Hertz clock, Fraction duty) {
    Wide num = Wide{bandwidth.count()} * duty.num;
    Wide den = Wide{clock.count()} * duty.den;
    if (num == 0 || den == 0) return std::nullopt;
    const Wide divisor = gcd(num, den);
    num /= divisor;
    den /= divisor;
    // The bounds are scaled by 10^6 and multiplied once more: keep that inside 128 bits.
    if (!fits(num * kPpm) || !fits(den * kPpm)) return std::nullopt;

    Wide snapped_num = 0;
    Wide snapped_den = 0;
    if (num >= den) {
        const WideFraction simple =
            simplest_between({num * (kPpm - kSnapPpm), den * kPpm}, {num, den});
        snapped_den = simple.den;
        snapped_num = num * snapped_den / den;  // the closest from below with this denominator
    } else {
        const WideFraction simple =
            simplest_between({den, num}, {den * (kPpm + kSnapPpm), num * kPpm});
        snapped_num = simple.den;
        snapped_den = (den * snapped_num + num - 1) / num;
    }
    const Wide common = gcd(snapped_num, snapped_den);
    snapped_num /= common;
    snapped_den /= common;
    if (!fits(snapped_num) || !fits(snapped_den)) return std::nullopt;

    SnappedRate result;
    result.rate.ratio = {static_cast<std::uint64_t>(snapped_num),
                         static_cast<std::uint64_t>(snapped_den)};
    const Wide lost = num * snapped_den - snapped_num * den;
    result.deviation_ppm = static_cast<double>(lost) / static_cast<double>(num * snapped_den) * 1e6;
    return result;
}

}  // namespace lpusim
