#include "hw_models/units/sequencer.h"

#include <algorithm>

namespace lpusim {

class Sequencer::QueueFront final : public InstructionSource {
public:
    QueueFront(Sequencer& sequencer, const isa::QueueProgram& program,
               const SequencerParams& params)
        : sequencer_(sequencer),
          program_(program),
          issue_delay_(params.issue_latency + Cycles(1)),
          state_(program, params.queue_depth) {
        for (std::uint32_t i = 0; i < params.queue_depth; ++i) fetch(Cycles(i));
    }

    const isa::Instruction* ready(Cycles now) const override {
        if (state_.fetched.empty() || state_.fetched.front().issued_at > now) return nullptr;
        const isa::Instruction& front = *state_.fetched.front().instruction;
        return missing(front) == nullptr ? &front : nullptr;
    }

    EngineState stall(Cycles now) const override {
        if (state_.fetched.empty()) return EngineState::Idle;
        if (state_.fetched.front().issued_at > now) return EngineState::Waiting;
        const isa::SemaphoreUse* lacking = missing(*state_.fetched.front().instruction);
        if (lacking == nullptr) return EngineState::Waiting;
        const bool space =
            sequencer_.program_.semaphores[lacking->id].kind == isa::SemaphoreKind::Space;
        return space ? EngineState::Blocked : EngineState::Waiting;
    }

    Cycles next_issue(Cycles now) const override {
        if (state_.fetched.empty() || state_.fetched.front().issued_at <= now) return kNever;
        return state_.fetched.front().issued_at;
    }

    void start(Cycles now) override {
        for (const isa::SemaphoreUse& wait : state_.fetched.front().instruction->waits) {
            sequencer_.state_.semaphores[wait.id] -= wait.count;
            sequencer_.note_lowest(wait.id, sequencer_.state_.semaphores[wait.id]);
            sequencer_.show_level(now, wait.id);
        }
        state_.fetched.pop_front();
        fetch(std::max(now, state_.last_fetch) + Cycles(1));
    }

    void signal(Cycles now, const isa::SemaphoreUses& signals) override {
        for (const isa::SemaphoreUse& use : signals) {
            sequencer_.state_.semaphores[use.id] += use.count;
            sequencer_.show_level(now, use.id);
            sequencer_.waiters_[use.id].wake(now + Cycles(1));
            if (sequencer_.signals_ != nullptr) sequencer_.signals_->push_back({now, use});
        }
    }

    void visit_state(StateVisitor& visitor) {
        auto& [cursor, fetched, last_fetch] = state_;
        visitor.known(cursor.position());
        visitor.known(cursor.iterations_left().size());
        visitor.size(fetched);
        for (Fetched& entry : fetched) {
            auto& [instruction, issued_at] = entry;
            visitor.value(instruction);
            visitor.deadline(issued_at);
        }
        visitor.deadline(last_fetch);
    }
    isa::Cursor& cursor() { return state_.cursor; }
    const QueueState& state() const { return state_; }
    void return_to(const QueueState& state) { state_ = state; }

    bool finished() const { return state_.fetched.empty(); }
    /// The first semaphore that the front waits for in vain, nullptr if none or if there is no
    /// front.
    const isa::SemaphoreUse* lacking() const {
        return state_.fetched.empty() ? nullptr : missing(*state_.fetched.front().instruction);
    }

private:
    void fetch(Cycles at) {
        if (state_.cursor.at_end()) return;
        const auto& instruction = std::get<isa::Instruction>(program_[state_.cursor.position()]);
        state_.fetched.push_back({&instruction, at + issue_delay_});
        state_.last_fetch = at;
        state_.cursor.advance(program_);
    }

    const isa::SemaphoreUse* missing(const isa::Instruction& instruction) const {
        const auto& semaphores = sequencer_.state_.semaphores;
        for (const isa::SemaphoreUse& wait : instruction.waits) {
            if (semaphores[wait.id] < wait.count) return &wait;
        }
        return nullptr;
    }

