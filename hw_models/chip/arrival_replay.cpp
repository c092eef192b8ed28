#include "hw_models/chip/arrival_replay.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace lpusim {

namespace {

constexpr isa::Queue kStream = isa::Queue::Stream;

bool equal(const isa::SemaphoreUses& a, const isa::SemaphoreUses& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const isa::SemaphoreUse& x, const isa::SemaphoreUse& y) {
                          return x.id == y.id && x.count == y.count;
                      });
}

/// Everything of the stream, to go back to when a segment turns out not to fit.
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

std::uint64_t refusals(const LpuChip& chip) { return chip.sram_banks().stats().conflicts; }

std::uint64_t transfers(const LpuChip& chip) { return chip.weight_stream().stats().transfers; }

}  // namespace

ArrivalReplay::ArrivalReplay(LpuChip& chip, std::function<bool(std::uint32_t)> worth_stopping,
                             const HiddenWord* hidden)
    : chip_(chip), worth_stopping_(std::move(worth_stopping)), hidden_(hidden) {
    find_stream_fed_semaphores();
}

void ArrivalReplay::find_stream_fed_semaphores() {
    const Sequencer& sequencer = std::as_const(chip_).sequencer();
    const std::size_t count = sequencer.semaphores().size();
    std::vector<bool> fed_by_others(count);
    for (std::size_t i = 0; i < isa::kQueueCount; ++i) {
        if (isa::queue_at(i) == kStream) continue;
        for (const isa::Entry& entry : chip_.program().queues[i]) {
            const auto* instruction = std::get_if<isa::Instruction>(&entry);
            if (instruction == nullptr) continue;
            for (const isa::SemaphoreUse& use : instruction->signals) fed_by_others[use.id] = true;
        }
    }
    for (std::size_t i = 0; i < count; ++i) {
        const auto id = static_cast<std::uint16_t>(i);
        if (!sequencer.is_waited_on(id) || sequencer.waits(kStream, id)) continue;
        others_semaphores_.push_back(id);
        const bool room = stream_fed_.size() < kMostLevels;
        if (!fed_by_others[i] && room) stream_fed_.push_back(id);
    }
}

// What is looked at after each cycle ----------------------------------------------------------

std::optional<ArrivalReplay::Span> ArrivalReplay::after_cycle() {
    const std::uint64_t now = transfers(chip_);
    if (now != transfers_seen_) {
        transfers_seen_ = now;
        return arrive();
    }
    if (running_ && !run_.rest_begin && others_at_rest()) come_to_rest();
    return std::nullopt;
}

void ArrivalReplay::forget_present() {
    transfers_seen_ = transfers(chip_);
    stop_recording();
}

void ArrivalReplay::stop_recording() {
    running_ = false;
    chip_.sequencer().note_signals(nullptr);
    chip_.sram_banks().ports().note_requests(nullptr);
}

void ArrivalReplay::count_others(Words& counts) {
    counts.clear();
    CounterVisitor counters = CounterVisitor::writer(counts);
    chip_.visit_other_counters(counters);
}

bool ArrivalReplay::is_stream_fed(std::uint16_t semaphore) const {
    return std::find(stream_fed_.begin(), stream_fed_.end(), semaphore) != stream_fed_.end();
}

bool ArrivalReplay::others_at_rest() const {
    if (chip_.sram_banks().ports().others() > 0) return false;
    return chip_.clock_domain().all_sleep_but(LpuChip::kStreamUnit);
}

void ArrivalReplay::come_to_rest() {
    ClockDomain& domain = chip_.clock_domain();
    const Cycles begin = domain.now() + Cycles(1);
    domain.settle_all(begin);
    words_.clear();
    StateVisitor state = StateVisitor::writer(begin, words_, hidden_);
    chip_.visit_other_state(state);
    // What will come about by waiting alone is no rest.
    if (state.anything_ahead()) return;
    run_.rest_begin = begin;
    count_others(run_.rest_counts);
}

