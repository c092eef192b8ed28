#include "hw_models/units/weight_stream.h"

#include <algorithm>

namespace lpusim {

namespace {

const isa::StreamTransfer& transfer_of(const isa::Instruction& instruction) {
    return std::get<isa::StreamTransfer>(instruction.payload);
}

}  // namespace

WeightStream::WeightStream(const sc_core::sc_module_name& name, const WeightStreamParams& params,
                           InstructionSource& source, SramPort& port, std::size_t operators)
    : sc_core::sc_module(name),
      params_(params),
      source_(source),
      port_(port),
      credit_per_byte_(params.rate.ratio.den),
      bytes_per_cycle_ceil_(ceil_div(params.rate.ratio.num, params.rate.ratio.den)),
      stream_account_("weight_stream", "WeightStream", operators),
      write_account_("sram_banks.stream_write", "SramBanks", operators) {
    const std::uint64_t width = port.width().count();
    // One word more than the rate fills, so that a backlog of refused words can be worked off.
    words_per_cycle_ = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(ceil_div(bytes_per_cycle_ceil_, width) + 1, port.max_words()));
    // Room for the word being filled, a cycle's bytes on either side of the register, and one
    // refused cycle.
    staging_capacity_ = 3 * bytes_per_cycle_ceil_ + 2 * width;
    state_.requested.set_capacity(params.outstanding);
    stats_.bytes_by_operator.resize(operators);
}

void WeightStream::visit_state(StateVisitor& visitor) {
    auto& [requested, delivered, staged_bytes, credit, credit_of, steady, stall, write_stall] =
        state_;
    visitor.size(requested);
    for (Transfer& transfer : requested) {
        auto& [instruction, ready_at, total, delivered_bytes, words_written] = transfer;
        visitor.value(instruction);
        visitor.deadline(ready_at);
        visitor.value(total);
        visitor.value(delivered_bytes);
        visitor.value(words_written);
    }
    visitor.value(delivered);
    visitor.value(staged_bytes);
    // The credit is less than a byte and often decides nothing: it is asked for apart.
    visitor.value(credit_of);
    visitor.value(steady);
    visitor.value(stall);
    visitor.value(write_stall);
    if (params_.refresh_period > Cycles(0)) visitor.phase(params_.refresh_period);
}

void WeightStream::visit_counters(CounterVisitor& visitor) {
    auto& [payload_bytes, padding_bytes, delivered_bytes, transfers, bytes_by_operator] = stats_;
    visitor.counts(payload_bytes);
    visitor.count(padding_bytes);
    visitor.count(delivered_bytes);
    visitor.count(transfers);
    visitor.counts(bytes_by_operator);
    stream_account_.visit_counters(visitor);
    write_account_.visit_counters(visitor);
}

void WeightStream::visit_probes(ProbeVisitor& visitor) {
    stream_account_.visit_probes(visitor, {isa::Queue::Stream, true, params_.outstanding});
    write_account_.visit_probes(visitor, {isa::Queue::Stream});
    visitor.level({"WeightStream", "staging buffer", "bytes", 0}, staged_);
}

bool WeightStream::refreshing(Cycles now) const {
    if (params_.refresh_period == Cycles(0)) return false;
    return now.count() % params_.refresh_period.count() < params_.refresh_duration.count();
}

std::uint64_t WeightStream::writable_words(const Transfer& transfer) const {
    const Divisor& width = port_.bytes_per_word();
    const std::uint64_t words = transfer.delivered == transfer.total
                                    ? width.quotient_up(transfer.total)
                                    : width.quotient(transfer.delivered);
    return words - transfer.words_written;
}

EngineState WeightStream::delivery_stall(Cycles now) const {
    if (state_.delivered < state_.requested.size()) return EngineState::Starved;  // data under way
    return next_ != nullptr ? EngineState::Waiting : source_.stall(now);
}

