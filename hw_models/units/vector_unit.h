#pragma once

#include <boost/circular_buffer.hpp>
#include <systemc>

#include "hw_models/core/clock_domain.h"
#include "hw_models/core/cycle_account.h"
#include "hw_models/core/instruction_source.h"
#include "hw_models/core/retire_log.h"
#include "hw_models/core/sram_port.h"
#include "hw_models/data/data_path.h"
#include "hw_models/units/vector_unit_params.h"

namespace lpusim {

/// Element-wise and reduction operations over vectors in SRAM.
///
/// An operation takes passes x ceil(elements / lanes) beats, one per cycle while SRAM grants the
/// words that the beat reads and writes; these are spread evenly over the beats. Its result is
/// complete `latency` cycles after the last beat. An independent operation may start directly
/// behind the last beat of the one before it, any other when all before it are complete.
class VectorUnit : public sc_core::sc_module, public ClockedUnit {
public:
    VectorUnit(const sc_core::sc_module_name& name, const VectorUnitParams& params,
               InstructionSource& source, SramPort& port, RetireLog& retired,
               std::size_t operators);

    void carry(DataPath& data) { data_ = &data; }

    struct Stats {
        std::uint64_t beats = 0;
    };
    const Stats& stats() const { return stats_; }
    const CycleAccount& vector_account() const { return vector_account_; }
    const CycleAccount& access_account() const { return access_account_; }

    void visit_state(StateVisitor& visitor);
    void visit_counters(CounterVisitor& visitor);
    void visit_probes(ProbeVisitor& visitor);

    void settle(Cycles from, Cycles to) override;
    void evaluate(Cycles now) override;
    Cycles update(Cycles now) override;
    void commit(Cycles now) override;
    Cycles plan_sleep(Cycles now) override;

private:
    struct Completion {
        const isa::Instruction* instruction = nullptr;
        Cycles at;
    };
    struct State {
        const isa::Instruction* current = nullptr;
        std::uint64_t beats = 0;
        std::uint64_t beats_done = 0;
        std::uint64_t words = 0;
        std::uint64_t words_done = 0;
        boost::circular_buffer<Completion> completing;
        bool steady = false;
        EngineState stall = EngineState::Waiting;
    };

    /// Words moved when the first `beats` beats are done.
    std::uint64_t words_after(std::uint64_t beats) const;
    bool may_begin(const isa::Instruction& instruction) const;
    void begin(Cycles now, const isa::Instruction& instruction);
    void do_beat(Cycles now);
    void complete_due(Cycles now);

    VectorUnitParams params_;
    InstructionSource& source_;
    SramPort& port_;
    RetireLog& retired_;
    DataPath* data_ = nullptr;
    State state_;
    Stats stats_;
    CycleAccount vector_account_;
    CycleAccount access_account_;
    // Decided in evaluate, committed in update of the same cycle.
    const isa::Instruction* next_ = nullptr;
    EngineState stall_now_ = EngineState::Waiting;
    std::uint32_t words_requested_ = 0;
};

}  // namespace lpusim
