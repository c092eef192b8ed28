#pragma once

#include <systemc>

#include "hw_models/core/clock_domain.h"
#include "hw_models/core/sram_reader.h"

namespace lpusim {

/// The SRAM client that reads K and V as stationary operands for the array's load port.
class KvReader : public sc_core::sc_module, public ClockedUnit {
public:
    /// `bytes_per_cycle`: the width of the load port that it feeds.
    KvReader(const sc_core::sc_module_name& name, Bytes bytes_per_cycle, InstructionSource& source,
             SramPort& port, Channel& output, std::size_t operators);

    void carry(DataPath& data) { reader_.carry(data); }
    const CycleAccount& account() const { return account_; }
    void visit_state(StateVisitor& visitor) { reader_.visit_state(visitor); }
    void visit_counters(CounterVisitor& visitor) { account_.visit_counters(visitor); }
    void visit_probes(ProbeVisitor& visitor) {
        account_.visit_probes(visitor, {isa::Queue::Kv, true, 1});
    }

    void settle(Cycles from, Cycles to) override;
    void evaluate(Cycles now) override;
    Cycles update(Cycles now) override;

private:
    SramReader reader_;
    CycleAccount account_;
};

}  // namespace lpusim
