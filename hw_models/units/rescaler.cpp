#include "hw_models/units/rescaler.h"

#include <algorithm>

namespace lpusim {

namespace {

const isa::ComputeTile& computed_tile(const isa::Instruction& instruction) {
    return std::get<isa::ComputeTile>(instruction.payload);
}

constexpr std::uint64_t kResultElementBytes = 2;

}  // namespace

Rescaler::Rescaler(const sc_core::sc_module_name& name, const RescalerParams& params,
                   VectorPipe& input, InstructionSource& completions, SramPort& result_port,
                   RetireLog& retired, std::size_t operators)
    : sc_core::sc_module(name),
      params_(params),
      input_(input),
      completions_(completions),
      port_(result_port),
      retired_(retired),
      words_per_cycle_(static_cast<std::uint32_t>(std::min<std::uint64_t>(
          ceil_div(params.lanes * kResultElementBytes, result_port.width().count()),
          result_port.max_words()))),
      rescale_account_("rescaler", "Rescaler", operators),
      write_account_("sram_banks.result_write", "SramBanks", operators) {
    state_.results.set_capacity(params.depth.count() + 1 + kResultQueue);
}

void Rescaler::visit_state(StateVisitor& visitor) {
    auto& [current, last_vector, cycles_left, results, stall, write_stall] = state_;
    visitor.value(current);
    visitor.value(last_vector);
    visitor.value(cycles_left);
    visitor.size(results);
    for (Result& result : results) {
        auto& [compute, last, words_left, words_written, ready_at] = result;
        visitor.value(compute);
        visitor.value(last);
        visitor.value(words_left);
        visitor.value(words_written);
        visitor.deadline(ready_at);
    }
    visitor.value(stall);
    visitor.value(write_stall);
}

void Rescaler::visit_counters(CounterVisitor& visitor) {
    auto& [rescales, result_bytes] = stats_;
    visitor.count(rescales);
    visitor.count(result_bytes);
    rescale_account_.visit_counters(visitor);
    write_account_.visit_counters(visitor);
}

void Rescaler::visit_probes(ProbeVisitor& visitor) {
    rescale_account_.visit_probes(visitor, {isa::Queue::Compute, false, 1});
    write_account_.visit_probes(visitor, {isa::Queue::Compute, false, 1});
}

bool Rescaler::has_place_for(const VectorPipe::Entry& vector, std::size_t reserved) const {
    if (computed_tile(*vector.compute).result_bytes == Bytes(0)) return true;
    return state_.results.size() + reserved < state_.results.capacity();
}

EngineState Rescaler::rescale_stall(Cycles now) const {
    if (state_.current != nullptr) return EngineState::Busy;
    const VectorPipe::Entry* front = input_.front(now);
    if (front != nullptr && !has_place_for(*front, 0)) return EngineState::Blocked;
    return input_.ended() ? EngineState::Idle : EngineState::Starved;
}

EngineState Rescaler::write_stall(Cycles now) const {
    if (!state_.results.empty()) return EngineState::Starved;
    return state_.current == nullptr && rescale_stall(now) == EngineState::Idle
               ? EngineState::Idle
               : EngineState::Starved;
}

void Rescaler::evaluate(Cycles now) {
    decided_ = rescale_stall(now);
    write_decided_ = write_stall(now);
    const VectorPipe::Entry* front = input_.front(now);
    const bool finishing = state_.current != nullptr && state_.cycles_left == 1;
    // The vector being finished in this cycle takes its place in the result queue first.
    const bool reserves = finishing && computed_tile(*state_.current).result_bytes > Bytes(0);
    take_ = front != nullptr && (state_.current == nullptr || finishing) &&
            has_place_for(*front, reserves ? 1 : 0);

    words_requested_ = 0;
    if (state_.results.empty() || state_.results.front().ready_at > now) return;
    const Result& writing = state_.results.front();
    words_requested_ =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(writing.words_left, words_per_cycle_));
    port_.request(writing.words_written, words_requested_);
}

void Rescaler::complete(Cycles now, const isa::Instruction& compute) {
    completions_.signal(now, compute.signals);
    retired_.completed(now, compute);
}

