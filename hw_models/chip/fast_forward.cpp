#include "hw_models/chip/fast_forward.h"

#include <algorithm>
#include <utility>

namespace lpusim {

namespace {

/// The queue whose loops are watched: every tile of every operator passes through it.
constexpr isa::Queue kAnchor = isa::Queue::Compute;

template <class T>
T& next_of_ring(std::vector<T>& ring, std::size_t& next, std::size_t capacity) {
    if (ring.size() < capacity) {
        next = 0;
        return ring.emplace_back();
    }
    T& oldest = ring[next];
    next = (next + 1) % capacity;
    return oldest;
}

}  // namespace

FastForward::FastForward(LpuChip& chip, const HiddenWord* hidden)
    : chip_(chip),
      hidden_(hidden),
      arrival_replay_(
          chip, [this](std::uint32_t loop) { return worth_a_look(loop); }, hidden),
      record_(chip) {}

void FastForward::write_present(Moment& moment) {
    ClockDomain& domain = chip_.clock_domain();
    moment.at = domain.now() + Cycles(1);
    domain.settle_all(moment.at);
    moment.state.clear();
    StateVisitor state = StateVisitor::writer(moment.at, moment.state, hidden_);
    chip_.visit_other_state(state);
    chip_.visit_stream_state(state);
    moment.hash = hash_of(moment.state);
    moment.credit = chip_.weight_stream().credit();
    moment.semaphores = std::as_const(chip_).sequencer().semaphores();
    moment.mark = record_.mark();
    moment.iterations_left = loop_counters(chip_);
    moment.tokens = chip_.retired().token_ends().size();
    moment.completions = chip_.retired().completions();
    moment.since_completion = moment.at - chip_.retired().last_end();
}

void FastForward::complete_present(Moment& moment) {
    moment.counts.clear();
    CounterVisitor counters = CounterVisitor::writer(moment.counts);
    chip_.visit_other_counters(counters);
    chip_.visit_stream_counters(counters);
}

bool FastForward::equal(const Moment& earlier, const Moment& later) {
    return earlier.hash == later.hash && earlier.state == later.state;
}

bool FastForward::skip(const Cycle& cycle) {
    std::uint64_t periods = cycle.progress.whole_periods(present_.iterations_left);
    if (never_beyond_ != kNever) {
        const Cycles left = never_beyond_ > present_.at ? never_beyond_ - present_.at : Cycles(0);
        periods = std::min(periods, left.count() / cycle.span.count());
    }
    const Repeats::Possible possible = cycle.repeats.possible(chip_, periods);
    periods = possible.periods;
    if (periods == 0) return false;
    const Cycles span = cycle.span * periods;
    Skip skip{present_.at, present_.at + span, periods, cycle.progress.steps()};
    for (LeftOut& queue : skip.left_out) queue.iterations *= periods;
    if (before_skip_) before_skip_(skip);
    StateVisitor shifter = StateVisitor::shifter(span);
    chip_.clock_domain().visit_now(shifter);
    chip_.visit_other_state(shifter);
    chip_.visit_stream_state(shifter);
    CounterVisitor adder = CounterVisitor::adder(cycle.growth, periods);
    chip_.visit_other_counters(adder);
    chip_.visit_stream_counters(adder);
    if (cycle.completes) chip_.retired().move_last_end(span);
    cycle.repeats.apply(chip_, possible);
    cycle.progress.skip(chip_, periods);
    skipped_ += span;
    ++skips_;
    if (after_skip_) after_skip_(skip);
    return true;
}

bool FastForward::skip_known_cycle(History& history) {
    for (const Cycle& cycle : history.cycles) {
        if (!equal(cycle.begin, present_)) continue;
        if (!cycle.progress.holds(cycle.begin.iterations_left, present_.iterations_left)) continue;
        // Else the first operator to end would be charged with another time than later ones.
        if (cycle.completes && cycle.begin.since_completion != present_.since_completion) continue;
        if (skip(cycle)) return true;
    }
    return false;
}

bool FastForward::skip_new_cycle(History& history) {
    for (std::size_t i = 0; i < history.moments.size(); ++i) {
        // The latest first: it makes the shortest period.
        const std::size_t slot =
            (history.next_moment + history.moments.size() - 1 - i) % history.moments.size();
        Moment& earlier = history.moments[slot];
        if (!equal(earlier, present_) || earlier.tokens != present_.tokens) continue;
        const bool completes = earlier.completions != present_.completions;
        if (completes && earlier.since_completion != present_.since_completion) continue;
        const auto progress =
            LoopProgress::between(earlier.iterations_left, present_.iterations_left);
        if (!progress) continue;
        Repeats repeats(chip_, earlier.credit, earlier.semaphores,
                        record_.lowest_since(earlier.mark), record_.deliveries_since(earlier.mark));
        if (repeats.possible(chip_, 1).periods == 0) continue;
        complete_present(present_);
        Cycle& cycle = next_of_ring(history.cycles, history.next_cycle, kCycles);
        cycle.progress = *progress;
        cycle.repeats = std::move(repeats);
        cycle.span = present_.at - earlier.at;
        cycle.completes = completes;
        cycle.growth.resize(present_.counts.size());
        for (std::size_t c = 0; c < cycle.growth.size(); ++c) {
            cycle.growth[c] = present_.counts[c] - earlier.counts[c];
        }
        cycle.begin = present_;
        return skip(cycle);
    }
    return false;
}

/// What was evaluated, and what was found out without.
std::uint64_t FastForward::work() const {
    return chip_.clock_domain().evaluations() + arrival_replay_.replayed();
}

bool FastForward::worth_a_look(std::uint32_t loop) {
    const std::uint64_t before = std::exchange(work_at_repetition_[loop], work());
    return work() - before >= kWorthAStop;
}

void FastForward::look(History& history) {
    write_present(present_);
    if (skip_known_cycle(history) || skip_new_cycle(history)) {
        history.misses = 0;
        history.pause = 0;
        arrival_replay_.forget_present();
        return;
    }
    const bool costly = work() - history.work >= kWorthAMoment;
    history.work = work();
    const bool seen = std::find(history.hashes.begin(), history.hashes.end(), present_.hash) !=
                      history.hashes.end();
    if (costly || seen) {
        complete_present(present_);
        std::swap(next_of_ring(history.moments, history.next_moment, kMoments), present_);
    } else {
        next_of_ring(history.hashes, history.next_hash, kMoments) = present_.hash;
    }
    if (++history.misses > kPatience) {
        history.pause = std::min(kLongestPause, (history.misses - kPatience) / kShortPatience);
    }
}

void FastForward::after_cycle() {
    if (replays_) {
        if (const auto span = arrival_replay_.after_cycle()) {
            skipped_ += span->to - span->from;
            ++skips_;
        }
    }
    const isa::Cursor& anchor = chip_.cursor(kAnchor);
    if (anchor.repetitions() == repetitions_seen_) return;
    repetitions_seen_ = anchor.repetitions();
    History& history = histories_[anchor.repeated_loop()];
    if (history.pause > 0) {
        --history.pause;
        return;
    }
    look(history);
}

}  // namespace lpusim
