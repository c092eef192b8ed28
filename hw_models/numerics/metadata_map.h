#pragma once

#include <cstdint>
#include <vector>

#include "hw_models/numerics/number_format.h"

namespace lpusim {

/// Where the scales and zero points of one column stand in an array: all innermost scales, then the
/// next level's, and so on, then the zero points; each in the order of the weights.
class MetadataMap {
public:
    /// k: weights of the column.
    MetadataMap(const NumberFormat& format, std::uint64_t k);

    std::uint64_t size() const { return size_; }
    std::size_t levels() const { return levels_.size() - 1; }
    /// Groups of a level; level levels() are the zero points' groups (none: symmetric).
    std::uint64_t groups(std::size_t level) const { return levels_[level].groups; }
    std::uint64_t first(std::size_t level) const { return levels_[level].first; }
    /// Index of the value that covers weight k.
    std::uint64_t index(std::size_t level, std::uint64_t k) const {
        return levels_[level].first + k / levels_[level].per_weights;
    }
    /// The group of a level that holds an innermost group.
    std::uint64_t parent(std::size_t level, std::uint64_t group) const {
        return level == 0 ? group : group * levels_[0].per_weights / levels_[level].per_weights;
    }
    /// The group of a level that holds a group of the level below.
    std::uint64_t outer(std::size_t level, std::uint64_t group) const {
        return group * levels_[level - 1].per_weights / levels_[level].per_weights;
    }
    /// Whether a group begins at weight k.
    bool begins(std::size_t level, std::uint64_t k) const {
        return levels_[level].groups != 0 && k % levels_[level].per_weights == 0;
    }
    std::uint32_t bits(std::size_t level) const { return levels_[level].bits; }

private:
    struct Level {
        std::uint64_t first;
        std::uint64_t groups;
        /// Not zero.
        std::uint64_t per_weights;
        std::uint32_t bits;
    };
    void add(std::uint32_t per_weights, std::uint32_t bits, std::uint64_t k);

    std::vector<Level> levels_;
    std::uint64_t size_ = 0;
};

}  // namespace lpusim