std::optional<ArrivalReplay::Span> ArrivalReplay::arrive() {
    if (pause_ > 0) {
        --pause_;
        return std::nullopt;
    }
    if (states_.size() >= kMostStates || nodes_.size() >= 4 * kMostStates) {
        forget_present();
        states_.clear();
        states_by_hash_.clear();
        nodes_.clear();
        nodes_by_key_.clear();
    }
    chip_.clock_domain().settle_all(chip_.clock_domain().now() + Cycles(1));
    count_others(counts_);
    const std::size_t state = present_state();
    if (running_) end_segment(state);
    std::size_t node = node_of(state, present_levels());
    const std::uint64_t replayed_before = replayed_;
    const std::optional<Span> span = replay(node);
    patience_ = std::min(patience_ + replayed_ - replayed_before, kPatience);
    if (patience_ == kPatience) next_pause_ = kPatience;
    if (--patience_ == 0) {
        patience_ = kShortPatience;
        pause_ = next_pause_;
        next_pause_ = std::min(2 * next_pause_, kLongestPause);
        forget_present();
        return span;
    }
    transfers_seen_ = transfers(chip_);
    if (span) count_others(counts_);
    begin_segment(node);
    return span;
}

std::size_t ArrivalReplay::present_state() {
    words_.clear();
    StateVisitor state =
        StateVisitor::writer(chip_.clock_domain().now() + Cycles(1), words_, hidden_);
    chip_.visit_other_state(state);
    state.part("semaphores");
    const Sequencer::Counts& counts = std::as_const(chip_).sequencer().semaphores();
    for (const std::uint16_t id : others_semaphores_) {
        if (!is_stream_fed(id)) state.known(counts[id]);
    }
    const std::uint64_t hash = hash_of(words_);
    const auto [first, last] = states_by_hash_.equal_range(hash);
    for (auto it = first; it != last; ++it) {
        if (states_[it->second] == words_) return it->second;
    }
    states_.push_back(words_);
    states_by_hash_.emplace(hash, states_.size() - 1);
    return states_.size() - 1;
}

std::uint64_t ArrivalReplay::present_levels() const {
    const Sequencer::Counts& counts = std::as_const(chip_).sequencer().semaphores();
    std::uint64_t levels = 0;
    for (const std::uint16_t id : stream_fed_) {
        levels = levels << 4U | std::min(counts[id], kHighestLevel);
    }
    return levels;
}

std::size_t ArrivalReplay::node_of(std::size_t state, std::uint64_t levels) {
    const auto [it, added] = nodes_by_key_.emplace(NodeKey{state, levels}, nodes_.size());
    if (added) nodes_.push_back({state, {}});
    return it->second;
}

// Recording -------------------------------------------------------------------------------------

void ArrivalReplay::begin_segment(std::size_t node) {
    running_ = true;
    Running& run = run_;
    run.node = node;
    run.arrived_at = chip_.clock_domain().now();
    run.refusals = refusals(chip_);
    run.completions = std::as_const(chip_).retired().completions();
    run.others_active = chip_.sram_banks().ports().others();
    run.counts.swap(counts_);
    run.semaphores = std::as_const(chip_).sequencer().semaphores();
    for (std::size_t i = 0; i < isa::kQueueCount; ++i) {
        run.cursors[i] = chip_.cursor(isa::queue_at(i));
    }
    run.signals.clear();
    run.requests.clear();
    run.rest_begin.reset();
    chip_.sequencer().note_signals(&run.signals);
    chip_.sram_banks().ports().note_requests(&run.requests);
}

void ArrivalReplay::end_segment(std::size_t state) {
    stop_recording();
    // Where somebody was refused, neither the segment nor the state it ended in is what is known.
    if (refusals(chip_) != run_.refusals) return;
    if (std::as_const(chip_).retired().completions() != run_.completions) return;
    Segment segment;
    segment.rests = run_.rest_begin.has_value();
    const Cycles end = segment.rests ? *run_.rest_begin - Cycles(1) : chip_.clock_domain().now();
    segment.length = (end - run_.arrived_at).count();

    std::vector<Segment>& known = nodes_[run_.node].segments;
    auto it = std::find_if(known.begin(), known.end(), [&](const Segment& other) {
        return other.rests == segment.rests && other.length == segment.length;
    });
    if (it == known.end()) {
        if (known.size() == kMostSegments) known.erase(known.begin());
        it = known.insert(known.end(), segment);
    }
    if (!it->replayable && record(segment)) *it = std::move(segment);
    const isa::SemaphoreUses& signals = chip_.weight_stream().completed()->signals;
    for (const Outcome& outcome : it->outcomes) {
        if (equal(*outcome.signals, signals)) return;
    }
    it->outcomes.push_back({&signals, state});
}

