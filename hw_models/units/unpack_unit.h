#pragma once

#include <boost/circular_buffer.hpp>
#include <systemc>

#include "hw_models/core/channel.h"
#include "hw_models/core/clock_domain.h"
#include "hw_models/core/sram_reader.h"
#include "hw_models/isa/program.h"
#include "hw_models/units/unpack_unit_params.h"

namespace lpusim {

/// Reads packed weight tiles from SRAM and expands them to operands.
///
/// The decoder emits whole beats of `lanes` operand bytes (the last beat of a tile may be short): a
/// beat goes when all packed bytes up to its last weight are at the input, metadata included, and
/// the output has room. The reader runs ahead, up to the input channel's capacity and kTilesAhead
/// tiles.
class UnpackUnit : public sc_core::sc_module, public ClockedUnit {
public:
    /// `read_output` takes the bytes read from SRAM; `packed_input` is where the decoder finds
    /// them. They are the same channel before the load port, and the load port stands between them
    /// inside the array.
    UnpackUnit(const sc_core::sc_module_name& name, const UnpackUnitParams& params,
               const isa::Program& program, InstructionSource& source, SramPort& port,
               Channel& read_output, Channel& packed_input, Channel& output);

    void carry(DataPath& data) {
        data_ = &data;
        reader_.carry(data);
    }

    struct Stats {
        std::uint64_t weights = 0;
        std::uint64_t operand_bytes = 0;
        std::uint64_t packed_bytes = 0;
    };
    const Stats& stats() const { return stats_; }
    const CycleAccount& read_account() const { return read_account_; }
    const CycleAccount& unpack_account() const { return unpack_account_; }

    /// Tiles that have been started by the reader but not finished by the decoder.
    static constexpr std::size_t kTilesAhead = 4;

    void visit_state(StateVisitor& visitor);
    void visit_counters(CounterVisitor& visitor);
    void visit_probes(ProbeVisitor& visitor);

    void settle(Cycles from, Cycles to) override;
    void evaluate(Cycles now) override;
    Cycles update(Cycles now) override;

private:
    struct Beat {
        std::uint64_t weights = 0;
        std::uint64_t packed_bytes = 0;
        std::uint64_t operand_bytes = 0;
    };
    struct State {
        boost::circular_buffer<const isa::Instruction*> tiles{kTilesAhead};
        /// Weights of the front tile that have been emitted.
        std::uint64_t weights_emitted = 0;
        /// The front tile's next beat.
        Beat beat;
        EngineState stall = EngineState::Starved;
    };
    void plan_beat();
    EngineState decoder_stall(Cycles now);
    void emit_beat(Cycles now);

    UnpackUnitParams params_;
    const isa::Program& program_;
    Channel& packed_input_;
    Channel& output_;
    SramReader reader_;
    DataPath* data_ = nullptr;
    State state_;
    Stats stats_;
    CycleAccount read_account_;
    CycleAccount unpack_account_;
    // Decided in evaluate, committed in update of the same cycle: Busy emits a beat.
    EngineState decided_ = EngineState::Starved;
};

}  // namespace lpusim
