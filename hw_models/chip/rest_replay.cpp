#include "hw_models/chip/rest_replay.h"

#include <algorithm>
#include <utility>

namespace lpusim {

namespace {

constexpr isa::Queue kStream = isa::Queue::Stream;

/// Everything of the stream, to go back to when a round turns out not to fit.
class StreamMemory {
public:
    explicit StreamMemory(LpuChip& chip)
        : stream_(chip.weight_stream().state()),
          queue_(chip.sequencer().state_of(kStream)),
          semaphores_(chip.sequencer().semaphores()),
          times_(chip.clock_domain().times()) {
        CounterVisitor counters = CounterVisitor::writer(counts_);
        chip.visit_stream_counters(counters);
    }
    void recall(LpuChip& chip) const {
        chip.weight_stream().return_to(stream_);
        chip.sequencer().return_to(kStream, queue_);
        chip.sequencer().set_semaphores(semaphores_);
        chip.clock_domain().return_to(times_);
        CounterVisitor counters = CounterVisitor::restorer(counts_);
        chip.visit_stream_counters(counters);
    }

private:
    WeightStream::State stream_;
    Sequencer::QueueState queue_;
    Sequencer::Counts semaphores_;
    ClockDomain::Times times_;
    std::vector<std::uint64_t> counts_;
};

std::uint64_t refusals(const LpuChip& chip) {
    const SramBanks& banks = std::as_const(chip).sram_banks();
    return banks.stats().conflicts;
}

}  // namespace

void RestReplay::forget() {
    at_rest_ = false;
    running_.reset();
    chip_.sequencer().note_signals(nullptr);
    chip_.sram_banks().ports().note_requests(nullptr);
    past_.clear();
    for (Episode& episode : episodes_) episode.seen = false;
}

RestReplay::RestReplay(LpuChip& chip, const HiddenWord* hidden) : chip_(chip), hidden_(hidden) {
    const std::size_t semaphores = std::as_const(chip).sequencer().semaphores().size();
    for (std::size_t i = 0; i < semaphores; ++i) {
        const auto id = static_cast<std::uint16_t>(i);
        if (!chip.sequencer().waits(kStream, id)) others_semaphores_.push_back(id);
    }
}

void RestReplay::write_others(Words& words) {
    words.clear();
    StateVisitor state =
        StateVisitor::writer(chip_.clock_domain().now() + Cycles(1), words, hidden_);
    chip_.visit_other_state(state);
    // What will come about by waiting alone is no rest.
    if (state.anything_ahead()) words.clear();
}

void RestReplay::count_others(Words& counts) {
    counts.clear();
    CounterVisitor counters = CounterVisitor::writer(counts);
    chip_.visit_other_counters(counters);
}

bool RestReplay::others_at_rest() const {
    if (!chip_.clock_domain().all_sleep_but(LpuChip::kStreamUnit)) return false;
    return chip_.sram_banks().ports().others() == 0;
}

std::optional<RestReplay::Span> RestReplay::after_cycle() {
    if (at_rest_) {
        // The stream alone is evaluated until something arrives from it.
        if (chip_.clock_domain().all_sleep_but(LpuChip::kStreamUnit)) return std::nullopt;
        at_rest_ = false;
        return arrive();
    }
    if (others_at_rest()) come_to_rest();
    return std::nullopt;
}

void RestReplay::come_to_rest() {
    ClockDomain& domain = chip_.clock_domain();
    rest_begin_ = domain.now() + Cycles(1);
    domain.settle_all(rest_begin_);
    write_others(rest_);
    if (rest_.empty()) return;
    at_rest_ = true;
    rest_semaphores_ = chip_.sequencer().semaphores();
    if (running_) end_episode();
    count_others(rest_counts_);
    transfers_at_rest_ = chip_.weight_stream().stats().transfers;
}

/// Banks of which the others alone took all ports; the stream's word would have been one too many.
std::vector<RestReplay::TakenBank> RestReplay::taken_banks() const {
    const SramBanks& sram = chip_.sram_banks();
    std::vector<TakenBank> taken;
    std::vector<std::uint32_t> used(sram.banks());
    for (std::size_t begin = 0; begin < requests_.size();) {
        std::size_t end = begin;
        std::fill(used.begin(), used.end(), 0);
        for (; end < requests_.size() && requests_[end].at == requests_[begin].at; ++end) {
            for (std::uint32_t i = 0; i < requests_[end].words; ++i) {
                const std::uint64_t bank = sram.bank_of(requests_[end].first + i);
                if (++used[bank] != sram.ports().bank_ports()) continue;
                taken.push_back({(requests_[end].at - arrived_at_).count(), bank});
            }
        }
        begin = end;
    }
    return taken;
}

void RestReplay::end_episode() {
    Sequencer& sequencer = chip_.sequencer();
    SramPortGroup& ports = chip_.sram_banks().ports();
    sequencer.note_signals(nullptr);
    ports.note_requests(nullptr);
    Episode& episode = episodes_[*running_];
    running_.reset();
    const std::uint64_t length = (rest_begin_ - arrived_at_).count() - 1;
    const bool alone = chip_.weight_stream().stats().transfers == transfers_before_;
    const bool undisturbed = alone && refusals(chip_) == refusals_;
    if (!undisturbed || (episode.replayable && episode.length != length)) {
        // No episode as it would be without the stream: no round may hold it.
        past_.clear();
        for (Episode& other : episodes_) other.seen = false;
        return;
    }
    if (episode.replayable) return;
    episode.length = length;
    episode.answers.clear();
    for (const Sequencer::Signal& signal : signals_) {
        if (!sequencer.waits(kStream, signal.use.id)) continue;
        episode.answers.push_back({(signal.at - arrived_at_).count(), signal.use});
    }
    // With room for one more client than the others ever are, nobody can be refused. Else all of
    // their requests must have been seen, which are when the stream, too, was active all the time.
    const bool never_scarce = ports.most_others() < ports.bank_ports();
    episode.taken.clear();
    if (!never_scarce) episode.taken = taken_banks();
    episode.replayable = never_scarce || !ports.stream_paused();
}

/// By how much the arrival raised the semaphores that others than the stream wait on.
void RestReplay::read_arrival(Words& arrival) const {
    const Sequencer::Counts& semaphores = std::as_const(chip_).sequencer().semaphores();
    arrival.clear();
    for (const std::uint16_t id : others_semaphores_) {
        arrival.push_back(semaphores[id] - rest_semaphores_[id]);
    }
}

bool RestReplay::arrived(const Words& arrival) const {
    const Sequencer::Counts& semaphores = std::as_const(chip_).sequencer().semaphores();
    for (std::size_t i = 0; i < arrival.size(); ++i) {
        const std::uint16_t id = others_semaphores_[i];
        if (semaphores[id] - rest_semaphores_[id] != arrival[i]) return false;
    }
    return true;
}

std::size_t RestReplay::episode_of(const Words& arrival) {
    const std::uint64_t hash = hash_of(rest_) ^ (hash_of(arrival) * 31);
    const auto [first, last] = by_hash_.equal_range(hash);
    for (auto it = first; it != last; ++it) {
        const Episode& episode = episodes_[it->second];
        if (episode.rest == rest_ && episode.arrival == arrival) return it->second;
    }
    Episode& episode = episodes_.emplace_back();
    episode.rest = rest_;
    episode.arrival = arrival;
    by_hash_.emplace(hash, episodes_.size() - 1);
    return episodes_.size() - 1;
}

std::optional<RestReplay::Span> RestReplay::arrive() {
    ClockDomain& domain = chip_.clock_domain();
    if (chip_.weight_stream().stats().transfers != transfers_at_rest_ + 1) {
        past_.clear();  // whatever woke them, it was no transfer
        for (Episode& episode : episodes_) episode.seen = false;
        return std::nullopt;
    }
    if (episodes_.size() == kMostEpisodes || past_.size() >= kLongestPast) {
        past_.clear();
        episodes_.clear();
        by_hash_.clear();
    }
    const Cycles end = domain.now() + Cycles(1);
    domain.settle_all(end);
    const std::uint64_t rested = (end - rest_begin_).count();
    read_arrival(arrival_);
    std::size_t id = episode_of(arrival_);
    past_.push_back({id, rested});
    count_others(counts_);
    if (!episodes_[id].idle && rested > 0) {
        std::vector<std::size_t>& idle = episodes_[id].idle.emplace();
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            if (counts_[i] - rest_counts_[i] == rested) idle.push_back(i);
        }
    }
    const std::optional<Span> span = replay_any(id);
    if (span) {
        count_others(counts_);
        // The last arrival may be of another kind than that which began the rounds.
        read_arrival(arrival_);
        const std::size_t expected = std::exchange(past_.back().episode, episode_of(arrival_));
        id = past_.back().episode;
        if (!episodes_[id].idle) episodes_[id].idle = episodes_[expected].idle;
    }
    Episode& episode = episodes_[id];
    episode.seen = true;
    episode.position = past_.size() - 1;
    episode.iterations_left = loop_counters(chip_);
    episode.counts.swap(counts_);
    episode.completions = std::as_const(chip_).retired().completions();
    begin_episode(id);
    return span;
}