/// False, and the segment is of no use, if it cannot be replayed.
bool ArrivalReplay::record(Segment& segment) const {
    if (!record_ports(segment) || !record_drift(segment) || !record_fetches(segment)) return false;
    segment.growth = segment.rests ? run_.rest_counts : counts_;
    for (std::size_t i = 0; i < counts_.size(); ++i) segment.growth[i] -= run_.counts[i];
    if (segment.rests) {
        const Cycles end = chip_.clock_domain().now() + Cycles(1);
        const std::uint64_t rested = (end - *run_.rest_begin).count();
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            if (counts_[i] - run_.rest_counts[i] == rested) segment.idle.push_back(i);
        }
    }
    for (const Sequencer::Signal& signal : run_.signals) {
        if (!std::as_const(chip_).sequencer().waits(kStream, signal.use.id)) continue;
        segment.answers.push_back({(signal.at - run_.arrived_at).count(), signal.use});
    }
    segment.replayable = true;
    return true;
}

bool ArrivalReplay::record_ports(Segment& segment) const {
    const SramPortGroup& ports = std::as_const(chip_).sram_banks().ports();
    // With room for one more client than the others ever are, nobody can be refused.
    if (ports.most_others() < ports.bank_ports()) return true;
    // Else all of their requests must have been seen, which are when the stream, too, was active
    // all the time.
    if (!segment.rests || run_.others_active > 0 || ports.stream_paused()) return false;
    segment.taken = taken_banks();
    return true;
}

/// Banks of which the others alone took all ports; the stream's word would have been one too many.
std::vector<ArrivalReplay::TakenBank> ArrivalReplay::taken_banks() const {
    const SramBanks& sram = std::as_const(chip_).sram_banks();
    const std::vector<SramPortGroup::Request>& requests = run_.requests;
    std::vector<TakenBank> taken;
    std::vector<std::uint32_t> used(sram.banks());
    for (std::size_t begin = 0; begin < requests.size();) {
        std::size_t end = begin;
        std::fill(used.begin(), used.end(), 0);
        for (; end < requests.size() && requests[end].at == requests[begin].at; ++end) {
            for (std::uint32_t i = 0; i < requests[end].words; ++i) {
                const std::uint64_t bank = sram.bank_of(requests[end].first + i);
                if (++used[bank] != sram.ports().bank_ports()) continue;
                taken.push_back({(requests[end].at - run_.arrived_at).count(), bank});
            }
        }
        begin = end;
    }
    return taken;
}

bool ArrivalReplay::record_drift(Segment& segment) const {
    const Sequencer& sequencer = std::as_const(chip_).sequencer();
    const isa::SemaphoreUses& arrived = chip_.weight_stream().completed()->signals;
    for (const std::uint16_t id : others_semaphores_) {
        std::uint64_t drift = sequencer.semaphores()[id] - run_.semaphores[id];
        for (const isa::SemaphoreUse& use : arrived) drift -= use.id == id ? use.count : 0;
        segment.drift.push_back(drift);
        if (!is_stream_fed(id) || run_.semaphores[id] < kHighestLevel) continue;
        // Nobody may have found out that it was not more than that.
        if (std::uint64_t{0} - drift + sequencer.most_taken()[id] > kHighestLevel) return false;
    }
    return true;
}

