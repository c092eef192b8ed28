#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "hw_models/chip/fast_forward.h"
#include "hw_models/chip/lpu_chip.h"
#include "tests/support/bench.h"

namespace lpusim::test {

/// All accounts, counters and retirement times of a run, by name: what must not depend on how it
/// was clocked.
using Counts = std::map<std::string, std::uint64_t>;

Counts counts_of(const LpuChip& chip);

/// One line per count that differs.
std::string differences(const Counts& a, const Counts& b);

/// One chip that runs one program to its end.
class ChipRun {
public:
    /// A run is given up here: in most tests because something never ends.
    static constexpr Cycles kLongestRun{10'000'000};

    ChipRun(const ChipParams& params, const isa::Program& program, Clocking clocking);

    /// Before anything runs.
    void carry(DataPath& data) { chip_.carry(data); }

    /// Steps until all units sleep for good; returns the number of cycles up to then. Units may
    /// then have ended up in different cycles under different clocking: settle() both to the later
    /// one before comparing.
    std::uint64_t run();
    /// Runs the cycles before `until`; all accounts stand at its start.
    void run_until(std::uint64_t until);
    /// The same as run(), waking units without reason, and settling accounts at random moments.
    std::uint64_t run_disturbed(std::uint64_t seed);
    /// The same with fast-forward; adds the cycles that it skipped to `skipped`.
    std::uint64_t run_fast_forward(std::uint64_t& skipped, const HiddenWord* hidden = nullptr,
                                   const FastForward::OnSkip& after_skip = {});
    void settle(std::uint64_t until) { chip_.clock_domain().settle_all(Cycles(until)); }

    /// Every queue has been worked off, and nothing runs without end. `stalls` tells otherwise what
    /// is waited for.
    bool finished();
    std::string stalls() const { return chip_.sequencer().describe_stalls(); }

    std::uint64_t evaluations() { return chip_.clock_domain().evaluations(); }
    const LpuChip& chip() const { return chip_; }
    const CycleAccount& account(const std::string& engine) const;
    Counts counts() const { return counts_of(chip_); }

private:
    LpuChip chip_;
};

/// Runs a program and settles it; it must finish.
inline void finish(ChipRun& run) {
    run.settle(run.run());
    EXPECT_TRUE(run.finished()) << run.stalls();
}

}  // namespace lpusim::test