void RestReplay::begin_episode(std::size_t id) {
    running_ = id;
    arrived_at_ = chip_.clock_domain().now();
    transfers_before_ = chip_.weight_stream().stats().transfers;
    refusals_ = refusals(chip_);
    signals_.clear();
    requests_.clear();
    chip_.sequencer().note_signals(&signals_);
    chip_.sram_banks().ports().note_requests(&requests_);
}

/// Whether the episode can follow the arrival that just was: nothing else arrives before its end,
/// and the stream writes to no bank whose ports it takes.
bool RestReplay::fits(const Episode& episode) const {
    const WeightStream& stream = chip_.weight_stream();
    if (!episode.replayable || !episode.idle) return false;
    if (stream.cycles_to_completion() <= episode.length) return false;
    if (episode.taken.empty()) return true;
    if (!stream.writes_steadily()) return false;
    const SramBanks& sram = chip_.sram_banks();
    return std::none_of(episode.taken.begin(), episode.taken.end(), [&](const TakenBank& taken) {
        const WeightStream::Words words = stream.steady_writes(taken.cycles - 1);
        for (std::uint64_t word = words.first; word < words.end; ++word) {
            if (sram.bank_of(word) == taken.bank) return true;
        }
        return false;
    });
}

/// Lets the stream go on alone, with the episode's signals, until it completes the transfer that is
/// under way.
void RestReplay::let_stream_arrive(const Episode& episode) {
    ClockDomain& domain = chip_.clock_domain();
    const Cycles begin = domain.now();
    const std::uint64_t completed = chip_.weight_stream().stats().transfers;
    auto answer = episode.answers.begin();
    while (chip_.weight_stream().stats().transfers == completed) {
        // The stream is updated first in a cycle; what others signal in it comes after.
        if (answer != episode.answers.end() &&
            begin + Cycles(answer->cycles) < domain.wake_of(LpuChip::kStreamUnit)) {
            const Cycles at = begin + Cycles(answer->cycles);
            chip_.sequencer().source(kStream).signal(at, {answer->use});
            ++answer;
        } else {
            domain.step_alone(LpuChip::kStreamUnit);
        }
    }
}

