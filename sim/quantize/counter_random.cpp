#include "sim/quantize/counter_random.h"

#include <cmath>
#include <cstring>

namespace lpusim {

namespace {

constexpr std::uint64_t kMultiplier0 = 0xD2511F53;
constexpr std::uint64_t kMultiplier1 = 0xCD9E8D57;
constexpr std::uint32_t kWeyl0 = 0x9E3779B9;
constexpr std::uint32_t kWeyl1 = 0xBB67AE85;
constexpr int kRounds = 10;

std::uint32_t low(std::uint64_t x) { return static_cast<std::uint32_t>(x); }
std::uint32_t high(std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); }

/// Coefficients from the constant term up.
using Polynomial = std::array<double, 8>;

double evaluate(const Polynomial& p, double x) {
    double value = p[7];
    for (std::size_t i = 7; i-- > 0;) value = value * x + p[i];
    return value;
}

// AS 241: |p - 1/2| <= 0.425.
constexpr Polynomial kA = {3.3871328727963666080e0, 1.3314166789178437745e2,
                           1.9715909503065514427e3, 1.3731693765509461125e4,
                           4.5921953931549871457e4, 6.7265770927008700853e4,
                           3.3430575583588128105e4, 2.5090809287301226727e3};
constexpr Polynomial kB = {1.0,
                           4.2313330701600911252e1,
                           6.8718700749205790830e2,
                           5.3941960214247511077e3,
                           2.1213794301586595867e4,
                           3.9307895800092710610e4,
                           2.8729085735721942674e4,
                           5.2264952788528545610e3};
// sqrt(-log(p)) <= 5.
constexpr Polynomial kC = {1.42343711074968357734e0,  4.63033784615654529590e0,
                           5.76949722146069140550e0,  3.64784832476320460504e0,
                           1.27045825245236838258e0,  2.41780725177450611770e-1,
                           2.27238449892691845833e-2, 7.74545014278341407640e-4};
constexpr Polynomial kD = {1.0,
                           2.05319162663775882187e0,
                           1.67638483018380384940e0,
                           6.89767334985100004550e-1,
                           1.48103976427480074590e-1,
                           1.51986665636164571966e-2,
                           5.47593808499534494600e-4,
                           1.05075007164441684324e-9};
// The far tail.
constexpr Polynomial kE = {6.65790464350110377720e0,  5.46378491116411436990e0,
                           1.78482653991729133580e0,  2.96560571828504891230e-1,
                           2.65321895265761230930e-2, 1.24266094738807843860e-3,
                           2.71155556874348757815e-5, 2.01033439929228813265e-7};
constexpr Polynomial kF = {1.0,
                           5.99832206555887937690e-1,
                           1.36929880922735805310e-1,
                           1.48753612908506148525e-2,
                           7.86869131145613259100e-4,
                           1.84631831751005468180e-5,
                           1.42151175831644588870e-7,
                           2.04426310338993978564e-15};

}  // namespace

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key) {
    for (int round = 0; round < kRounds; ++round) {
        const std::uint64_t product0 = kMultiplier0 * counter[0];
        const std::uint64_t product1 = kMultiplier1 * counter[2];
        counter = {high(product1) ^ counter[1] ^ key[0], low(product1),
                   high(product0) ^ counter[3] ^ key[1], low(product0)};
        key[0] += kWeyl0;
        key[1] += kWeyl1;
    }
    return counter;
}

std::array<std::uint64_t, 2> random_pair(std::uint64_t seed, std::uint64_t major,
                                         std::uint64_t minor) {
    const std::array<std::uint32_t, 4> block =
        philox({low(minor), high(minor), low(major), high(major)}, {low(seed), high(seed)});
    return {std::uint64_t{block[1]} << 32 | block[0], std::uint64_t{block[3]} << 32 | block[2]};
}

double unit_interval(std::uint64_t random) {
    return (static_cast<double>(random >> 12) + 0.5) * 0x1p-52;
}

double portable_log(double x) {
    constexpr double kLog2 = 0.693147180559945309417;
    constexpr double kSqrtHalf = 0.707106781186547524401;
    // Mantissa in [sqrt(1/2), sqrt(2)), so that the series below is short.
    std::uint64_t bits = 0;
    std::memcpy(&bits, &x, sizeof bits);
    auto exponent = static_cast<std::int64_t>(bits >> 52) - 1022;
    bits = (bits & 0x000FFFFFFFFFFFFFULL) | 0x3FE0000000000000ULL;
    double mantissa = 0;
    std::memcpy(&mantissa, &bits, sizeof mantissa);
    if (mantissa < kSqrtHalf) {
        mantissa *= 2;
        --exponent;
    }
    // log(m) = 2 * (s + s^3/3 + s^5/5 + ...), |s| < 0.172: the first term left out is below 1e-19.
    const double s = (mantissa - 1) / (mantissa + 1);
    const double square = s * s;
    double series = 0;
    for (int i = 23; i >= 1; i -= 2) series = series * square + 1.0 / i;
    return static_cast<double>(exponent) * kLog2 + 2 * s * series;
}

double normal_quantile(double p) {
    const double q = p - 0.5;
    if (q >= -0.425 && q <= 0.425) {
        const double r = 0.180625 - q * q;
        return q * evaluate(kA, r) / evaluate(kB, r);
    }
    const double r = std::sqrt(-portable_log(q < 0 ? p : 1 - p));
    const double tail = r <= 5 ? evaluate(kC, r - 1.6) / evaluate(kD, r - 1.6)
                               : evaluate(kE, r - 5) / evaluate(kF, r - 5);
    return q < 0 ? -tail : tail;
}

}  // namespace lpusim
