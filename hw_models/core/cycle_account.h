#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "hw_models/core/probe.h"
#include "hw_models/core/quantities.h"
#include "hw_models/core/state_visitor.h"

namespace lpusim {

/// What an engine does in a cycle; exactly one of these (model.md, section 2).
enum class EngineState : std::uint8_t {
    /// Works, or waits only for its own rate.
    Busy,
    /// Waits for input.
    Starved,
    /// Its output or destination is full.
    Blocked,
    /// Waits on a semaphore or for its next instruction to be issued.
    Waiting,
    /// No instruction is left.
    Idle
};
inline constexpr std::size_t kEngineStateCount = 5;

/// Counts an engine's cycles by state, and its busy cycles by operator. Only ever added to.
class CycleAccount {
public:
    /// `engine` is a stable dotted name, `unit` the module's name; see docs/timing_model.md.
    CycleAccount(std::string engine, std::string unit, std::size_t operators)
        : engine_(std::move(engine)), unit_(std::move(unit)), busy_by_operator_(operators) {}

    void busy(std::size_t op, std::uint64_t cycles = 1) {
        by_state_[static_cast<std::size_t>(EngineState::Busy)] += cycles;
        busy_by_operator_[op] += cycles;
        if (!probe_.empty()) {
            probe_->spent(EngineState::Busy, static_cast<std::uint16_t>(op), cycles);
        }
    }
    /// For every state but Busy, which needs the operator it worked for.
    void stalled(EngineState state, std::uint64_t cycles = 1) {
        by_state_[static_cast<std::size_t>(state)] += cycles;
        if (!probe_.empty()) probe_->spent(state, 0, cycles);
    }
    /// The engine works on it from cycle `at` on.
    void began(Cycles at, const isa::Instruction& instruction) {
        if (!probe_.empty()) probe_->began(at, instruction);
    }
    /// ... and no longer in cycle `at`; `whole` when nothing of it is left for this engine.
    void ended(Cycles at, const isa::Instruction& instruction, bool whole = true) {
        if (!probe_.empty()) probe_->ended(at, instruction, whole);
    }

    void visit_counters(CounterVisitor& visitor) {
        visitor.counts(by_state_);
        visitor.counts(busy_by_operator_);
    }

    void visit_probes(ProbeVisitor& visitor, EngineRole role) {
        visitor.engine(engine_, unit_, role, probe_);
    }

    const std::string& engine() const { return engine_; }
    const std::string& unit() const { return unit_; }
    Cycles in(EngineState state) const {
        return Cycles(by_state_[static_cast<std::size_t>(state)]);
    }
    const std::vector<std::uint64_t>& busy_by_operator() const { return busy_by_operator_; }

private:
    std::string engine_;
    std::string unit_;
    std::array<std::uint64_t, kEngineStateCount> by_state_{};
    std::vector<std::uint64_t> busy_by_operator_;
    Probe<EngineSink> probe_;
};

}  // namespace lpusim
