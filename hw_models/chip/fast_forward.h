#pragma once

#include <array>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "hw_models/chip/arrival_replay.h"
#include "hw_models/chip/loop_progress.h"
#include "hw_models/chip/lpu_chip.h"
#include "hw_models/chip/repeats.h"

namespace lpusim {

/// Exact fast-forward: when the machine's state, relative to the present, equals an earlier one,
/// everything between the two repeats until a loop ends, and whole periods are added arithmetically
/// (docs/adr/0005, 0008).
///
/// States are compared where the compute queue fetches the beginning of a loop's body anew, at
/// every loop level. Queues run ahead of each other, so each may stand in another iteration:
/// between the two states each queue's loop counters may differ at one loop level, by as many
/// iterations as that queue does per period, and as many periods are skipped as leave each of them
/// inside its loop.
///
/// Two things may differ between equal states, as long as they decide nothing in the period: the
/// credit of the stream's rate (delivery_log.h), and the count of a semaphore that is never too low
/// for anybody, which may drift (repeats.h).
///
/// Where the stream binds, its phase never recurs; what all else does between two arrivals does,
/// and is replayed against the stream (arrival_replay.h).
class FastForward {
public:
    /// `hidden` only to test the tests.
    explicit FastForward(LpuChip& chip, const HiddenWord* hidden = nullptr);

    /// After each evaluated cycle. Moves the chip on by whole periods if its state recurs.
    void after_cycle();

    using LeftOut = LoopProgress::Step;
    /// What is about to be skipped: cycles [from, to), `times` periods.
    struct Skip {
        Cycles from;
        Cycles to;
        std::uint64_t times = 0;
        std::array<LeftOut, isa::kQueueCount> left_out;
    };
    using OnSkip = std::function<void(const Skip&)>;
    /// Called before the chip is moved on, when all accounts stand at `from`, and again when they
    /// stand at `to`. Whoever listens is not told of what only the stream does, so replays between
    /// rests are left out.
    void on_skip(OnSkip before, OnSkip after) {
        before_skip_ = std::move(before);
        after_skip_ = std::move(after);
        replays_ = false;
    }
    /// Cycle `at` and those behind it are simulated, not skipped, until another is named.
    void never_skip_beyond(Cycles at) { never_beyond_ = at; }

    Cycles skipped() const { return skipped_; }
    std::uint64_t skips() const { return skips_; }

private:
    using Words = std::vector<std::uint64_t>;
    struct Moment {
        Words state;
        std::uint64_t hash = 0;
        std::uint64_t credit = 0;
        Words semaphores;
        RunningRecord::Mark mark;
        LoopCounters iterations_left;
        Words counts;
        std::size_t tokens = 0;
        std::uint64_t completions = 0;
        Cycles since_completion;
        Cycles at;
    };
    /// A state that is known to recur, and what a period adds.
    struct Cycle {
        Moment begin;
        LoopProgress progress;
        Words growth;
        Repeats repeats;
        Cycles span;
        bool completes = false;
    };
    /// What is remembered of one loop. Moments are overwritten, the oldest first.
    struct History {
        std::vector<Moment> moments;
        std::size_t next_moment = 0;
        /// Of moments that were too cheap to be written down whole.
        std::vector<std::uint64_t> hashes;
        std::size_t next_hash = 0;
        std::vector<Cycle> cycles;
        std::size_t next_cycle = 0;
        std::uint64_t work = 0;
        /// Moments that were looked at in vain since the last skip, and repetitions to let pass
        /// before the next one.
        std::uint64_t misses = 0;
        std::uint64_t pause = 0;
    };

    /// Moments that are kept of a loop: the longest period that is found, in iterations.
    static constexpr std::size_t kMoments = 64;
    static constexpr std::size_t kCycles = 8;
    /// Less work than this since the last moment makes only a hash worth keeping.
    static constexpr std::uint64_t kWorthAMoment = 256;
    /// With more work than this in its body a loop is worth looking at where all is replayed.
    static constexpr std::uint64_t kWorthAStop = 1024;
    /// After this many misses in a row, looking becomes rarer with every few more, up to once in
    /// kLongestPause repetitions.
    static constexpr std::uint64_t kPatience = 2 * kMoments;
    static constexpr std::uint64_t kShortPatience = 8;
    static constexpr std::uint64_t kLongestPause = 64;

    std::uint64_t work() const;
    bool worth_a_look(std::uint32_t loop);
    void look(History& history);
    void write_present(Moment& moment);
    void complete_present(Moment& moment);
    static bool equal(const Moment& earlier, const Moment& later);
    bool skip_known_cycle(History& history);
    bool skip_new_cycle(History& history);
    bool skip(const Cycle& cycle);

    LpuChip& chip_;
    const HiddenWord* hidden_;
    ArrivalReplay arrival_replay_;
    std::unordered_map<std::uint32_t, std::uint64_t> work_at_repetition_;
    RunningRecord record_;
    Moment present_;
    std::unordered_map<std::uint32_t, History> histories_;
    std::uint64_t repetitions_seen_ = 0;
    bool replays_ = true;
    Cycles never_beyond_ = kNever;
    OnSkip before_skip_;
    OnSkip after_skip_;
    Cycles skipped_;
    std::uint64_t skips_ = 0;
};

}  // namespace lpusim