void WeightStream::evaluate(Cycles now) {
    // With a full ring no more is requested, and the next one does not matter.
    next_ = state_.requested.full() ? nullptr : source_.ready(now);
    deliver_ = false;
    room_to_the_byte_ = false;
    words_requested_ = 0;
    stall_now_ = delivery_stall(now);

    if (state_.delivered < state_.requested.size() &&
        state_.requested[state_.delivered].ready_at <= now) {
        const std::uint64_t staged = state_.staged_bytes + bytes_per_cycle_ceil_;
        const bool room = staged <= staging_capacity_;
        room_to_the_byte_ = staged == staging_capacity_ || staged == staging_capacity_ + 1;
        if (refreshing(now)) {
            stall_now_ = EngineState::Busy;
        } else if (room) {
            deliver_ = true;
        } else {
            stall_now_ = EngineState::Blocked;
        }
    }
    if (!state_.requested.empty()) {
        const Transfer& writing = state_.requested.front();
        words_requested_ = static_cast<std::uint32_t>(
            std::min<std::uint64_t>(writable_words(writing), words_per_cycle_));
        if (words_requested_ > 0) port_.request(writing.words_written, words_requested_);
    }
}

void WeightStream::write_granted(Cycles now) {
    const std::uint32_t granted = words_requested_ > 0 ? port_.granted() : 0;
    if (granted == 0) {
        const bool idle = state_.requested.empty() && stall_now_ == EngineState::Idle;
        write_account_.stalled(words_requested_ > 0 ? EngineState::Blocked
                               : idle               ? EngineState::Idle
                                                    : EngineState::Starved);
        return;
    }
    Transfer& writing = state_.requested.front();
    write_account_.busy(writing.instruction->op);
    const std::uint64_t width = port_.width().count();
    const std::uint64_t begin = writing.words_written * width;
    writing.words_written += granted;
    const std::uint64_t end = std::min(writing.words_written * width, writing.total);
    state_.staged_bytes -= end - begin;
    if (data_ != nullptr) data_->transferred(begin, end);
    if (end < writing.total) return;

    const isa::StreamTransfer& transfer = transfer_of(*writing.instruction);
    stats_.payload_bytes[static_cast<std::size_t>(transfer.traffic)] += transfer.payload.count();
    stats_.padding_bytes += transfer.padding.count();
    stats_.bytes_by_operator[writing.instruction->op] += writing.total;
    ++stats_.transfers;
    completed_ = writing.instruction;
    source_.signal(now, writing.instruction->signals);
    stream_account_.ended(now + Cycles(1), *writing.instruction);
    state_.requested.pop_front();
    --state_.delivered;
}

void WeightStream::deliver(Cycles now) {
    const isa::Instruction& first = *state_.requested[state_.delivered].instruction;
    const bool fresh = first.op != state_.credit_of;
    if (fresh) {
        state_.credit_of = first.op;
        state_.credit = 0;
    }
    const std::uint64_t credit = state_.credit + params_.rate.ratio.num;
    std::uint64_t bytes = credit_per_byte_.quotient(credit);
    state_.credit = credit - bytes * credit_per_byte_.value();
    Delivery* const noted = deliveries_ != nullptr ? &note(bytes) : nullptr;
    if (noted != nullptr) noted->fresh = fresh;
    stream_account_.busy(first.op);
    while (state_.delivered < state_.requested.size()) {
        Transfer& transfer = state_.requested[state_.delivered];
        // What the rate offers beyond this operator, or before the next transfer's data is there,
        // is lost.
        if (transfer.instruction->op != first.op || transfer.ready_at > now) break;
        const std::uint64_t part = std::min(bytes, transfer.total - transfer.delivered);
        transfer.delivered += part;
        state_.staged_bytes += part;
        stats_.delivered_bytes += part;
        bytes -= part;
        if (transfer.delivered < transfer.total) {
            if (noted != nullptr) note_partial(*noted, transfer.delivered, transfer.total);
            return;
        }
        ++state_.delivered;
    }
    if (noted == nullptr) return;
    noted->lost = true;
    noted->may_be_more = true;
    noted->may_be_less = bytes > 0;
}

