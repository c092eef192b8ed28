#pragma once

#include <array>
#include <vector>

#include <boost/circular_buffer.hpp>
#include <systemc>

#include "hw_models/core/clock_domain.h"
#include "hw_models/core/cycle_account.h"
#include "hw_models/core/delivery_log.h"
#include "hw_models/core/divisor.h"
#include "hw_models/core/instruction_source.h"
#include "hw_models/core/sram_port.h"
#include "hw_models/data/data_path.h"
#include "hw_models/units/weight_stream_params.h"

namespace lpusim {

/// The off-chip stream and the SRAM client that stores what it delivers.
///
/// Transfers are requested in order, up to `outstanding` ahead, and delivered in order, each no
/// sooner than `latency` after its request. In an eligible cycle (the transfer's data is there, no
/// refresh, room in the staging buffer) the credit grows by rate.num, and credit / rate.den bytes
/// are delivered, across the end of a transfer into the next one of the same operator; an
/// operator's first transfer starts in a cycle of its own, without credit, so that equal layers
/// take equal cycles (docs/adr/0004). Staged bytes are written in whole words in the cycles after.
class WeightStream : public sc_core::sc_module, public ClockedUnit {
public:
    WeightStream(const sc_core::sc_module_name& name, const WeightStreamParams& params,
                 InstructionSource& source, SramPort& port, std::size_t operators);

    void carry(DataPath& data) { data_ = &data; }

    struct Stats {
        /// Payload bytes delivered, by isa::Traffic, and padding bytes.
        std::array<std::uint64_t, isa::kTrafficCount> payload_bytes{};
        std::uint64_t padding_bytes = 0;
        /// All bytes delivered so far, parts of unfinished transfers included.
        std::uint64_t delivered_bytes = 0;
        std::uint64_t transfers = 0;
        /// All bytes of finished transfers, by operator.
        std::vector<std::uint64_t> bytes_by_operator;
    };

    const Stats& stats() const { return stats_; }
    const CycleAccount& stream_account() const { return stream_account_; }
    const CycleAccount& write_account() const { return write_account_; }

    /// All but credit().
    void visit_state(StateVisitor& visitor);
    void visit_counters(CounterVisitor& visitor);
    void visit_probes(ProbeVisitor& visitor);

    /// Cycles that at least pass before another transfer is complete; 0 if one soon may be.
    std::uint64_t cycles_to_completion() const;
    /// Whether it writes what steady_writes() says until a transfer is complete.
    bool writes_steadily() const { return state_.steady && params_.refresh_period == Cycles(0); }
    /// Words of a transfer [first, end).
    struct Words {
        std::uint64_t first;
        std::uint64_t end;
    };
    /// Those that are written `cycles` cycles after the next one.
    Words steady_writes(std::uint64_t cycles) const;
    /// The transfer that was completed last.
    const isa::Instruction* completed() const { return completed_; }
    /// The one that is to be completed next; nullptr if it has not been requested.
    const isa::Instruction* completing() const {
        return state_.requested.empty() ? nullptr : state_.requested.front().instruction;
    }
    /// Notes what is delivered until it is told to stop by nullptr.
    void note_deliveries(DeliveryLog* log) { deliveries_ = log; }
    DeliveryLog* noted_deliveries() const { return deliveries_; }
    std::uint64_t credit() const { return state_.credit; }
    void set_credit(std::uint64_t credit) { state_.credit = credit; }
    Fraction rate() const { return params_.rate.ratio; }
    /// To try something, and go back.
    struct State;
    const State& state() const { return state_; }
    void return_to(const State& state) { state_ = state; }

    void settle(Cycles from, Cycles to) override;
    void evaluate(Cycles now) override;
    Cycles update(Cycles now) override;
    void commit(Cycles now) override;
    Cycles plan_sleep(Cycles now) override;

    struct Transfer {
        const isa::Instruction* instruction = nullptr;
        Cycles ready_at;
        std::uint64_t total = 0;
        std::uint64_t delivered = 0;
        std::uint64_t words_written = 0;
    };
    struct State {
        boost::circular_buffer<Transfer> requested;
        /// Transfers at the front of `requested` that are wholly delivered but not wholly written.
        std::size_t delivered = 0;
        std::uint64_t staged_bytes = 0;
        /// Bytes x rate.den that the rate has left over; < rate.den.
        std::uint64_t credit = 0;
        /// The operator whose transfers carry this credit on.
        std::uint16_t credit_of = 0;
        /// Between updates: whether it delivers steadily, else the state it sleeps in.
        bool steady = false;
        EngineState stall = EngineState::Waiting;
        EngineState write_stall = EngineState::Starved;
    };

private:
    bool refreshing(Cycles now) const;
    EngineState delivery_stall(Cycles now) const;
    std::uint64_t writable_words(const Transfer& transfer) const;
    void write_granted(Cycles now);
    void deliver(Cycles now);
    void request_transfer(Cycles now, const isa::Instruction& instruction);
    bool delivers_steadily(Cycles next) const;
    void deliver_steadily(std::uint64_t cycles);
    Delivery& note(std::uint64_t bytes);
    void note_partial(Delivery& delivery, std::uint64_t delivered, std::uint64_t total) const;
    void note_steady(std::uint64_t cycles);
    void show_staged(Cycles at) {
        if (!staged_.empty()) staged_->level(at, state_.staged_bytes);
    }

    WeightStreamParams params_;
    InstructionSource& source_;
    SramPort& port_;
    Divisor credit_per_byte_;
    std::uint64_t bytes_per_cycle_ceil_;
    std::uint32_t words_per_cycle_;
    std::uint64_t staging_capacity_;
    DataPath* data_ = nullptr;
    DeliveryLog* deliveries_ = nullptr;
    const isa::Instruction* completed_ = nullptr;
    State state_;
    Stats stats_;
    CycleAccount stream_account_;
    CycleAccount write_account_;
    Probe<LevelSink> staged_;
    // Decided in evaluate, committed in update of the same cycle.
    const isa::Instruction* next_ = nullptr;
    bool deliver_ = false;
    bool room_to_the_byte_ = false;
    EngineState stall_now_ = EngineState::Waiting;
    std::uint32_t words_requested_ = 0;
};

}  // namespace lpusim