bool ArrivalReplay::record_fetches(Segment& segment) const {
    for (std::size_t i = 0; i < isa::kQueueCount; ++i) {
        const isa::Queue queue = isa::queue_at(i);
        if (queue == kStream) continue;
        const isa::Cursor& now = std::as_const(chip_).sequencer().cursor(queue);
        isa::Cursor cursor = *run_.cursors[i];
        Fetches fetches{queue, {}};
        while (cursor.position() != now.position() || cursor.repetitions() != now.repetitions()) {
            if (fetches.entries.size() == kMostFetches) return false;
            fetches.entries.push_back(cursor.position());
            cursor.advance(chip_.program().queue(queue));
        }
        if (fetches.entries.empty()) continue;
        fetches.entries.push_back(now.position());
        segment.fetches.push_back(std::move(fetches));
    }
    return true;
}

// Replaying -------------------------------------------------------------------------------------

std::optional<ArrivalReplay::Span> ArrivalReplay::replay(std::size_t& node) {
    Next next = next_segment(nodes_[node]);
    if (next.segment == nullptr) return std::nullopt;
    ClockDomain& domain = chip_.clock_domain();
    WeightStream& stream = chip_.weight_stream();
    const Cycles begin = domain.now() + Cycles(1);
    DeliveryLog* const deliveries = stream.noted_deliveries();
    const std::uint64_t credit = stream.credit();
    stream.note_deliveries(nullptr);
    chip_.sram_banks().ports().silence_others();
    used_.clear();
    repetitions_seen_ = chip_.cursor(isa::Queue::Compute).repetitions();
    while (next.segment != nullptr && follow(*next.segment)) {
        node = node_of(next.state, present_levels());
        next = wants_a_stop() ? Next{} : next_segment(nodes_[node]);
    }
    stream.note_deliveries(deliveries);
    put_others(nodes_[node].state);
    if (used_.empty()) return std::nullopt;
    if (deliveries != nullptr) deliveries->push_back(Delivery::known_for(credit, stream.credit()));
    // What the others take in between is not looked at.
    chip_.sequencer().forget_lowest();
    add_growth();
    return Span{begin, domain.now() + Cycles(1)};
}

bool ArrivalReplay::wants_a_stop() {
    const isa::Cursor& compute = chip_.cursor(isa::Queue::Compute);
    if (compute.repetitions() == repetitions_seen_) return false;
    repetitions_seen_ = compute.repetitions();
    return worth_stopping_(compute.repeated_loop());
}

/// What the transfer signals that arrives next.
const isa::SemaphoreUses* ArrivalReplay::next_signals() const {
    if (const isa::Instruction* next = chip_.weight_stream().completing()) return &next->signals;
    const auto& fetched = chip_.sequencer().state_of(kStream).fetched;
    return fetched.empty() ? nullptr : &fetched.front().instruction->signals;
}

ArrivalReplay::Next ArrivalReplay::next_segment(Node& node) {
    if (node.segments.empty()) return {};
    const isa::SemaphoreUses* const signals = next_signals();
    if (signals == nullptr) return {};
    for (Segment& segment : node.segments) {
        if (!fits(segment)) continue;
        for (const Outcome& outcome : segment.outcomes) {
            if (equal(*outcome.signals, *signals)) return {&segment, outcome.state};
        }
    }
    return {};
}

/// Whether it may be what follows, as far as the stream can be foreseen: nothing arrives before its
/// end, and the stream writes to no bank whose ports it takes.
bool ArrivalReplay::fits(const Segment& segment) const {
    if (!segment.replayable) return false;
    const WeightStream& stream = std::as_const(chip_).weight_stream();
    const std::uint64_t least = stream.cycles_to_completion();
    if (least == 0) return segment.taken.empty();
    if (segment.rests ? least <= segment.length : least + 1 != segment.length) return false;
    if (segment.taken.empty()) return true;
    if (!stream.writes_steadily()) return false;
    const SramBanks& sram = std::as_const(chip_).sram_banks();
    return std::none_of(segment.taken.begin(), segment.taken.end(), [&](const TakenBank& taken) {
        const WeightStream::Words words = stream.steady_writes(taken.cycles - 1);
        for (std::uint64_t word = words.first; word < words.end; ++word) {
            if (sram.bank_of(word) == taken.bank) return true;
        }
        return false;
    });
}