    Sequencer& sequencer_;
    const isa::QueueProgram& program_;
    Cycles issue_delay_;
    QueueState state_;
};

Sequencer::Sequencer(const sc_core::sc_module_name& name, const SequencerParams& params,
                     const isa::Program& program)
    : sc_core::sc_module(name),
      program_(program),
      waiting_queues_(program.semaphores.size()),
      waiters_(program.semaphores.size()),
      most_taken_(program.semaphores.size()),
      levels_(program.semaphores.size()) {
    for (const isa::Semaphore& semaphore : program.semaphores) {
        state_.semaphores.push_back(semaphore.initial);
    }
    lowest_ = state_.semaphores;
    for (std::size_t i = 0; i < isa::kQueueCount; ++i) {
        for (const isa::Entry& entry : program.queues[i]) {
            const auto* instruction = std::get_if<isa::Instruction>(&entry);
            if (instruction == nullptr) continue;
            for (const isa::SemaphoreUse& wait : instruction->waits) {
                waiting_queues_[wait.id] = isa::queue_at(i);
                std::uint64_t& most = most_taken_[wait.id];
                most = std::max<std::uint64_t>(most, wait.count);
            }
        }
    }
    for (std::size_t i = 0; i < isa::kQueueCount; ++i) {
        queues_[i] = std::make_unique<QueueFront>(*this, program.queues[i], params);
    }
}

Sequencer::~Sequencer() = default;

InstructionSource& Sequencer::source(isa::Queue queue) {
    return *queues_[static_cast<std::size_t>(queue)];
}

void Sequencer::connect(isa::Queue queue, Waker owner) {
    for (std::size_t i = 0; i < waiters_.size(); ++i) {
        if (waiting_queues_[i] == queue) waiters_[i] = owner;
    }
}

void Sequencer::visit_state(StateVisitor& visitor, isa::Queue queue) {
    queues_[static_cast<std::size_t>(queue)]->visit_state(visitor);
}

void Sequencer::take_lowest(Counts& lowest) {
    lowest.insert(lowest.end(), lowest_.begin(), lowest_.end());
    lowest_ = state_.semaphores;
}

const Sequencer::QueueState& Sequencer::state_of(isa::Queue queue) const {
    return queues_[static_cast<std::size_t>(queue)]->state();
}

void Sequencer::return_to(isa::Queue queue, const QueueState& state) {
    queues_[static_cast<std::size_t>(queue)]->return_to(state);
}

void Sequencer::show_level(Cycles now, std::uint16_t semaphore) {
    if (levels_[semaphore].empty()) return;
    const isa::Semaphore& declared = program_.semaphores[semaphore];
    const std::uint64_t count = state_.semaphores[semaphore];
    const bool space = declared.kind == isa::SemaphoreKind::Space;
    levels_[semaphore]->level(now + Cycles(1), space && count < declared.initial
                                                   ? declared.initial - count
                                               : space ? 0
                                                       : count);
}

void Sequencer::visit_probes(ProbeVisitor& visitor) {
    for (std::size_t i = 0; i < levels_.size(); ++i) {
        const isa::Semaphore& declared = program_.semaphores[i];
        const bool space = declared.kind == isa::SemaphoreKind::Space;
        const std::uint64_t initial = space ? 0 : declared.initial;
        visitor.level({"Sequencer", declared.name, space ? "in use" : "signalled", initial},
                      levels_[i]);
    }
}

isa::Cursor& Sequencer::cursor(isa::Queue queue) {
    return queues_[static_cast<std::size_t>(queue)]->cursor();
}

const isa::Cursor& Sequencer::cursor(isa::Queue queue) const {
    return queues_[static_cast<std::size_t>(queue)]->cursor();
}

bool Sequencer::finished(isa::Queue queue) const {
    return queues_[static_cast<std::size_t>(queue)]->finished();
}

std::string Sequencer::describe_stalls() const {
    std::string text;
    for (std::size_t i = 0; i < isa::kQueueCount; ++i) {
        const isa::SemaphoreUse* lacking = queues_[i]->lacking();
        if (lacking == nullptr) continue;
        if (!text.empty()) text += "; ";
        text += std::string(isa::name_of(isa::queue_at(i))) + " waits for " +
                program_.semaphores[lacking->id].name;
    }
    return text;
}

}  // namespace lpusim
