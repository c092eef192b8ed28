#include "hw_models/numerics/code_grid.h"

#include <algorithm>
#include <numeric>

namespace lpusim {

namespace {

CodePlace make_place(std::uint32_t levels, std::uint32_t bits, bool symmetric) {
    CodePlace place;
    place.bits = bits;
    place.levels = levels;
    if (symmetric) {
        place.highest = static_cast<std::int32_t>((levels - 1) / 2);
        place.lowest = -place.highest;
        if (bits == 0) place.bias = static_cast<std::int32_t>(levels / 2);
    } else {
        place.highest = static_cast<std::int32_t>(levels - 1);
    }
    return place;
}

/// Least common multiple of all places' largest levels; 0 where there is none in range.
std::int64_t common_steps(const std::vector<CodePlace>& places) {
    std::int64_t steps = 1;
    for (const CodePlace& place : places) {
        if (place.highest == 0) return 0;
        steps = std::lcm(steps, std::int64_t{place.highest});
        if (steps > CodeGrid::kMaxSteps) return 0;
    }
    return steps;
}

}  // namespace

std::int64_t CodeGrid::lowest() const {
    std::int64_t lowest = 0;
    for (const CodePlace& place : places) {
        if (!symmetric) continue;
        lowest = std::min(lowest, -std::int64_t{place.levels / 2} * place.step);
    }
    return lowest;
}

CodeGrid code_grid(const NumberFormat& format) {
    CodeGrid grid;
    grid.symmetric = format.zero_point_bits == 0;
    for (const std::uint32_t bits : format.code.field_bits) {
        grid.places.push_back(make_place(1U << bits, bits, grid.symmetric));
    }
    for (const std::uint32_t levels : format.code.radix_levels) {
        grid.places.push_back(make_place(levels, 0, grid.symmetric));
    }
    grid.steps = common_steps(grid.places);
    for (CodePlace& place : grid.places) {
        if (grid.steps != 0) place.step = static_cast<std::int32_t>(grid.steps / place.highest);
    }
    return grid;
}

}  // namespace lpusim