void Rescaler::finish_vector(Cycles now) {
    const isa::ComputeTile& tile = computed_tile(*state_.current);
    stats_.rescales += tile.rescales_per_vector;
    if (data_ != nullptr) data_->vector_rescaled();
    if (tile.result_bytes > Bytes(0)) {
        const std::uint64_t words = ceil_div(tile.result_bytes.count(), port_.width().count());
        state_.results.push_back(
            {state_.current, state_.last_vector, words, 0, now + Cycles(1) + params_.depth});
    } else if (state_.last_vector) {
        complete(now, *state_.current);
    }
    rescale_account_.ended(now + Cycles(1), *state_.current, state_.last_vector);
    state_.current = nullptr;
}

void Rescaler::take(Cycles now) {
    const VectorPipe::Entry* vector = input_.front(now);
    state_.current = vector->compute;
    state_.last_vector = vector->last_vector;
    const std::uint64_t rescales = computed_tile(*vector->compute).rescales_per_vector;
    rescale_account_.began(now + Cycles(1), *vector->compute);
    state_.cycles_left = std::max<std::uint64_t>(1, ceil_div(rescales, params_.lanes));
    input_.pop(now);
}

void Rescaler::write_granted(Cycles now) {
    const std::uint32_t granted = words_requested_ > 0 ? port_.granted() : 0;
    if (granted == 0) {
        write_account_.stalled(words_requested_ > 0 ? EngineState::Blocked : write_decided_);
        return;
    }
    Result& writing = state_.results.front();
    write_account_.busy(writing.compute->op);
    if (data_ != nullptr) {
        const std::uint64_t width = port_.width().count();
        const std::uint64_t begin = writing.words_written * width;
        data_->result_written(begin, begin + granted * width);
    }
    if (writing.words_written == 0) write_account_.began(now, *writing.compute);
    writing.words_left -= granted;
    writing.words_written += granted;
    if (writing.words_left > 0) return;
    stats_.result_bytes += computed_tile(*writing.compute).result_bytes.count();
    if (writing.last_vector) complete(now, *writing.compute);
    write_account_.ended(now + Cycles(1), *writing.compute, writing.last_vector);
    state_.results.pop_front();
}

void Rescaler::commit(Cycles now) {
    write_granted(now);
    if (decided_ == EngineState::Busy) {
        rescale_account_.busy(state_.current->op);
        if (--state_.cycles_left == 0) finish_vector(now);
    } else {
        rescale_account_.stalled(decided_);
    }
    if (take_) take(now);
    port_.set_active(now, !state_.results.empty());
}

Cycles Rescaler::update(Cycles now) {
    commit(now);
    return plan_sleep(now);
}

Cycles Rescaler::plan_sleep(Cycles now) {
    const Cycles next = now + Cycles(1);
    if (state_.current != nullptr) {
        // Busy until its last cycle, in which it finishes the vector and takes another.
        Cycles wake = now + Cycles(state_.cycles_left);
        if (!state_.results.empty()) {
            wake = std::min(wake, std::max(state_.results.front().ready_at, next));
        }
        state_.write_stall = write_stall(next);
        return wake;
    }
    const VectorPipe::Entry* front = input_.front(next);
    if (front != nullptr && has_place_for(*front, 0)) return next;
    Cycles wake = input_.next_leaves_at();
    if (wake <= next) wake = kNever;  // there, but blocked by the results being written
    if (!state_.results.empty()) {
        const Cycles ready_at = state_.results.front().ready_at;
        if (ready_at <= next) return next;
        wake = std::min(wake, ready_at);
    }
    state_.stall = rescale_stall(next);
    state_.write_stall = write_stall(next);
    return wake;
}

void Rescaler::settle(Cycles from, Cycles to) {
    const std::uint64_t cycles = (to - from).count();
    write_account_.stalled(state_.write_stall, cycles);
    if (state_.current != nullptr) {
        rescale_account_.busy(state_.current->op, cycles);
        state_.cycles_left -= cycles;
        return;
    }
    rescale_account_.stalled(state_.stall, cycles);
}

}  // namespace lpusim
