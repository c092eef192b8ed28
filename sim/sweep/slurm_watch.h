#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "sim/config/slurm_settings.h"
#include "sim/platform/child_process.h"
#include "sim/sweep/slurm_state.h"

namespace lpusim {

/// Watches a job array until none of its tasks does anything any more. Slurm says which of them
/// are at work, the files that they write how far they are.
class SlurmWatch {
public:
    SlurmWatch(const SlurmRound& round, SlurmRoundFolder folder, const SlurmSettings& settings,
               std::chrono::milliseconds look, const SignalWatch& signals);

    std::function<void(const std::string& line)> on_note;
    std::function<void(std::uint64_t done, std::uint64_t failed)> on_progress;

    /// Until all tasks have said that they are finished, or have ended. Throws Interrupted, and
    /// SlurmError when Slurm has given no answer for a long time.
    void wait();
    /// Until Slurm says that all have ended, whatever they say.
    void wait_for_end();

private:
    using Clock = std::chrono::steady_clock;

    void pause();
    /// True if every task has finished.
    bool look();
    /// True if none is at work. An answer that fails to come is no answer.
    bool none_is_active();
    void tell_reason(const std::string& reason);

    const SlurmRound& round_;
    SlurmRoundFolder folder_;
    std::chrono::milliseconds look_every_;
    std::chrono::seconds poll_every_;
    Clock::time_point answered_ = Clock::now();
    bool is_silent_ = false;
    std::string told_reason_;
    const SignalWatch& signals_;
};

}  // namespace lpusim
