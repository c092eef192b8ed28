#pragma once

#include <array>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/trace/trace_recorder.h"

namespace lpusim {

/// An engine's row of states and rows of instructions.
class TraceRecorder::EngineTracks : public EngineSink {
public:
    EngineTracks(TraceRecorder& recorder, const std::string& engine, const std::string& unit,
                 EngineRole role);

    void spent(EngineState state, std::uint16_t op, std::uint64_t cycles) override;
    void began(Cycles at, const isa::Instruction& instruction) override;
    void ended(Cycles at, const isa::Instruction& instruction, bool whole) override;

    bool takes_over_from(isa::Queue queue) const {
        return role_.queue == queue && !role_.takes_from_queue && role_.at_once > 0;
    }
    /// An engine that takes instructions from the queue has taken one, which comes here in time.
    struct InHand {
        const isa::Instruction* instruction = nullptr;
        /// Among the instructions of its operator in its queue.
        std::uint64_t ordinal = 0;
    };
    void expect(const InHand& instruction) { expected_.push_back(instruction); }

    /// The window opens: what is in hand is shown from here on.
    void open(Cycles at);
    void close(Cycles at);
    /// Something is skipped from here on ...
    void cut(Cycles at);
    /// ... so many instructions of each operator of the queue ...
    void leave_out(isa::Queue queue, const OperatorCounts& counts);
    /// ... up to here.
    void resume(Cycles at);
    void show_skip(const SkippedCycles& skipped,
                   const std::array<std::uint64_t, kEngineStateCount>& spent);

private:
    TraceSlice slice_of(const InHand& in_hand) const;
    void end_state(Cycles at);
    void show_in_hand(Cycles at);

    TraceRecorder& recorder_;
    EngineRole role_;
    std::size_t state_track_;
    std::vector<std::size_t> lanes_;
    /// First cycle that it has not told of.
    Cycles told_;
    /// The slice of the state track that is open.
    std::optional<std::pair<EngineState, std::uint16_t>> shown_;
    /// One per lane; without an instruction when the lane is free.
    std::vector<InHand> in_hand_;
    /// Lanes in the order in which their instructions began.
    std::deque<std::size_t> order_;
    /// What engines before this one have taken and this one has not finished.
    std::deque<InHand> expected_;
};

class TraceRecorder::LevelTrack : public LevelSink {
public:
    LevelTrack(TraceRecorder& recorder, std::size_t track, std::uint64_t initial)
        : recorder_(recorder), track_(track), value_(initial) {}

    void level(Cycles at, std::uint64_t value) override {
        if (value == value_) return;
        value_ = value;
        recorder_.level_changed(at, track_, value);
    }
    void open(Cycles at) { recorder_.level_changed(at, track_, value_); }

private:
    TraceRecorder& recorder_;
    std::size_t track_;
    std::uint64_t value_;
};

/// Tokens and operators as they complete, and the part of the run that the result counts.
class TraceRecorder::RunTracks : public RetireSink {
public:
    explicit RunTracks(TraceRecorder& recorder);

    void retired(Cycles at, const isa::Instruction& instruction) override;
    void open(Cycles at) { opened_at_ = at; }
    void skip(const SkippedCycles& skipped) { skips_.push_back(skipped); }
    void close(Cycles at);
    void show_result(TraceSummary::Window window);

    const std::vector<Cycles>& token_ends() const { return token_ends_; }
    /// Layers that have ended in the token that runs; those that were skipped do not count.
    std::uint64_t layers_ended() const { return layers_ended_; }

private:
    void show(std::size_t track, Cycles from, Cycles to, const TraceSlice& slice);
    /// Shows the skips since the last operator ended, and what lay before each of them as `slice`.
    void show_skips(const TraceSlice* slice);
    void show_token(Cycles until);

    TraceRecorder& recorder_;
    std::size_t result_track_;
    std::size_t token_track_;
    std::size_t operator_track_;
    std::vector<Cycles> token_ends_;
    Cycles last_end_;
    Cycles opened_at_;
    std::uint64_t layers_ended_ = 0;
    /// Skips since the last operator ended.
    std::vector<SkippedCycles> skips_;
};

}  // namespace lpusim
