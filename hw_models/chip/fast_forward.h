#pragma once

#include <array>
#include <deque>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "hw_models/chip/lpu_chip.h"

namespace lpusim {

/// Exact fast-forward: when the machine's state, relative to the present, equals an earlier one,
/// everything between the two repeats until a loop ends, and whole periods are added arithmetically
/// (docs/adr/0005).
///
/// States are compared where the compute queue fetches the beginning of a loop's body anew, at
/// every loop level. Queues run ahead of each other, so each may stand in another iteration:
/// between the two states each queue's loop counters may differ at one loop level, by as many
/// iterations as that queue does per period, and as many periods are skipped as leave each of them
/// inside its loop.
class FastForward {
public:
    explicit FastForward(LpuChip& chip) : chip_(chip) {}

    /// After each evaluated cycle. Moves the chip on by whole periods if its state recurs.
    void after_cycle();

    /// Iterations that one queue leaves out, of its loop at `depth`.
    struct LeftOut {
        std::size_t depth = 0;
        std::uint64_t iterations = 0;
    };
    /// What is about to be skipped: cycles [from, to), `times` periods.
    struct Skip {
        Cycles from;
        Cycles to;
        std::uint64_t times = 0;
        std::array<LeftOut, isa::kQueueCount> left_out;
    };
    /// Called before the chip is moved on, when all accounts stand at `from`, and again when they
    /// stand at `to`.
    void on_skip(std::function<void(const Skip&)> before, std::function<void(const Skip&)> after) {
        before_skip_ = std::move(before);
        after_skip_ = std::move(after);
    }
    /// Cycle `at` and those behind it are simulated, not skipped, until another is named.
    void never_skip_beyond(Cycles at) { never_beyond_ = at; }

    Cycles skipped() const { return skipped_; }
    std::uint64_t skips() const { return skips_; }

private:
    using LoopCounters = std::array<isa::Cursor::LoopCounters, isa::kQueueCount>;
    struct Moment {
        std::vector<std::uint64_t> state;
        std::uint64_t hash = 0;
        LoopCounters iterations_left;
        std::vector<std::uint64_t> counts;
        std::size_t tokens = 0;
        Cycles at;
    };
    /// What is remembered of one loop.
    struct History {
        std::deque<Moment> moments;
        /// Moments that were looked at in vain since the last skip, and repetitions to let pass
        /// before the next one.
        std::uint64_t misses = 0;
        std::uint64_t pause = 0;
    };
    /// What each queue does in a period.
    using Period = std::array<LeftOut, isa::kQueueCount>;

    /// Moments that are kept of a loop: the longest period that is found, in iterations.
    static constexpr std::size_t kMoments = 64;
    /// After this many misses in a row, looking becomes rarer, up to once in kLongestPause
    /// repetitions.
    static constexpr std::uint64_t kPatience = 2 * kMoments;
    static constexpr std::uint64_t kLongestPause = 64;

    Moment present();
    static std::optional<Period> period_between(const Moment& earlier, const Moment& later);
    std::uint64_t whole_periods(const Period& period) const;
    void skip(const Moment& earlier, const Moment& later, const Period& period,
              std::uint64_t times);

    LpuChip& chip_;
    std::unordered_map<std::uint32_t, History> histories_;
    std::uint64_t repetitions_seen_ = 0;
    Cycles skipped_;
    std::uint64_t skips_ = 0;
    Cycles never_beyond_ = kNever;
    std::function<void(const Skip&)> before_skip_;
    std::function<void(const Skip&)> after_skip_;
};

}  // namespace lpusim
