#pragma once

#include <boost/circular_buffer.hpp>
#include <systemc>

#include "hw_models/core/channel.h"
#include "hw_models/core/clock_domain.h"
#include "hw_models/core/cycle_account.h"
#include "hw_models/core/instruction_source.h"
#include "hw_models/core/sram_port.h"
#include "hw_models/core/vector_pipe.h"
#include "hw_models/data/data_path.h"
#include "hw_models/units/mac_array_params.h"

namespace lpusim {

/// Channels that operands come through on their way into the array.
struct OperandPaths {
    /// What crosses the load port for weights: operands, or packed bytes with the unpack unit
    /// inside the array.
    Channel& weights;
    Channel& kv;
    /// Only with the unpack unit inside the array: packed bytes from the port to it, operands back
    /// from it.
    Channel* to_unpack = nullptr;
    Channel* from_unpack = nullptr;
};

/// The weight-stationary array: a load engine that installs tiles into the shadow planes, and a
/// compute engine that swaps them in and streams activation vectors through.
///
/// The load port moves whole beats of load_bytes (the last beat of a tile may be short). Shadow and
/// live planes swap in the cycle in which the tile is complete, the compute engine has no vector
/// left and its next instruction is ready: the swap runs through the rows as a wavefront, so the
/// next tile's first beat can follow at once. A vector enters when all its activation words have
/// been read and the result pipe has room.
class MacArray : public sc_core::sc_module, public ClockedUnit {
public:
    MacArray(const sc_core::sc_module_name& name, const MacArrayParams& params,
             const OperandPaths& paths, InstructionSource& load_source,
             InstructionSource& compute_source, SramPort& activation_port, VectorPipe& results,
             std::size_t operators);

    void carry(DataPath& data) { data_ = &data; }

    struct Stats {
        std::uint64_t port_bytes = 0;
        std::uint64_t installed_operand_bytes = 0;
        std::uint64_t useful_macs = 0;
        std::uint64_t tiles = 0;
    };
    const Stats& stats() const { return stats_; }
    const CycleAccount& load_account() const { return load_account_; }
    const CycleAccount& compute_account() const { return compute_account_; }
    const CycleAccount& activation_account() const { return activation_account_; }

    void visit_state(StateVisitor& visitor);
    void visit_counters(CounterVisitor& visitor);
    void visit_probes(ProbeVisitor& visitor);

    void settle(Cycles from, Cycles to) override;
    void evaluate(Cycles now) override;
    Cycles update(Cycles now) override;
    void commit(Cycles now) override;
    Cycles plan_sleep(Cycles now) override;

private:
    /// A tile between the start of its install and its completion.
    struct Tile {
        const isa::Instruction* install = nullptr;
        std::uint64_t operand_bytes_left = 0;
    };
    struct LoadState {
        const isa::Instruction* current = nullptr;
        std::uint64_t port_bytes_left = 0;
        /// Tiles whose operands are not all installed; the front one fills the shadow planes.
        boost::circular_buffer<Tile> filling{2};
        bool shadow_complete = false;
        EngineState stall = EngineState::Waiting;
    };
    struct ComputeState {
        const isa::Instruction* current = nullptr;
        std::uint32_t vectors_left = 0;
        /// Cycles until the array takes another vector.
        std::uint32_t cooldown = 0;
        std::uint64_t words_left = 0;
        /// Without double buffering: when the last vector has left the planes.
        Cycles drained_at;
        bool steady = false;
        EngineState stall = EngineState::Waiting;
        EngineState activation_stall = EngineState::Starved;
    };
    struct State {
        LoadState load;
        ComputeState compute;
    };

    bool shadow_open(Cycles now) const;
    bool installs_directly(const isa::Instruction& install) const;
    std::uint64_t port_beat() const;
    std::uint64_t words_per_vector(const isa::ComputeTile& tile) const;
    static bool completes_something(const isa::Instruction& compute);
    static bool has_results(const isa::Instruction& compute);

    void evaluate_load(Cycles now);
    void evaluate_compute(Cycles now);
    EngineState load_stall(Cycles now);
    EngineState compute_stall(Cycles now) const;

    void update_load(Cycles now);
    void move_port_beat(Cycles now);
    void fill_shadow(std::uint64_t operand_bytes);
    void update_compute(Cycles now);
    void enter_vector(Cycles now);
    void swap_planes(Cycles now);
    Cycles plan_compute_sleep(Cycles now);

    MacArrayParams params_;
    OperandPaths paths_;
    InstructionSource& load_source_;
    InstructionSource& compute_source_;
    SramPort& activation_port_;
    VectorPipe& results_;
    DataPath* data_ = nullptr;
    State state_;
    Stats stats_;
    CycleAccount load_account_;
    CycleAccount compute_account_;
    CycleAccount activation_account_;
    // Decided in evaluate, committed in update of the same cycle: Busy moves a beat, or asks for a
    // vector.
    const isa::Instruction* next_install_ = nullptr;
    const isa::Instruction* next_compute_ = nullptr;
    EngineState load_decided_ = EngineState::Waiting;
    EngineState compute_decided_ = EngineState::Waiting;
    std::uint64_t filled_from_unpack_ = 0;
    std::uint32_t words_requested_ = 0;
};

}  // namespace lpusim
