#include "hw_models/chip/fast_forward.h"

#include <algorithm>

#include <boost/container_hash/hash.hpp>

namespace lpusim {

namespace {

/// The queue whose loops are watched: every tile of every operator passes through it.
constexpr isa::Queue kAnchor = isa::Queue::Compute;

constexpr isa::Queue queue_at(std::size_t i) { return static_cast<isa::Queue>(i); }

}  // namespace

FastForward::Moment FastForward::present() {
    ClockDomain& domain = chip_.clock_domain();
    Moment moment;
    moment.at = domain.now() + Cycles(1);
    domain.settle_all(moment.at);
    StateVisitor state = StateVisitor::writer(moment.at, moment.state);
    chip_.visit_state(state);
    moment.hash = boost::hash_range(moment.state.begin(), moment.state.end());
    for (std::size_t i = 0; i < isa::kQueueCount; ++i) {
        moment.iterations_left[i] = chip_.cursor(queue_at(i)).iterations_left();
    }
    CounterVisitor counters = CounterVisitor::writer(moment.counts);
    chip_.visit_counters(counters);
    moment.tokens = chip_.retired().token_ends().size();
    return moment;
}

std::optional<FastForward::Period> FastForward::period_between(const Moment& earlier,
                                                               const Moment& later) {
    if (earlier.hash != later.hash || earlier.tokens != later.tokens ||
        earlier.state != later.state) {
        return std::nullopt;
    }
    Period period;
    for (std::size_t q = 0; q < isa::kQueueCount; ++q) {
        const auto& before = earlier.iterations_left[q];
        const auto& after = later.iterations_left[q];
        for (std::size_t depth = 0; depth < before.size(); ++depth) {
            if (before[depth] == after[depth]) continue;
            // A loop that was left and entered again, or two levels at once: this is no period of
            // one loop.
            if (before[depth] < after[depth] || period[q].iterations > 0) return std::nullopt;
            period[q] = {depth, before[depth] - after[depth]};
        }
    }
    return period;
}

std::uint64_t FastForward::whole_periods(const Period& period) const {
    std::uint64_t times = std::numeric_limits<std::uint64_t>::max();
    for (std::size_t q = 0; q < isa::kQueueCount; ++q) {
        if (period[q].iterations == 0) continue;
        const std::uint64_t left = chip_.cursor(queue_at(q)).iterations_left()[period[q].depth];
        times = std::min(times, (left - 1) / period[q].iterations);
    }
    return times == std::numeric_limits<std::uint64_t>::max() ? 0 : times;
}

void FastForward::skip(const Moment& earlier, const Moment& later, const Period& period,
                       std::uint64_t times) {
    const Cycles span = (later.at - earlier.at) * times;
    Skip skip{later.at, later.at + span, times, period};
    for (LeftOut& queue : skip.left_out) queue.iterations *= times;
    if (before_skip_) before_skip_(skip);
    StateVisitor shifter = StateVisitor::shifter(span);
    chip_.visit_state(shifter);
    CounterVisitor adder = CounterVisitor::adder(earlier.counts, later.counts, times);
    chip_.visit_counters(adder);
    for (std::size_t q = 0; q < isa::kQueueCount; ++q) {
        if (period[q].iterations == 0) continue;
        chip_.cursor(queue_at(q)).skip_iterations(period[q].depth, period[q].iterations * times);
    }
    skipped_ += span;
    ++skips_;
    if (after_skip_) after_skip_(skip);
}

void FastForward::after_cycle() {
    const isa::Cursor& anchor = chip_.cursor(kAnchor);
    if (anchor.repetitions() == repetitions_seen_) return;
    repetitions_seen_ = anchor.repetitions();
    History& history = histories_[anchor.repeated_loop()];
    if (history.pause > 0) {
        --history.pause;
        return;
    }

    Moment now = present();
    for (auto earlier = history.moments.rbegin(); earlier != history.moments.rend(); ++earlier) {
        const std::optional<Period> period = period_between(*earlier, now);
        if (!period) continue;
        std::uint64_t times = whole_periods(*period);
        if (never_beyond_ != kNever) {
            const Cycles left = never_beyond_ > now.at ? never_beyond_ - now.at : Cycles(0);
            times = std::min(times, left.count() / (now.at - earlier->at).count());
        }
        if (times == 0) break;
        skip(*earlier, now, *period, times);
        // The moments before lie in the past of loops that stand elsewhere now.
        history = {};
        return;
    }
    history.moments.push_back(std::move(now));
    if (history.moments.size() > kMoments) history.moments.pop_front();
    if (++history.misses > kPatience) {
        history.pause = std::min(kLongestPause, history.misses / kPatience);
    }
}

}  // namespace lpusim
