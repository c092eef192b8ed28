#include "hw_models/units/vector_unit.h"

#include <algorithm>

namespace lpusim {

namespace {

const isa::VectorOp& op_of(const isa::Instruction& instruction) {
    return std::get<isa::VectorOp>(instruction.payload);
}

std::size_t longest_latency(const VectorUnitParams& params) {
    Cycles longest;
    for (const VectorClassParams& c : params.classes) longest = std::max(longest, c.latency);
    return longest.count();
}

}  // namespace

VectorUnit::VectorUnit(const sc_core::sc_module_name& name, const VectorUnitParams& params,
                       InstructionSource& source, SramPort& port, RetireLog& retired,
                       std::size_t operators)
    : sc_core::sc_module(name),
      params_(params),
      source_(source),
      port_(port),
      retired_(retired),
      vector_account_("vector_unit", "VectorUnit", operators),
      access_account_("sram_banks.vector_access", "SramBanks", operators) {
    // Each operation takes at least one beat, so no more than this many are between last beat and
    // result.
    state_.completing.set_capacity(longest_latency(params) + 2);
}

void VectorUnit::visit_state(StateVisitor& visitor) {
    auto& [current, beats, beats_done, words, words_done, completing, steady, stall] = state_;
    visitor.value(current);
    visitor.value(beats);
    visitor.value(beats_done);
    visitor.value(words);
    visitor.value(words_done);
    visitor.size(completing);
    for (Completion& completion : completing) {
        auto& [instruction, at] = completion;
        visitor.value(instruction);
        visitor.deadline(at);
    }
    visitor.value(steady);
    visitor.value(stall);
}

void VectorUnit::visit_counters(CounterVisitor& visitor) {
    auto& [beats] = stats_;
    visitor.count(beats);
    vector_account_.visit_counters(visitor);
    access_account_.visit_counters(visitor);
}

void VectorUnit::visit_probes(ProbeVisitor& visitor) {
    vector_account_.visit_probes(visitor, {isa::Queue::Vector, true, 1});
    access_account_.visit_probes(visitor, {isa::Queue::Vector});
}

std::uint64_t VectorUnit::words_after(std::uint64_t beats) const {
    return state_.words * beats / state_.beats;
}

void VectorUnit::evaluate(Cycles now) {
    next_ = source_.ready(now);
    stall_now_ = next_ != nullptr ? EngineState::Waiting : source_.stall(now);
    words_requested_ = 0;
    if (state_.current == nullptr) return;
    words_requested_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(
        words_after(state_.beats_done + 1) - state_.words_done, port_.max_words()));
    if (words_requested_ > 0) port_.request(state_.words_done, words_requested_);
}

bool VectorUnit::may_begin(const isa::Instruction& instruction) const {
    return state_.current == nullptr &&
           (state_.completing.empty() || op_of(instruction).independent);
}

void VectorUnit::begin(Cycles now, const isa::Instruction& instruction) {
    source_.start(now);
    if (data_ != nullptr) data_->vector_started(instruction);
    const isa::VectorOp& op = op_of(instruction);
    const std::uint64_t width = port_.width().count();
    vector_account_.began(now + Cycles(1), instruction);
    state_.current = &instruction;
    state_.beats = params_.of(op.vector_class).passes * ceil_div(op.elements, params_.lanes);
    state_.beats_done = 0;
    state_.words = ceil_div(op.read_bytes.count(), width) + ceil_div(op.write_bytes.count(), width);
    state_.words_done = 0;
}

void VectorUnit::do_beat(Cycles now) {
    const std::uint32_t granted = words_requested_ > 0 ? port_.granted() : 0;
    const isa::Instruction& instruction = *state_.current;
    if (granted > 0) {
        access_account_.busy(instruction.op);
    } else {
        access_account_.stalled(EngineState::Starved);
    }
    state_.words_done += granted;
    if (state_.words_done < words_after(state_.beats_done + 1)) {
        vector_account_.stalled(EngineState::Starved);
        return;
    }
    vector_account_.busy(instruction.op);
    ++stats_.beats;
    if (++state_.beats_done < state_.beats) return;
    vector_account_.ended(now + Cycles(1), instruction);

    Cycles at = now + params_.of(op_of(instruction).vector_class).latency;
    if (!state_.completing.empty()) at = std::max(at, state_.completing.back().at);
    state_.completing.push_back({&instruction, at});
    state_.current = nullptr;
}

void VectorUnit::complete_due(Cycles now) {
    while (!state_.completing.empty() && state_.completing.front().at <= now) {
        const isa::Instruction& instruction = *state_.completing.front().instruction;
        if (data_ != nullptr) data_->vector_completed();
        source_.signal(now, instruction.signals);
        retired_.completed(now, instruction);
        state_.completing.pop_front();
    }
}

void VectorUnit::commit(Cycles now) {
    if (state_.current != nullptr) {
        do_beat(now);
    } else {
        vector_account_.stalled(stall_now_);
        access_account_.stalled(stall_now_ == EngineState::Idle ? EngineState::Idle
                                                                : EngineState::Starved);
    }
    complete_due(now);
    if (next_ != nullptr && may_begin(*next_)) begin(now, *next_);
    port_.set_active(now, state_.current != nullptr);
}

Cycles VectorUnit::update(Cycles now) {
    commit(now);
    return plan_sleep(now);
}

Cycles VectorUnit::plan_sleep(Cycles now) {
    const Cycles next = now + Cycles(1);
    state_.steady = false;
    const Cycles completion = state_.completing.empty() ? kNever : state_.completing.front().at;
    if (state_.current == nullptr) {
        const isa::Instruction* ready = source_.ready(next);
        if (ready != nullptr && may_begin(*ready)) return next;
        state_.stall = ready != nullptr ? EngineState::Waiting : source_.stall(next);
        return std::min(completion, source_.next_issue(now));
    }
    const bool at_beat_start = state_.words_done == words_after(state_.beats_done);
    if (port_.contended() || !at_beat_start ||
        ceil_div(state_.words, state_.beats) > port_.max_words()) {
        return next;
    }
    state_.steady = true;
    return std::min(completion, now + Cycles(state_.beats - state_.beats_done));
}

void VectorUnit::settle(Cycles from, Cycles to) {
    const std::uint64_t cycles = (to - from).count();
    if (!state_.steady) {
        vector_account_.stalled(state_.stall, cycles);
        access_account_.stalled(
            state_.stall == EngineState::Idle ? EngineState::Idle : EngineState::Starved, cycles);
        return;
    }
    const std::uint64_t words = words_after(state_.beats_done + cycles) - state_.words_done;
    // Spread evenly, each beat moves at least one word if there are as many words as beats, else at
    // most one.
    const std::uint64_t accesses = state_.words >= state_.beats ? cycles : words;
    vector_account_.busy(state_.current->op, cycles);
    access_account_.busy(state_.current->op, accesses);
    access_account_.stalled(EngineState::Starved, cycles - accesses);
    port_.slept_through(words);
    stats_.beats += cycles;
    state_.beats_done += cycles;
    state_.words_done += words;
}

}  // namespace lpusim
