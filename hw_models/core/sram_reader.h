#pragma once

#include <cstdint>
#include <functional>

#include "hw_models/core/channel.h"
#include "hw_models/core/cycle_account.h"
#include "hw_models/core/instruction_source.h"
#include "hw_models/core/sram_port.h"
#include "hw_models/data/data_path.h"

namespace lpusim {

/// Reads one buffer after another from SRAM into a channel, up to `bytes_per_cycle`, in whole
/// words, and only when the channel has room for all that the rate allows (a reader that trickles
/// would always look busy). A part of a word that the rate leaves over is carried as credit;
/// refused words are asked for again in the next cycle.
class SramReader {
public:
    /// Bytes of the buffer that an instruction reads.
    using SizeOf = std::function<Bytes(const isa::Instruction&)>;

    SramReader(Bytes bytes_per_cycle, SramPort& port, InstructionSource& source, Channel& output,
               SizeOf size_of);

    struct Step {
        Cycles wake;
        /// The instruction that was taken from the queue in this cycle, if any.
        const isa::Instruction* started = nullptr;
    };

    void carry(DataPath& data) { data_ = &data; }
    void settle(std::uint64_t cycles, CycleAccount& account);
    /// `may_start` holds the next instruction back while the owner has no place for it.
    void evaluate(Cycles now, bool may_start = true);
    Step update(Cycles now, CycleAccount& account);
    void visit_state(StateVisitor& visitor);
    /// Whether no instruction is being read and none is left.
    bool idle(Cycles now) const {
        return state_.current == nullptr && source_.stall(now) == EngineState::Idle;
    }

private:
    struct State {
        const isa::Instruction* current = nullptr;
        std::uint64_t bytes_left = 0;
        std::uint64_t words_read = 0;
        std::uint64_t words_left = 0;
        /// Bytes of the rate that earlier cycles left over.
        std::uint64_t credit = 0;
        EngineState stall = EngineState::Waiting;
    };
    EngineState stall(Cycles now, bool may_start) const;
    std::uint64_t credit_now() const;
    void begin(Cycles now, const isa::Instruction& instruction, CycleAccount& account);
    void take_granted(Cycles now, CycleAccount& account);

    std::uint64_t bytes_per_cycle_;
    SramPort& port_;
    InstructionSource& source_;
    Channel& output_;
    SizeOf size_of_;
    DataPath* data_ = nullptr;
    State state_;
    // Decided in evaluate, committed in update of the same cycle.
    const isa::Instruction* next_ = nullptr;
    std::uint32_t requested_ = 0;
    EngineState stall_now_ = EngineState::Waiting;
    bool may_start_ = true;
    bool room_ = false;
};

}  // namespace lpusim
