#pragma once

#include <cstdint>
#include <vector>

namespace lpusim {

/// Elements [begin, begin + length) of a sequence, `count` times over.
struct Repeat {
    std::size_t begin = 0;
    std::size_t length = 0;
    std::uint64_t count = 1;

    friend bool operator==(const Repeat& a, const Repeat& b) {
        return a.begin == b.begin && a.length == b.length && a.count == b.count;
    }
};

/// Elements [begin, end) of `kinds` as loops over what repeats, in order. A loop is made only where
/// it is shorter, itself included, than what it replaces.
std::vector<Repeat> fold(const std::vector<std::uint32_t>& kinds, std::size_t begin,
                         std::size_t end);

}  // namespace lpusim
