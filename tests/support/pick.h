#pragma once

#include <cstdint>

#include <rapidcheck.h>

namespace lpusim::test {

/// A random number of [begin, end) in a property; from the whole range from the first case on,
/// where rapidcheck would start with the smallest values.
template <class T = std::uint64_t>
T pick(std::uint64_t begin, std::uint64_t end) {
    return static_cast<T>(*rc::gen::resize(rc::kNominalSize, rc::gen::inRange(begin, end)));
}

/// True in `percent` of the cases.
inline bool chance(std::uint64_t percent) { return pick(0, 100) >= 100 - percent; }

}  // namespace lpusim::test
