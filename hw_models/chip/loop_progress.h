#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "hw_models/chip/lpu_chip.h"

namespace lpusim {

/// Iterations left of each queue's open loops.
using LoopCounters = std::array<isa::Cursor::LoopCounters, isa::kQueueCount>;

LoopCounters loop_counters(LpuChip& chip);

/// How far each queue gets in its loops per period: some iterations at one loop level, or nowhere.
class LoopProgress {
public:
    /// Of two moments with equal states. Nothing if a queue left a loop and entered it again, or
    /// moved at two levels: that is no period of one loop.
    static std::optional<LoopProgress> between(const LoopCounters& earlier,
                                               const LoopCounters& later);

    /// Whether what happened from `begin` on would happen again from `now`, if states are equal:
    /// loops inside the one that repeats stand where they stood.
    bool holds(const LoopCounters& begin, const LoopCounters& now) const;
    /// Whole periods until one of the loops ends.
    std::uint64_t whole_periods(const LoopCounters& now) const;
    void skip(LpuChip& chip, std::uint64_t periods) const;

    /// Iterations that one queue does per period, of its loop at `depth`.
    struct Step {
        std::size_t depth = 0;
        std::uint64_t iterations = 0;
    };
    const std::array<Step, isa::kQueueCount>& steps() const { return steps_; }

private:
    std::array<Step, isa::kQueueCount> steps_;
};

}  // namespace lpusim
