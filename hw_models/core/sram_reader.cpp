#include "hw_models/core/sram_reader.h"

#include <algorithm>

namespace lpusim {

SramReader::SramReader(Bytes bytes_per_cycle, SramPort& port, InstructionSource& source,
                       Channel& output, SizeOf size_of)
    : bytes_per_cycle_(bytes_per_cycle.count()),
      port_(port),
      source_(source),
      output_(output),
      size_of_(std::move(size_of)) {}

void SramReader::settle(std::uint64_t cycles, CycleAccount& account) {
    account.stalled(state_.stall, cycles);
}

EngineState SramReader::stall(Cycles now, bool may_start) const {
    if (source_.ready(now) == nullptr) return source_.stall(now);
    return may_start ? EngineState::Waiting : EngineState::Blocked;
}

std::uint64_t SramReader::credit_now() const {
    return std::min(state_.credit + bytes_per_cycle_, bytes_per_cycle_ + port_.width().count() - 1);
}

void SramReader::evaluate(Cycles now, bool may_start) {
    may_start_ = may_start;
    requested_ = 0;
    if (state_.current == nullptr) {
        next_ = may_start ? source_.ready(now) : nullptr;
        stall_now_ = stall(now, may_start);
        return;
    }

    const Divisor& width = port_.bytes_per_word();
    const std::uint64_t words = std::min(
        {state_.words_left, width.quotient(credit_now()), std::uint64_t{port_.max_words()}});
    room_ = output_.room() >= words * width.value();
    if (room_) requested_ = static_cast<std::uint32_t>(words);
    if (requested_ > 0) port_.request(state_.words_read, requested_);
    // What comes next only matters to one that may be through in this cycle.
    const bool last = requested_ == state_.words_left;
    next_ = last && may_start ? source_.ready(now) : nullptr;
}

void SramReader::begin(Cycles now, const isa::Instruction& instruction, CycleAccount& account) {
    source_.start(now);
    if (data_ != nullptr) data_->read_started(instruction);
    account.began(now + Cycles(1), instruction);
    state_.current = &instruction;
    state_.bytes_left = size_of_(instruction).count();
    state_.words_left = ceil_div(state_.bytes_left, port_.width().count());
    state_.words_read = 0;
    port_.set_active(now, true);
}

void SramReader::take_granted(Cycles now, CycleAccount& account) {
    const std::uint32_t granted = requested_ > 0 ? port_.granted() : 0;
    state_.credit = credit_now();
    if (granted > 0) {
        const std::uint64_t width = port_.width().count();
        const std::uint64_t bytes = std::min(granted * width, state_.bytes_left);
        output_.push(now, bytes);
        if (data_ != nullptr) data_->bytes_read(*state_.current, bytes);
        state_.credit -= granted * width;
        state_.bytes_left -= bytes;
        state_.words_left -= granted;
        state_.words_read += granted;
        account.busy(state_.current->op);
    } else if (requested_ > 0) {
        account.stalled(EngineState::Starved);  // refused
    } else if (room_) {
        account.busy(state_.current->op);  // waits for its own rate
    } else {
        account.stalled(EngineState::Blocked);
    }
}

void SramReader::visit_state(StateVisitor& visitor) {
    auto& [current, bytes_left, words_read, words_left, credit, stall] = state_;
    visitor.value(current);
    visitor.value(bytes_left);
    visitor.value(words_read);
    visitor.value(words_left);
    visitor.value(credit);
    visitor.value(stall);
}

SramReader::Step SramReader::update(Cycles now, CycleAccount& account) {
    if (state_.current != nullptr) {
        take_granted(now, account);
        if (state_.words_left > 0) return {now + Cycles(1), nullptr};
        source_.signal(now, state_.current->signals);
        account.ended(now + Cycles(1), *state_.current);
        state_.current = nullptr;
    } else {
        account.stalled(stall_now_);
    }
    if (next_ != nullptr) {
        begin(now, *next_, account);
        return {now + Cycles(1), next_};
    }
    state_.credit = 0;
    port_.set_active(now, false);
    state_.stall = stall(now + Cycles(1), may_start_);
    return {source_.next_issue(now)};
}

}  // namespace lpusim
