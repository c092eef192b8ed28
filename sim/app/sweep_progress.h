#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "sim/sweep/engine.h"

namespace lpusim::app {

/// How far a sweep is, on standard error: a bar on a terminal, else a line per percent.
class SweepProgress : public SweepObserver {
public:
    SweepProgress();
    ~SweepProgress() override;
    SweepProgress(const SweepProgress&) = delete;
    SweepProgress& operator=(const SweepProgress&) = delete;

    void started(std::uint64_t total, std::uint64_t missing) override;
    void progressed(std::uint64_t done, std::uint64_t failed) override;

    /// No bar any more: what comes now stands alone.
    void clear();

    /// A line that stays.
    void note(const std::string& line);

    std::uint64_t total() const { return total_; }
    std::uint64_t missing() const { return missing_; }
    std::uint64_t done() const { return done_; }
    std::uint64_t failed() const { return failed_; }
    double seconds() const;

private:
    using Clock = std::chrono::steady_clock;

    void draw();
    void log();

    bool on_terminal_;
    bool has_bar_ = false;
    std::uint64_t total_ = 0;
    std::uint64_t missing_ = 0;
    std::uint64_t done_ = 0;
    std::uint64_t failed_ = 0;
    std::uint64_t logged_percent_ = 0;
    Clock::time_point started_ = Clock::now();
    Clock::time_point drawn_;
};

/// "[======>      ]  512/1000  51 %  48.2/s  11 s left  2 failed", cut to `width` columns.
std::string sweep_bar(std::uint64_t done, std::uint64_t missing, std::uint64_t failed,
                      double seconds, std::size_t width);

}  // namespace lpusim::app