Delivery& WeightStream::note(std::uint64_t bytes) {
    Delivery& delivery = deliveries_->emplace_back();
    delivery.bytes = bytes;
    return delivery;
}

/// After it a transfer is delivered in part. A byte more or less makes a difference when it
/// completes a word or the transfer, or the one before.
void WeightStream::note_partial(Delivery& delivery, std::uint64_t delivered,
                                std::uint64_t total) const {
    const std::uint64_t begun = port_.bytes_per_word().remainder(delivered);
    delivery.may_be_more = delivered + 1 < total && begun + 1 != port_.bytes_per_word().value();
    delivery.may_be_less = begun != 0;
}

/// Of the coming cycles of steady delivery.
void WeightStream::note_steady(std::uint64_t cycles) {
    constexpr std::uint64_t kWorthDetails = 64;
    const Fraction rate = params_.rate.ratio;
    const Transfer& front = state_.requested.front();
    if (cycles > kWorthDetails) {
        const std::uint64_t after = (state_.credit + cycles * rate.num) % rate.den;
        deliveries_->push_back(Delivery::known_for(state_.credit, after));
        return;
    }
    std::uint64_t before = 0;
    for (std::uint64_t i = 1; i <= cycles; ++i) {
        const std::uint64_t after = credit_per_byte_.quotient(state_.credit + i * rate.num);
        note_partial(note(after - before), front.delivered + after, front.total);
        before = after;
    }
}

void WeightStream::request_transfer(Cycles now, const isa::Instruction& instruction) {
    source_.start(now);
    if (data_ != nullptr) data_->transfer_started(instruction);
    Transfer transfer;
    transfer.instruction = &instruction;
    transfer.ready_at = now + Cycles(1) + params_.latency;
    transfer.total = transfer_of(instruction).total().count();
    state_.requested.push_back(transfer);
    stream_account_.began(now + Cycles(1), instruction);
}

void WeightStream::commit(Cycles now) {
    if (room_to_the_byte_ && deliveries_ != nullptr) {
        deliveries_->push_back(Delivery::known_for(state_.credit, state_.credit));
    }
    if (deliver_) {
        deliver(now);
    } else if (stall_now_ == EngineState::Busy) {
        stream_account_.busy(state_.requested[state_.delivered].instruction->op);
    } else {
        stream_account_.stalled(stall_now_);
    }
    const bool may_request = next_ != nullptr && !state_.requested.full();
    write_granted(now);
    if (may_request) request_transfer(now, *next_);
    port_.set_active(now, !state_.requested.empty());
    show_staged(now + Cycles(1));
}

Cycles WeightStream::update(Cycles now) {
    commit(now);
    return plan_sleep(now);
}

/// Steady delivery: one transfer is both delivered and written, its writes cannot be refused, and
/// the write port keeps pace.
bool WeightStream::delivers_steadily(Cycles next) const {
    if (state_.requested.empty() || state_.delivered > 0 || port_.contended()) return false;
    const Transfer& front = state_.requested.front();
    const std::uint64_t width = port_.width().count();
    return front.ready_at <= next && front.instruction->op == state_.credit_of &&
           !refreshing(next) && state_.staged_bytes + bytes_per_cycle_ceil_ <= staging_capacity_ &&
           writable_words(front) <= words_per_cycle_ &&
           words_per_cycle_ * width >= bytes_per_cycle_ceil_ + width - 1;
}