/// The others as they rested before the last arrival.
void RestReplay::take_back_arrival() {
    Sequencer& sequencer = chip_.sequencer();
    for (const std::uint16_t id : others_semaphores_) {
        sequencer.set_semaphore(id, rest_semaphores_[id]);
    }
    chip_.clock_domain().let_sleep_all_but(LpuChip::kStreamUnit);
}

/// One after the other, from the arrival before the first of them to the one after the last. False
/// if one does not fit, and then the stream stands somewhere in between, unless there is only one.
bool RestReplay::replay_round(const std::vector<std::size_t>& round) {
    ClockDomain& domain = chip_.clock_domain();
    for (std::size_t i = 0; i < round.size(); ++i) {
        const Episode& episode = episodes_[round[i]];
        if (!fits(episode)) return false;
        take_back_arrival();
        const Cycles arrived_at = domain.now();
        let_stream_arrive(episode);
        const bool last = i + 1 == round.size();
        const std::size_t next = last ? round.front() : round[i + 1];
        if (!last && !arrived(episodes_[next].arrival)) return false;
        past_.push_back({next, (domain.now() - arrived_at).count() - episode.length});
    }
    return true;
}

/// The episodes from the last time on that the one which now begins was seen, if they make a round.
std::optional<RestReplay::Round> RestReplay::round_to_now(const Episode& first,
                                                          const Words& counts) const {
    const std::size_t now = past_.size() - 1;
    if (first.position >= now || now - first.position > kLongestRound) return std::nullopt;
    if (first.completions != std::as_const(chip_).retired().completions()) return std::nullopt;
    const LoopCounters loops = loop_counters(chip_);
    const auto progress = LoopProgress::between(first.iterations_left, loops, kStream);
    if (!progress || progress->whole_periods(loops) == 0) return std::nullopt;
    Round round{loops, *progress, {}, counts};
    for (std::size_t i = 0; i < counts.size(); ++i) round.growth[i] -= first.counts[i];
    for (std::size_t i = first.position; i < now; ++i) {
        const Past& next = past_[i + 1];
        const Episode& after = episodes_[next.episode];
        if (!episodes_[past_[i].episode].replayable || !after.idle) return std::nullopt;
        round.episodes.push_back(past_[i].episode);
        // How long the others rest is another time in each round.
        for (const std::size_t idle : *after.idle) round.growth[idle] -= next.rested;
    }
    return round;
}