/// Lets the segment happen, up to and with the next arrival, but for the others' state. False, and
/// nothing has happened, if it is not what follows.
bool ArrivalReplay::follow(Segment& segment) {
    if (!fetch(segment)) return false;
    const Cycles arrived_at = chip_.clock_domain().now();
    const bool foreseen = segment.rests && chip_.weight_stream().cycles_to_completion() > 0;
    std::optional<StreamMemory> memory;
    if (!foreseen) memory.emplace(chip_);
    if (!let_stream_arrive(segment, arrived_at)) {
        if (!memory) throw std::logic_error("the stream did not arrive when it had to");
        memory->recall(chip_);
        take_back_fetches();
        return false;
    }
    Sequencer& sequencer = chip_.sequencer();
    for (std::size_t i = 0; i < others_semaphores_.size(); ++i) {
        const std::uint16_t id = others_semaphores_[i];
        sequencer.set_semaphore(id, sequencer.semaphores()[id] + segment.drift[i]);
    }
    if (segment.uses == 0) used_.push_back(&segment);
    ++segment.uses;
    ++replayed_;
    if (segment.rests) {
        segment.rested += (chip_.clock_domain().now() - arrived_at).count() - segment.length;
    }
    return true;
}

/// Moves the others' queues on, if they are about to fetch the same again.
bool ArrivalReplay::fetch(const Segment& segment) {
    cursors_before_.clear();
    for (const Fetches& fetches : segment.fetches) {
        isa::Cursor& cursor = chip_.cursor(fetches.queue);
        cursors_before_.emplace_back(fetches.queue, cursor);
        const isa::QueueProgram& program = chip_.program().queue(fetches.queue);
        bool same = true;
        for (std::size_t i = 0; same && i < fetches.entries.size(); ++i) {
            same = cursor.position() == fetches.entries[i];
            if (same && i + 1 < fetches.entries.size()) cursor.advance(program);
        }
        if (same) continue;
        take_back_fetches();
        return false;
    }
    return true;
}

void ArrivalReplay::take_back_fetches() {
    for (const auto& [queue, cursor] : cursors_before_) chip_.cursor(queue) = cursor;
}

/// Lets the stream go on alone, with the segment's signals, until it completes a transfer. False if
/// that is not when the segment ends.
bool ArrivalReplay::let_stream_arrive(const Segment& segment, Cycles begin) {
    ClockDomain& domain = chip_.clock_domain();
    InstructionSource& queue = chip_.sequencer().source(kStream);
    const std::uint64_t completed = transfers(chip_);
    auto answer = segment.answers.begin();
    while (transfers(chip_) == completed) {
        const Cycles wake = domain.wake_of(LpuChip::kStreamUnit);
        // The stream is updated first in a cycle; what others signal in it comes after.
        if (answer != segment.answers.end() && begin + Cycles(answer->cycles) < wake) {
            queue.signal(begin + Cycles(answer->cycles), {answer->use});
            ++answer;
        } else if (wake == kNever) {
            return false;
        } else {
            domain.step_alone(LpuChip::kStreamUnit);
        }
    }
    const std::uint64_t passed = (domain.now() - begin).count();
    if (segment.rests ? passed <= segment.length : passed != segment.length) return false;
    for (; answer != segment.answers.end(); ++answer) queue.signal(domain.now(), {answer->use});
    return true;
}

void ArrivalReplay::put_others(std::size_t state) {
    StateVisitor restorer =
        StateVisitor::restorer(chip_.clock_domain().now() + Cycles(1), states_[state]);
    chip_.visit_other_state(restorer);
    chip_.sram_banks().ports().count_active();
}

void ArrivalReplay::add_growth() {
    Words growth(used_.front()->growth.size());
    for (Segment* segment : used_) {
        for (std::size_t i = 0; i < growth.size(); ++i) {
            growth[i] += segment->uses * segment->growth[i];
        }
        for (const std::size_t i : segment->idle) growth[i] += segment->rested;
        segment->uses = 0;
        segment->rested = 0;
    }
    CounterVisitor adder = CounterVisitor::adder(growth, 1);
    chip_.visit_other_counters(adder);
}

}  // namespace lpusim
