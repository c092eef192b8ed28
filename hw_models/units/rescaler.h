#pragma once

#include <boost/circular_buffer.hpp>
#include <systemc>

#include "hw_models/core/clock_domain.h"
#include "hw_models/core/cycle_account.h"
#include "hw_models/core/instruction_source.h"
#include "hw_models/core/retire_log.h"
#include "hw_models/core/sram_port.h"
#include "hw_models/core/vector_pipe.h"
#include "hw_models/data/data_path.h"
#include "hw_models/units/rescaler_params.h"

namespace lpusim {

/// Multiplies the partial sums that leave the array by their scales (and subtracts zero x sum of
/// activations), accumulates them per column, and writes finished results to SRAM.
///
/// A vector takes ceil(rescales / lanes) cycles, at least one. Its results reach the write client
/// `depth` cycles after the last of them, and are written up to 2 x lanes bytes (FP16) per cycle.
class Rescaler : public sc_core::sc_module, public ClockedUnit {
public:
    /// `completions` receives the signals of compute instructions.
    Rescaler(const sc_core::sc_module_name& name, const RescalerParams& params, VectorPipe& input,
             InstructionSource& completions, SramPort& result_port, RetireLog& retired,
             std::size_t operators);

    void carry(DataPath& data) { data_ = &data; }

    struct Stats {
        std::uint64_t rescales = 0;
        std::uint64_t result_bytes = 0;
    };
    const Stats& stats() const { return stats_; }
    const CycleAccount& rescale_account() const { return rescale_account_; }
    const CycleAccount& write_account() const { return write_account_; }

    /// Vectors whose results wait to be written, beyond those on their way through the pipeline
    /// (depth + 1).
    static constexpr std::size_t kResultQueue = 2;

    void visit_state(StateVisitor& visitor);
    void visit_counters(CounterVisitor& visitor);
    void visit_probes(ProbeVisitor& visitor);

    void settle(Cycles from, Cycles to) override;
    void evaluate(Cycles now) override;
    Cycles update(Cycles now) override;
    void commit(Cycles now) override;
    Cycles plan_sleep(Cycles now) override;

private:
    struct Result {
        const isa::Instruction* compute = nullptr;
        bool last_vector = false;
        std::uint64_t words_left = 0;
        std::uint64_t words_written = 0;
        Cycles ready_at;
    };
    struct State {
        const isa::Instruction* current = nullptr;
        bool last_vector = false;
        std::uint64_t cycles_left = 0;
        boost::circular_buffer<Result> results;
        EngineState stall = EngineState::Starved;
        EngineState write_stall = EngineState::Starved;
    };
    bool has_place_for(const VectorPipe::Entry& vector, std::size_t reserved) const;
    EngineState rescale_stall(Cycles now) const;
    EngineState write_stall(Cycles now) const;
    void take(Cycles now);
    void finish_vector(Cycles now);
    void complete(Cycles now, const isa::Instruction& compute);
    void write_granted(Cycles now);

    RescalerParams params_;
    VectorPipe& input_;
    InstructionSource& completions_;
    SramPort& port_;
    RetireLog& retired_;
    std::uint32_t words_per_cycle_;
    DataPath* data_ = nullptr;
    State state_;
    Stats stats_;
    CycleAccount rescale_account_;
    CycleAccount write_account_;
    // Decided in evaluate, committed in update of the same cycle.
    bool take_ = false;
    EngineState decided_ = EngineState::Starved;
    EngineState write_decided_ = EngineState::Starved;
    std::uint32_t words_requested_ = 0;
};

}  // namespace lpusim