std::optional<RestReplay::Span> RestReplay::replay_any(std::size_t id) {
    Episode& episode = episodes_[id];
    const LoopCounters loops = loop_counters(chip_);
    for (const Round& round : episode.rounds) {
        if (!round.progress.holds(round.begin, loops)) continue;
        if (const auto span = replay(round)) return span;
    }
    if (!episode.seen) return std::nullopt;
    std::optional<Round> round = round_to_now(episode, counts_);
    if (!round) return std::nullopt;
    const std::optional<Span> span = replay(*round);
    if (span && episode.rounds.size() < kMostRounds) episode.rounds.push_back(std::move(*round));
    return span;
}

std::optional<RestReplay::Span> RestReplay::replay(const Round& round) {
    const std::uint64_t most = round.progress.whole_periods(loop_counters(chip_));
    ClockDomain& domain = chip_.clock_domain();
    const Cycles begin = domain.now() + Cycles(1);
    const Words& arrival = episodes_[round.episodes.front()].arrival;
    const std::size_t past_begin = past_.size();
    std::uint64_t rounds = 0;
    while (rounds < most && arrived(arrival)) {
        const std::size_t past_before = past_.size();
        std::optional<StreamMemory> memory;
        if (round.episodes.size() > 1) memory.emplace(chip_);
        if (!replay_round(round.episodes)) {
            if (memory) memory->recall(chip_);
            past_.resize(past_before);
            break;
        }
        ++rounds;
    }
    if (rounds == 0) return std::nullopt;

    Words rested(round.growth.size());
    for (std::size_t i = past_begin; i < past_.size(); ++i) {
        for (const std::size_t idle : *episodes_[past_[i].episode].idle) {
            rested[idle] += past_[i].rested;
        }
    }
    const Cycles end = domain.now() + Cycles(1);
    const ClockDomain::Times times = domain.times();
    StateVisitor shifter = StateVisitor::shifter(end - begin);
    chip_.visit_other_state(shifter);
    domain.return_to(times);  // whom the last arrival wakes has been told already
    domain.assume_settled(end);
    CounterVisitor rounds_adder = CounterVisitor::adder(round.growth, rounds);
    chip_.visit_other_counters(rounds_adder);
    CounterVisitor rest_adder = CounterVisitor::adder(rested, 1);
    chip_.visit_other_counters(rest_adder);
    round.progress.skip(chip_, rounds);
    return Span{begin, end, rounds};
}

}  // namespace lpusim
