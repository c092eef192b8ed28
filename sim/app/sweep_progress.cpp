#include "sim/app/sweep_progress.h"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "sim/app/output.h"
#include "sim/report/text_table.h"

namespace lpusim::app {

namespace {

constexpr const char* kClear = "\r\x1b[K";
constexpr std::uint64_t kWholePercent = 100;

std::string left_text(double seconds) {
    constexpr double kMinute = 60;
    constexpr double kHour = 3600;
    if (seconds < kMinute) return fmt::format("{:.0f} s left", std::ceil(seconds));
    if (seconds < kHour) return fmt::format("{:.0f} min left", std::ceil(seconds / kMinute));
    return fmt::format("{:.1f} h left", seconds / kHour);
}

/// "48.2/s  11 s left  2 failed"
std::string rate_and_rest(std::uint64_t done, std::uint64_t missing, std::uint64_t failed,
                          double seconds) {
    std::string text;
    if (done > 0 && seconds > 0) {
        const double rate = static_cast<double>(done) / seconds;
        text += fmt::format("  {:.1f}/s", rate);
        if (done < missing) text += "  " + left_text(static_cast<double>(missing - done) / rate);
    }
    if (failed > 0) text += fmt::format("  {} failed", failed);
    return text;
}

}  // namespace

SweepProgress::SweepProgress() : on_terminal_(is_terminal(STDERR_FILENO)) {}

SweepProgress::~SweepProgress() { clear(); }

void SweepProgress::clear() {
    if (std::exchange(has_bar_, false)) std::cerr << kClear << std::flush;
}

double SweepProgress::seconds() const {
    return std::chrono::duration<double>(Clock::now() - started_).count();
}

void SweepProgress::started(std::uint64_t total, std::uint64_t missing) {
    total_ = total;
    missing_ = missing;
    started_ = Clock::now();
    if (!on_terminal_) {
        std::cerr << fmt::format("{} of {} points to compute\n", missing, total);
        return;
    }
    draw();
}

void SweepProgress::progressed(std::uint64_t done, std::uint64_t failed) {
    constexpr auto kBetweenDrawings = std::chrono::milliseconds(100);
    done_ = done;
    failed_ = failed;
    if (!on_terminal_) return log();
    if (Clock::now() - drawn_ >= kBetweenDrawings) draw();
}

void SweepProgress::note(const std::string& line) {
    std::cerr << (on_terminal_ ? kClear : "") << printable(line) << "\n" << std::flush;
}

void SweepProgress::draw() {
    drawn_ = Clock::now();
    has_bar_ = true;
    const std::size_t width = terminal_width(STDERR_FILENO, TextStyle().width);
    std::cerr << kClear << sweep_bar(done_, missing_, failed_, seconds(), width - 1) << std::flush;
}

void SweepProgress::log() {
    const std::uint64_t percent = done_ * kWholePercent / std::max<std::uint64_t>(1, missing_);
    if (percent == logged_percent_) return;
    logged_percent_ = percent;
    std::cerr << fmt::format("{}/{}  {} %{}\n", done_, missing_, percent,
                             rate_and_rest(done_, missing_, failed_, seconds()));
}

std::string sweep_bar(std::uint64_t done, std::uint64_t missing, std::uint64_t failed,
                      double seconds, std::size_t width) {
    constexpr std::size_t kBar = 24;
    const std::uint64_t whole = std::max<std::uint64_t>(1, missing);
    const auto filled = static_cast<std::size_t>(std::min(done, whole) * kBar / whole);
    std::string bar(filled, '=');
    if (filled < kBar) bar += '>';
    bar.resize(kBar, ' ');
    std::string text =
        fmt::format("[{}]  {}/{}  {} %{}", bar, done, missing, done * kWholePercent / whole,
                    rate_and_rest(done, missing, failed, seconds));
    if (text.size() > width) text.resize(width);
    return text;
}

}  // namespace lpusim::app
