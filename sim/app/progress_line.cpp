#include "sim/app/progress_line.h"

#include <cmath>
#include <iostream>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "sim/app/output.h"
#include "sim/report/text_table.h"

namespace lpusim::app {

namespace {

constexpr const char* kClearLine = "\r\x1b[K";

std::string time_text(double seconds) {
    constexpr double kMinute = 60;
    if (seconds < kMinute) return fmt::format("{:.0f} s", std::ceil(seconds));
    return fmt::format("{:.0f} min", std::ceil(seconds / kMinute));
}

}  // namespace

ProgressLine::ProgressLine(std::vector<std::string> labels, std::string activity)
    : enabled_(is_terminal(STDERR_FILENO)),
      labels_(std::move(labels)),
      activity_(std::move(activity)),
      shares_(labels_.size()) {}

ProgressLine::~ProgressLine() {
    if (enabled_) std::cerr << kClearLine << std::flush;
}

void ProgressLine::update(std::size_t job, double share) {
    constexpr auto kBetweenDrawings = std::chrono::milliseconds(100);
    shares_.at(job) = share;
    const Clock::time_point now = Clock::now();
    if (!enabled_ || now - drawn_ < kBetweenDrawings) return;
    drawn_ = now;
    const double so_far = std::chrono::duration<double>(now - started_).count();
    const std::size_t width = terminal_width(STDERR_FILENO, TextStyle().width);
    std::cerr << kClearLine << progress_text(labels_, shares_, so_far, width - 1, activity_)
              << std::flush;
}

std::string progress_text(const std::vector<std::string>& labels, const std::vector<double>& shares,
                          double seconds_so_far, std::size_t width, const std::string& activity) {
    std::string text = activity;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        text += fmt::format("  {} {:.0f} %", printable(labels[i]), std::floor(shares[i] * 100));
    }
    const double done = std::accumulate(shares.begin(), shares.end(), 0.0);
    const double left = static_cast<double>(shares.size()) - done;
    if (done > 0 && left > 0) text += "  " + time_text(seconds_so_far * left / done) + " left";
    while (display_width(text) > width) text.pop_back();
    return text;
}

}  // namespace lpusim::app
