#include "sim/sweep/bisection.h"

#include <algorithm>
#include <cmath>

namespace lpusim {

namespace {

/// To five significant digits, so that what is probed can be read.
std::uint64_t rounded(std::uint64_t value) {
    constexpr std::uint64_t kFiveDigits = 100'000;
    std::uint64_t scale = 1;
    while (value / scale >= kFiveDigits) scale *= 10;
    return value / scale * scale;
}

}  // namespace

Bisection::Bisection(const Options& options) : options_(options) {}

std::vector<std::uint64_t> Bisection::questions() const {
    if (is_over_) return {};
    if (has_bracket_) return {middle()};
    std::vector<std::uint64_t> ends;
    for (const std::uint64_t end : {options_.from, options_.to}) {
        if (answers_.count(end) == 0) ends.push_back(end);
    }
    return ends;
}

void Bisection::answer(std::uint64_t value, bool holds) {
    answers_[value] = holds;
    if (!has_bracket_) {
        judge_ends();
    } else if (!is_over_) {
        (holds ? good_ : bad_) = value;
        narrow();
    }
}

void Bisection::judge_ends() {
    if (answers_.count(options_.from) == 0 || answers_.count(options_.to) == 0) return;
    good_ = options_.smallest ? options_.to : options_.from;
    bad_ = options_.smallest ? options_.from : options_.to;
    if (answers_.at(bad_)) {
        is_over_ = true;
        is_at_the_end_ = true;
        found_ = bad_;
    } else if (!answers_.at(good_)) {
        is_over_ = true;
    } else {
        has_bracket_ = true;
        narrow();
    }
}

void Bisection::narrow() {
    if (!is_near_enough()) return;
    is_over_ = true;
    found_ = good_;
}

bool Bisection::is_near_enough() const {
    const std::uint64_t low = std::min(good_, bad_);
    const std::uint64_t high = std::max(good_, bad_);
    if (high - low <= 1) return true;
    if (options_.tolerance_share <= 0) return high - low <= options_.tolerance;
    return static_cast<double>(high - low) <= options_.tolerance_share * static_cast<double>(low);
}

std::uint64_t Bisection::middle() const {
    const std::uint64_t low = std::min(good_, bad_);
    const std::uint64_t high = std::max(good_, bad_);
    // A tolerance that is a share asks for equal steps in ratio.
    const std::uint64_t middle = options_.tolerance_share > 0
                                     ? static_cast<std::uint64_t>(std::sqrt(
                                           static_cast<double>(low) * static_cast<double>(high)))
                                     : low + (high - low) / 2;
    const std::uint64_t readable = rounded(middle);
    return std::clamp(readable > low ? readable : middle, low + 1, high - 1);
}

}  // namespace lpusim