Cycles WeightStream::plan_sleep(Cycles now) {
    const Cycles next = now + Cycles(1);
    state_.steady = delivers_steadily(next);
    const bool may_request = !state_.requested.full();
    if (may_request && source_.ready(next) != nullptr) return next;
    Cycles wake = may_request ? source_.next_issue(now) : kNever;

    if (state_.steady) {
        const Transfer& front = state_.requested.front();
        const Fraction rate = params_.rate.ratio;
        const std::uint64_t missing = (front.total - front.delivered) * rate.den - state_.credit;
        wake = std::min(wake, now + Cycles(ceil_div(missing, rate.num)));
        if (params_.refresh_period == Cycles(0)) return wake;
        const std::uint64_t phase = next.count() % params_.refresh_period.count();
        return std::min(wake, next + params_.refresh_period - Cycles(phase));
    }
    if (state_.delivered == state_.requested.size() && !state_.requested.empty()) return next;
    if (state_.delivered < state_.requested.size()) {
        const Cycles ready_at = state_.requested[state_.delivered].ready_at;
        if (state_.delivered > 0 || ready_at <= next) return next;
        state_.stall = EngineState::Starved;
        state_.write_stall = EngineState::Starved;
        return std::min(wake, ready_at);
    }
    state_.stall = source_.stall(next);
    state_.write_stall =
        state_.stall == EngineState::Idle ? EngineState::Idle : EngineState::Starved;
    return wake;
}

std::uint64_t WeightStream::cycles_to_completion() const {
    if (state_.requested.empty() || state_.delivered > 0) return 0;
    const Transfer& front = state_.requested.front();
    const Fraction rate = params_.rate.ratio;
    return ceil_div((front.total - front.delivered) * rate.den - state_.credit, rate.num);
}

WeightStream::Words WeightStream::steady_writes(std::uint64_t cycles) const {
    const Fraction rate = params_.rate.ratio;
    const std::uint64_t width = port_.width().count();
    const Transfer& front = state_.requested.front();
    const auto words_after = [&](std::uint64_t n) {
        return (front.delivered + (state_.credit + n * rate.num) / rate.den) / width;
    };
    return {cycles == 0 ? front.words_written : words_after(cycles - 1), words_after(cycles)};
}

void WeightStream::settle(Cycles from, Cycles to) {
    const std::uint64_t cycles = (to - from).count();
    if (state_.steady) {
        deliver_steadily(cycles);
        show_staged(to);
        return;
    }
    stream_account_.stalled(state_.stall, cycles);
    write_account_.stalled(state_.write_stall, cycles);
}

void WeightStream::deliver_steadily(std::uint64_t cycles) {
    const Fraction rate = params_.rate.ratio;
    const std::uint64_t width = port_.width().count();
    Transfer& front = state_.requested.front();
    if (deliveries_ != nullptr) note_steady(cycles);

    const std::uint64_t before_last =
        front.delivered + (state_.credit + (cycles - 1) * rate.num) / rate.den;
    const std::uint64_t credit = state_.credit + cycles * rate.num;
    const std::uint64_t delivered = credit / rate.den;

    // Each cycle writes the words that were whole when it began. At most one word fills per cycle
    // if a word is wider than the rate, at least one otherwise.
    const std::uint64_t first_words = front.delivered / width - front.words_written;
    const std::uint64_t later_words = before_last / width - front.delivered / width;
    const std::uint64_t later_busy = bytes_per_cycle_ceil_ <= width ? later_words : cycles - 1;
    const std::uint64_t busy = (first_words > 0 ? 1 : 0) + later_busy;

    stream_account_.busy(front.instruction->op, cycles);
    write_account_.busy(front.instruction->op, busy);
    write_account_.stalled(EngineState::Starved, cycles - busy);
    port_.slept_through(first_words + later_words);

    if (data_ != nullptr) {
        const std::uint64_t begin = front.words_written * width;
        data_->transferred(begin, begin + (first_words + later_words) * width);
    }
    state_.credit = credit % rate.den;
    front.delivered += delivered;
    front.words_written += first_words + later_words;
    state_.staged_bytes += delivered;
    state_.staged_bytes -= (first_words + later_words) * width;
    stats_.delivered_bytes += delivered;
}

}  // namespace lpusim
