#include "hw_models/chip/loop_progress.h"

#include <algorithm>
#include <limits>

namespace lpusim {

LoopCounters loop_counters(LpuChip& chip) {
    LoopCounters counters;
    for (std::size_t q = 0; q < isa::kQueueCount; ++q) {
        counters[q] = chip.cursor(isa::queue_at(q)).iterations_left();
    }
    return counters;
}

std::optional<LoopProgress> LoopProgress::between(const LoopCounters& earlier,
                                                  const LoopCounters& later) {
    LoopProgress progress;
    for (std::size_t q = 0; q < isa::kQueueCount; ++q) {
        Step& step = progress.steps_[q];
        const auto& before = earlier[q];
        const auto& after = later[q];
        if (before.size() != after.size()) return std::nullopt;
        for (std::size_t depth = 0; depth < before.size(); ++depth) {
            if (before[depth] == after[depth]) continue;
            if (before[depth] < after[depth] || step.iterations > 0) return std::nullopt;
            step = {depth, before[depth] - after[depth]};
        }
    }
    return progress;
}

bool LoopProgress::holds(const LoopCounters& begin, const LoopCounters& now) const {
    for (std::size_t q = 0; q < isa::kQueueCount; ++q) {
        // A queue that gets nowhere in a period fetches nothing in it.
        if (steps_[q].iterations == 0) continue;
        if (begin[q].size() != now[q].size()) return false;
        for (std::size_t depth = steps_[q].depth + 1; depth < now[q].size(); ++depth) {
            if (begin[q][depth] != now[q][depth]) return false;
        }
    }
    return true;
}

std::uint64_t LoopProgress::whole_periods(const LoopCounters& now) const {
    constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t periods = kUnlimited;
    for (std::size_t q = 0; q < isa::kQueueCount; ++q) {
        const Step& step = steps_[q];
        if (step.iterations == 0) continue;
        periods = std::min(periods, (now[q][step.depth] - 1) / step.iterations);
    }
    return periods == kUnlimited ? 0 : periods;
}

void LoopProgress::skip(LpuChip& chip, std::uint64_t periods) const {
    for (std::size_t q = 0; q < isa::kQueueCount; ++q) {
        const Step& step = steps_[q];
        if (step.iterations == 0) continue;
        chip.cursor(isa::queue_at(q)).skip_iterations(step.depth, step.iterations * periods);
    }
}

}  // namespace lpusim
