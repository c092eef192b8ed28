#pragma once

#include <cstdint>

#include "hw_models/core/quantities.h"

namespace lpusim::test {

/// In which cycles a test unit may act: a pure function of the cycle, so that it does not matter
/// how often, or by whom, it is asked.
class Pacer {
public:
    static Pacer always() { return {}; }
    /// Cycles 0, n, 2n, ...
    static Pacer every(std::uint64_t n) { return bursts(1, n - 1); }
    /// `on` cycles, then `off` cycles, from cycle 0 on.
    static Pacer bursts(std::uint64_t on, std::uint64_t off) {
        Pacer pacer;
        pacer.period_ = on + off;
        pacer.on_ = on;
        return pacer;
    }
    /// Each cycle with this probability; `percent` must not be 0.
    static Pacer random(std::uint64_t seed, std::uint32_t percent) {
        Pacer pacer;
        pacer.seed_ = seed;
        pacer.percent_ = percent;
        return pacer;
    }

    bool allows(Cycles now) const {
        return now.count() % period_ < on_ && mix(now.count() + seed_) % 100 < percent_;
    }
    /// The first allowed cycle that is not before `from`.
    Cycles next(Cycles from) const {
        while (!allows(from)) from += Cycles(1);
        return from;
    }

private:
    /// The finaliser of SplitMix64.
    static std::uint64_t mix(std::uint64_t x) {
        x += 0x9e3779b97f4a7c15;
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
        return x ^ (x >> 31);
    }

    std::uint64_t period_ = 1;
    std::uint64_t on_ = 1;
    std::uint64_t seed_ = 0;
    std::uint32_t percent_ = 100;
};

}  // namespace lpusim::test
