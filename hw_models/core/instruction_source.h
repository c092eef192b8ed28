#pragma once

#include "hw_models/core/cycle_account.h"
#include "hw_models/core/quantities.h"
#include "hw_models/isa/instruction.h"

namespace lpusim {

/// What an engine sees of the sequencer: the front of its own queue, and the semaphores.
class InstructionSource {
public:
    InstructionSource() = default;
    InstructionSource(const InstructionSource&) = delete;
    InstructionSource& operator=(const InstructionSource&) = delete;
    virtual ~InstructionSource() = default;

    /// The next instruction if it has been issued and all its waits hold, else nullptr. (evaluate)
    virtual const isa::Instruction* ready(Cycles now) const = 0;
    /// Why there is none: Waiting, Blocked (on a semaphore that counts space) or Idle.
    virtual EngineState stall(Cycles now) const = 0;
    /// When the front is issued, if later than `now`; else kNever (semaphores wake by themselves).
    virtual Cycles next_issue(Cycles now) const = 0;

    /// Takes the front and its waits. Only after ready() in the same cycle. (update)
    virtual void start(Cycles now) = 0;
    /// Seen from the next cycle on. (update)
    virtual void signal(Cycles now, const isa::SemaphoreUses& signals) = 0;
};

}  // namespace lpusim
