#pragma once

#include <array>
#include <cstdint>

namespace lpusim {

/// Philox4x32-10: a block of 128 random bits per 128-bit counter and 64-bit key, without state.
/// Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key);

/// Two independent 64-bit numbers of the stream `seed` for the index (major, minor).
std::array<std::uint64_t, 2> random_pair(std::uint64_t seed, std::uint64_t major,
                                         std::uint64_t minor);

/// The open interval (0, 1) in steps of 2^-52, symmetric around 1/2.
double unit_interval(std::uint64_t random);

/// Natural logarithm of a positive normal number, to about 1e-16 relative to 1: +, -, *, / only.
double portable_log(double x);

/// The standard normal quantile of p in (0, 1). Wichura, "Algorithm AS 241: the percentage points
/// of the normal distribution", Applied Statistics 37 (1988), routine PPND16, about 1e-16 relative.
double normal_quantile(double p);

}  // namespace lpusim
