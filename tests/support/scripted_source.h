#pragma once

#include <cstdint>
#include <vector>

#include "hw_models/core/instruction_source.h"
#include "tests/support/pacer.h"

namespace lpusim::test {

/// Stands in for one queue of the sequencer: offers a list of instructions, one after another, each
/// from the first cycle on that the pacer allows. Semaphores are not looked at; what an engine
/// starts and signals is recorded.
class ScriptedSource final : public InstructionSource {
public:
    explicit ScriptedSource(std::vector<isa::Instruction> script, Pacer issue = Pacer::always(),
                            EngineState while_stalled = EngineState::Waiting)
        : script_(std::move(script)),
          issue_(issue),
          while_stalled_(while_stalled),
          issued_at_(issue_.next(Cycles(0))) {}

    const isa::Instruction* ready(Cycles now) const override {
        return next_ < script_.size() && issued_at_ <= now ? &script_[next_] : nullptr;
    }
    EngineState stall(Cycles now) const override {
        if (next_ == script_.size()) return EngineState::Idle;
        return issued_at_ <= now ? EngineState::Waiting : while_stalled_;
    }
    Cycles next_issue(Cycles now) const override {
        return next_ < script_.size() && issued_at_ > now ? issued_at_ : kNever;
    }

    void start(Cycles now) override {
        starts_.push_back(now.count());
        ++next_;
        issued_at_ = issue_.next(now + Cycles(1));
    }
    void signal(Cycles now, const isa::SemaphoreUses&) override { signals_.push_back(now.count()); }

    /// The cycles in which an instruction was taken.
    const std::vector<std::uint64_t>& starts() const { return starts_; }
    /// The cycles in which one completed.
    const std::vector<std::uint64_t>& signals() const { return signals_; }

private:
    std::vector<isa::Instruction> script_;
    Pacer issue_;
    EngineState while_stalled_;
    std::size_t next_ = 0;
    Cycles issued_at_;
    std::vector<std::uint64_t> starts_;
    std::vector<std::uint64_t> signals_;
};

}  // namespace lpusim::test
