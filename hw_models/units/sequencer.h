#pragma once

#include <array>
#include <memory>
#include <vector>

#include <boost/circular_buffer.hpp>
#include <systemc>

#include "hw_models/core/clock_domain.h"
#include "hw_models/core/instruction_source.h"
#include "hw_models/core/probe.h"
#include "hw_models/isa/program.h"
#include "hw_models/units/sequencer_params.h"

namespace lpusim {

/// Fetches each queue's instructions in order and keeps the semaphores.
///
/// A queue fetches one instruction per cycle while it has room, and the instruction stands at the
/// front issue_latency + 1 cycles after its fetch. Both follow from when instructions are taken, so
/// the sequencer computes them then and is never evaluated itself.
class Sequencer : public sc_core::sc_module {
public:
    /// `program` must outlive the sequencer.
    Sequencer(const sc_core::sc_module_name& name, const SequencerParams& params,
              const isa::Program& program);
    ~Sequencer() override;

    InstructionSource& source(isa::Queue queue);
    /// The unit to wake when a semaphore changes that `queue` waits on.
    void connect(isa::Queue queue, Waker owner);
    /// Whether no instruction of `queue` is left to be taken.
    bool finished(isa::Queue queue) const;
    /// The semaphores and all queues, but not how many iterations their loops have left.
    void visit_state(StateVisitor& visitor);
    /// The semaphores: those that count space as slots in use, the others as what is signalled and
    /// not yet taken.
    void visit_probes(ProbeVisitor& visitor);
    isa::Cursor& cursor(isa::Queue queue);
    const isa::Cursor& cursor(isa::Queue queue) const;

    /// Text for a deadlock report: the front instruction of each queue and the semaphores it lacks.
    std::string describe_stalls() const;

private:
    class QueueFront;
    void show_level(Cycles now, std::uint16_t semaphore);
    struct State {
        std::vector<std::uint64_t> semaphores;
    };

    const isa::Program& program_;
    State state_;
    /// The queue that waits on each semaphore.
    std::vector<Waker> waiters_;
    std::array<std::unique_ptr<QueueFront>, isa::kQueueCount> queues_;
    /// One per semaphore.
    std::vector<Probe<LevelSink>> levels_;
};

}  // namespace lpusim
