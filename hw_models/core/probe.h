#pragma once

#include <cstdint>
#include <string>

#include "hw_models/core/quantities.h"
#include "hw_models/isa/instruction.h"

namespace lpusim {

enum class EngineState : std::uint8_t;

/// A place where somebody may watch a unit. An empty one costs a branch; a sink that is attached
/// sees everything and changes nothing.
template <class Sink>
class Probe {
public:
    bool empty() const { return sink_ == nullptr; }
    void attach(Sink& sink) { sink_ = &sink; }
    /// Only when not empty.
    Sink* operator->() const { return sink_; }

private:
    Sink* sink_ = nullptr;
};

/// Watches one engine.
class EngineSink {
public:
    EngineSink() = default;
    EngineSink(const EngineSink&) = delete;
    EngineSink& operator=(const EngineSink&) = delete;
    virtual ~EngineSink() = default;

    /// What it did in the `cycles` that follow those of the call before: every cycle of a run comes
    /// exactly once, so an engine's time is the sum of what was spent. `op` counts for Busy only.
    /// While a unit sleeps its cycles come in bulk: those that were busy first.
    virtual void spent(EngineState state, std::uint16_t op, std::uint64_t cycles) = 0;
    /// The engine works on the instruction from cycle `at` on, or on one of its vectors.
    virtual void began(Cycles at, const isa::Instruction& instruction) = 0;
    /// ... and no longer in cycle `at`. `whole`: nothing of the instruction is left for it.
    virtual void ended(Cycles at, const isa::Instruction& instruction, bool whole) = 0;
};

/// Watches how full something is.
class LevelSink {
public:
    LevelSink() = default;
    LevelSink(const LevelSink&) = delete;
    LevelSink& operator=(const LevelSink&) = delete;
    virtual ~LevelSink() = default;

    /// From cycle `at` on.
    virtual void level(Cycles at, std::uint64_t value) = 0;
};

/// Watches what is completed.
class RetireSink {
public:
    RetireSink() = default;
    RetireSink(const RetireSink&) = delete;
    RetireSink& operator=(const RetireSink&) = delete;
    virtual ~RetireSink() = default;

    /// An instruction that ends its operator, or a token, was complete when cycle `at` began.
    virtual void retired(Cycles at, const isa::Instruction& instruction) = 0;
};

/// How an engine comes to its instructions.
struct EngineRole {
    isa::Queue queue = isa::Queue::Stream;
    /// It takes them from the queue itself; otherwise from an engine that does, in the same order.
    bool takes_from_queue = false;
    /// Instructions that it may have in hand at a time; 0: it tells of none.
    std::size_t at_once = 0;
};

/// What a level counts.
struct LevelName {
    std::string unit;
    std::string name;
    /// "bytes", "vectors", "slots" ...
    std::string counts;
    std::uint64_t initial = 0;
};

/// Is shown every probe point of a machine, with what a sink needs to know of it.
class ProbeVisitor {
public:
    ProbeVisitor() = default;
    ProbeVisitor(const ProbeVisitor&) = delete;
    ProbeVisitor& operator=(const ProbeVisitor&) = delete;
    virtual ~ProbeVisitor() = default;

    /// `engine` and `unit` as in a CycleAccount.
    virtual void engine(const std::string& engine, const std::string& unit, EngineRole role,
                        Probe<EngineSink>& probe) = 0;
    virtual void level(const LevelName& name, Probe<LevelSink>& probe) = 0;
    virtual void retirement(Probe<RetireSink>& probe) = 0;
};

}  // namespace lpusim
