#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace lpusim::app {

/// One line on the terminal behind standard error that tells how far each of several jobs is;
/// nothing when standard error is none. Gone when it goes out of scope.
class ProgressLine {
public:
    /// `activity`: what is done, as in "simulating".
    explicit ProgressLine(std::vector<std::string> labels, std::string activity = "simulating");
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void update(std::size_t job, double share);

private:
    using Clock = std::chrono::steady_clock;

    bool enabled_;
    std::vector<std::string> labels_;
    std::string activity_;
    std::vector<double> shares_;
    Clock::time_point started_ = Clock::now();
    Clock::time_point drawn_;
};

/// "simulating  a 43 %  b 40 %  12 s left", cut to `width` columns. Without an estimate before
/// anything is done.
std::string progress_text(const std::vector<std::string>& labels, const std::vector<double>& shares,
                          double seconds_so_far, std::size_t width,
                          const std::string& activity = "simulating");

}  // namespace lpusim::app
