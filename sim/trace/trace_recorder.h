#pragma once

#include <memory>
#include <vector>

#include "hw_models/core/clock_domain.h"
#include "hw_models/core/probe.h"
#include "sim/trace/instruction_numbers.h"
#include "sim/trace/trace_window.h"
#include "sim/trace/trace_writer.h"

namespace lpusim {

/// Gathers what the probes of a machine tell, and hands it to a writer in the order of time.
///
/// Units that sleep account for their cycles when they wake, so what comes is not in order. It is
/// held until there is enough of it; then all accounts are settled, everything before that cycle is
/// complete, and it is sorted and written.
class TraceRecorder : public ProbeVisitor {
public:
    TraceRecorder(TraceWriter& writer, const TracedProgram& traced, TraceWindow window,
                  std::uint64_t most_events);
    ~TraceRecorder() override;

    void engine(const std::string& engine, const std::string& unit, EngineRole role,
                Probe<EngineSink>& probe) override;
    void level(const LevelName& name, Probe<LevelSink>& probe) override;
    void retirement(Probe<RetireSink>& probe) override;

    /// After all probe points have been shown, before the first cycle.
    void start(const TraceHeader& header);
    /// After each evaluated cycle of `domain`.
    void after_cycle(ClockDomain& domain);
    /// The window has been closed, or the limit was reached.
    bool complete() const { return phase_ == Phase::After; }

    /// Whether cycles may be skipped now, and none at or behind which cycle.
    bool may_skip() const;
    Cycles skip_limit() const;
    /// One queue's part of a skip.
    struct LeftOut {
        isa::Queue queue = isa::Queue::Stream;
        std::uint32_t position = 0;
        std::size_t depth = 0;
        std::uint64_t iterations = 0;
    };
    /// All accounts stand at `from`; cycles [from, to) come as sums.
    void skip(Cycles from, Cycles to, std::uint64_t periods, const std::vector<LeftOut>& parts);
    /// What an engine spent per state on the cycles that were skipped last, in the order in which
    /// engines were shown.
    void skipped(std::size_t engine, const std::array<std::uint64_t, kEngineStateCount>& spent);

    /// The run is over, all accounts stand at `end`.
    TraceSummary finish(Cycles end, std::optional<TraceSummary::Window> result, bool interrupted);

private:
    enum class Phase { Before, During, After };
    class EngineTracks;
    class LevelTrack;
    class RunTracks;

    struct Change {
        enum class Kind : std::uint8_t { Begin, End, Span, Level };
        Cycles at;
        Cycles from;
        std::uint64_t value = 0;
        std::uint32_t track = 0;
        Kind kind = Kind::Begin;
        TraceSlice slice;
    };

    struct SkippedCycles {
        Cycles from;
        Cycles to;
        std::uint64_t periods = 0;
    };

    bool recording() const { return phase_ == Phase::During; }
    std::size_t add_track(TraceTrack track);
    Change& gather(Change::Kind kind, Cycles at, std::size_t track);
    void begin(Cycles at, std::size_t track, const TraceSlice& slice);
    void end(Cycles at, std::size_t track);
    void span(Cycles from, Cycles to, std::size_t track, const TraceSlice& slice);
    void level_changed(Cycles at, std::size_t track, std::uint64_t value);
    void write_gathered();

    void open(Cycles at);
    void close(Cycles at);
    /// Where the window begins, or ends, if the run has come that far.
    std::optional<Cycles> opening(const ClockDomain& domain) const;
    std::optional<Cycles> closing(const ClockDomain& domain) const;

    TraceWriter& writer_;
    InstructionNumbers numbers_;
    TraceWindow window_;
    std::uint64_t most_events_;
    std::vector<TraceTrack> tracks_;
    std::vector<std::unique_ptr<EngineTracks>> engines_;
    std::vector<std::unique_ptr<LevelTrack>> levels_;
    std::unique_ptr<RunTracks> run_;
    std::vector<Change> gathered_;
    TraceHeader header_;
    Phase phase_ = Phase::Before;
    SkippedCycles last_skip_;
    TraceSummary summary_;
};

}  // namespace lpusim
