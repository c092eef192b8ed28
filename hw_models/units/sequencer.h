#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
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
    /// A queue, but not how many iterations its loops have left.
    void visit_state(StateVisitor& visitor, isa::Queue queue);
    /// The semaphores: those that count space as slots in use, the others as what is signalled and
    /// not yet taken.
    void visit_probes(ProbeVisitor& visitor);
    isa::Cursor& cursor(isa::Queue queue);
    const isa::Cursor& cursor(isa::Queue queue) const;

    // For fast-forward, which lets the stream go on while all else rests.
    struct Fetched {
        const isa::Instruction* instruction = nullptr;
        Cycles issued_at;
    };
    struct QueueState {
        QueueState(const isa::QueueProgram& program, std::size_t depth)
            : cursor(program), fetched(depth) {}
        isa::Cursor cursor;
        boost::circular_buffer<Fetched> fetched;
        Cycles last_fetch;
    };
    const QueueState& state_of(isa::Queue queue) const;
    void return_to(isa::Queue queue, const QueueState& state);
    using Counts = std::vector<std::uint64_t>;
    const Counts& semaphores() const { return state_.semaphores; }
    void set_semaphores(const Counts& counts) { state_.semaphores = counts; }
    void set_semaphore(std::uint16_t id, std::uint64_t count) { state_.semaphores[id] = count; }
    /// Whether some instruction of `queue` waits on the semaphore.
    bool waits(isa::Queue queue, std::uint16_t semaphore) const {
        return waiting_queues_[semaphore] == queue;
    }
    /// Whether any instruction waits on the semaphore: else its count decides nothing.
    bool is_waited_on(std::uint16_t semaphore) const {
        return waiting_queues_[semaphore].has_value();
    }
    /// The most that an instruction takes of each semaphore.
    const Counts& most_taken() const { return most_taken_; }
    /// The lowest count of each semaphore since this was last asked, which starts anew.
    void take_lowest(Counts& lowest);
    /// It was as low as this in cycles that were left out.
    void note_lowest(std::uint16_t id, std::uint64_t count) {
        lowest_[id] = std::min(lowest_[id], count);
    }
    /// Nobody knows how low they were.
    void forget_lowest() { std::fill(lowest_.begin(), lowest_.end(), 0); }
    struct Signal {
        Cycles at;
        isa::SemaphoreUse use;
    };
    /// Notes each signal until it is told to stop by nullptr.
    void note_signals(std::vector<Signal>* signals) { signals_ = signals; }

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
    /// The queue that waits on each semaphore, if any, and its unit.
    std::vector<std::optional<isa::Queue>> waiting_queues_;
    std::vector<Waker> waiters_;
    std::vector<Signal>* signals_ = nullptr;
    Counts most_taken_;
    Counts lowest_;
    std::array<std::unique_ptr<QueueFront>, isa::kQueueCount> queues_;
    /// One per semaphore.
    std::vector<Probe<LevelSink>> levels_;
};

}  // namespace lpusim
