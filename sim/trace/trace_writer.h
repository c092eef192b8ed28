#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hw_models/core/cycle_account.h"
#include "hw_models/core/quantities.h"

namespace lpusim {

/// A row of the trace.
struct TraceTrack {
    enum class Kind : std::uint8_t {
        /// What an engine does: slices that follow each other without gap.
        State,
        /// Instructions in an engine's hands.
        Instructions,
        /// How full something is.
        Level,
        /// Tokens, operators, the result's window: slices that are known when they end.
        Spans
    };
    Kind kind = Kind::State;
    /// The hardware unit, or "Run".
    std::string unit;
    std::string name;
    /// Of a level: what it counts.
    std::string counts;
};

/// Where an instruction or operator belongs.
struct TraceLabel {
    /// Index of the operator.
    std::uint16_t op = 0;
    /// Token and layer from 0; no layer for what is done once per token.
    std::uint64_t token = 0;
    std::optional<std::uint64_t> layer;
    /// Which of the operator's instructions in this queue, layer and token.
    std::uint64_t number = 0;
};

/// What a slice shows.
struct TraceSlice {
    enum class Kind : std::uint8_t { State, Instruction, Operator, Token, Result, Skipped };
    Kind kind = Kind::State;
    EngineState state = EngineState::Idle;
    TraceLabel label;
    const isa::Instruction* instruction = nullptr;
    /// Of Skipped: how many periods, and of an engine the cycles that it spent per state.
    std::uint64_t periods = 0;
    std::optional<std::array<std::uint64_t, kEngineStateCount>> spent;
};

/// What a file's reader should know of the run.
struct TraceHeader {
    std::string title;
    Hertz clock;
    std::vector<std::string> operators;
    /// Pairs of key and text.
    std::vector<std::pair<std::string, std::string>> facts;
};

/// What was recorded.
struct TraceSummary {
    Cycles from;
    Cycles to;
    std::uint64_t events = 0;
    /// Of these, and how often.
    Cycles skipped;
    std::uint64_t skips = 0;
    /// The cycles that the result counts; unknown when the run was interrupted before.
    struct Window {
        Cycles from;
        Cycles to;
    };
    std::optional<Window> result;
    bool limit_reached = false;
    bool interrupted = false;
};

/// Bytes of the file, in order.
using TraceOutput = std::function<void(std::string_view)>;

/// Writes a trace as it comes, in the order of time, in bounded memory.
class TraceWriter {
public:
    TraceWriter() = default;
    TraceWriter(const TraceWriter&) = delete;
    TraceWriter& operator=(const TraceWriter&) = delete;
    virtual ~TraceWriter() = default;

    /// Before anything else.
    virtual void start(const TraceHeader& header, const std::vector<TraceTrack>& tracks,
                       Cycles at) = 0;
    /// A track shows one slice at a time.
    virtual void begin(Cycles at, std::size_t track, const TraceSlice& slice) = 0;
    virtual void end(Cycles at, std::size_t track) = 0;
    /// A slice of a Spans track that began at `from` and ends now.
    virtual void span(Cycles from, Cycles to, std::size_t track, const TraceSlice& slice) = 0;
    virtual void level(Cycles at, std::size_t track, std::uint64_t value) = 0;
    /// After everything else; all slices have ended.
    virtual void finish(const TraceSummary& summary) = 0;
    /// Records written so far.
    virtual std::uint64_t events() const = 0;
};

const char* name_of(EngineState state);

/// Cuts what is written into large pieces.
class BufferedText {
public:
    explicit BufferedText(TraceOutput output) : output_(std::move(output)) {}
    std::string& text() { return text_; }
    /// Hands on what has gathered, if it is much.
    void pass_on() {
        if (text_.size() >= kPiece) flush();
    }
    void flush() {
        output_(text_);
        text_.clear();
    }

private:
    static constexpr std::size_t kPiece = 1 << 18;
    TraceOutput output_;
    std::string text_;
};

}  // namespace lpusim
