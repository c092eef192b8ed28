#pragma once

#include <memory>
#include <vector>

#include <systemc>

#include "hw_models/chip/chip_params.h"
#include "hw_models/core/channel.h"
#include "hw_models/core/clock_domain.h"
#include "hw_models/core/retire_log.h"
#include "hw_models/core/vector_pipe.h"
#include "hw_models/data/data_path.h"
#include "hw_models/isa/program.h"
#include "hw_models/units/kv_reader.h"
#include "hw_models/units/mac_array.h"
#include "hw_models/units/rescaler.h"
#include "hw_models/units/sequencer.h"
#include "hw_models/units/sram_banks.h"
#include "hw_models/units/unpack_unit.h"
#include "hw_models/units/vector_unit.h"
#include "hw_models/units/weight_stream.h"

namespace lpusim {

/// One chip with one program: builds the units and binds them; the only place that knows two of
/// them.
class LpuChip : public sc_core::sc_module {
public:
    /// Throws std::invalid_argument for a program that isa::validate rejects.
    LpuChip(const sc_core::sc_module_name& name, const ChipParams& params, isa::Program program,
            bool every_cycle);

    /// Every unit tells of what it moves. Before the simulation starts; `data` must outlive it.
    void carry(DataPath& data);

    ClockDomain& clock_domain() { return clock_domain_; }
    const Sequencer& sequencer() const { return sequencer_; }
    const SramBanks& sram_banks() const { return sram_banks_; }
    const WeightStream& weight_stream() const { return weight_stream_; }
    const UnpackUnit& unpack_unit() const { return unpack_unit_; }
    const MacArray& mac_array() const { return mac_array_; }
    const Rescaler& rescaler() const { return rescaler_; }
    const VectorUnit& vector_unit() const { return vector_unit_; }
    const RetireLog& retired() const { return retired_; }
    RetireLog& retired() { return retired_; }
    const isa::Program& program() const { return program_; }
    const ChipParams& params() const { return params_; }

    /// The accounts of all engines, upstream first; valid as of the last ClockDomain::settle_all.
    std::vector<const CycleAccount*> accounts() const;

    /// Everything that can influence the future, but for the iterations that the queues' loops have
    /// left; of the stream with its queue, and of all else. Only after
    /// clock_domain().settle_all(now() + 1).
    void visit_stream_state(StateVisitor& visitor);
    void visit_other_state(StateVisitor& visitor);
    void visit_stream_counters(CounterVisitor& visitor);
    void visit_other_counters(CounterVisitor& visitor);
    /// The stream among the units of the clock domain.
    static constexpr std::size_t kStreamUnit = 0;
    static constexpr std::size_t kUnits = 6;
    Sequencer& sequencer() { return sequencer_; }
    SramBanks& sram_banks() { return sram_banks_; }
    WeightStream& weight_stream() { return weight_stream_; }
    /// Every place where a sink can be attached, upstream first.
    void visit_probes(ProbeVisitor& visitor);
    isa::Cursor& cursor(isa::Queue queue) { return sequencer_.cursor(queue); }

private:
    OperandPaths operand_paths();
    void connect();

    ChipParams params_;
    isa::Program program_;
    RetireLog retired_;
    ClockDomain clock_domain_;
    Sequencer sequencer_;
    SramBanks sram_banks_;
    Channel packed_;
    Channel unpacked_;
    Channel kv_;
    /// From the load port to the unpack unit; only used with the unpack unit inside the array.
    Channel behind_port_;
    VectorPipe results_;
    WeightStream weight_stream_;
    KvReader kv_reader_;
    UnpackUnit unpack_unit_;
    MacArray mac_array_;
    Rescaler rescaler_;
    VectorUnit vector_unit_;
};

}  // namespace lpusim
