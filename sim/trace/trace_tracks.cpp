#include "sim/trace/trace_tracks.h"

#include <algorithm>

namespace lpusim {

TraceRecorder::EngineTracks::EngineTracks(TraceRecorder& recorder, const std::string& engine,
                                          const std::string& unit, EngineRole role)
    : recorder_(recorder),
      role_(role),
      state_track_(recorder.add_track({TraceTrack::Kind::State, unit, engine, {}})),
      in_hand_(role.at_once) {
    for (std::size_t i = 0; i < role.at_once; ++i) {
        const std::string number = role.at_once == 1 ? "" : " " + std::to_string(i + 1);
        lanes_.push_back(recorder.add_track(
            {TraceTrack::Kind::Instructions, unit, engine + " instructions" + number, {}}));
    }
}

TraceSlice TraceRecorder::EngineTracks::slice_of(const InHand& in_hand) const {
    TraceSlice slice;
    slice.kind = TraceSlice::Kind::Instruction;
    slice.instruction = in_hand.instruction;
    slice.label = recorder_.numbers_.label(role_.queue, in_hand.instruction->op, in_hand.ordinal);
    return slice;
}

void TraceRecorder::EngineTracks::end_state(Cycles at) {
    if (shown_) recorder_.end(at, state_track_);
    shown_.reset();
}

void TraceRecorder::EngineTracks::spent(EngineState state, std::uint16_t op, std::uint64_t cycles) {
    const Cycles from = told_;
    told_ += Cycles(cycles);
    if (cycles == 0 || !recorder_.recording()) return;
    if (shown_ && *shown_ == std::pair(state, op)) return;
    end_state(from);
    shown_ = std::pair(state, op);
    TraceSlice slice;
    slice.state = state;
    slice.label.op = op;
    recorder_.begin(from, state_track_, slice);
}

void TraceRecorder::EngineTracks::began(Cycles at, const isa::Instruction& instruction) {
    InHand in_hand{&instruction, 0};
    if (role_.takes_from_queue) {
        in_hand.ordinal = recorder_.numbers_.next(role_.queue, instruction);
        for (const auto& engine : recorder_.engines_) {
            if (engine->takes_over_from(role_.queue)) engine->expect(in_hand);
        }
    } else {
        // Instructions that leave nothing to do here never come.
        while (expected_.front().instruction != &instruction) expected_.pop_front();
        in_hand.ordinal = expected_.front().ordinal;
    }
    const auto free = std::find_if(in_hand_.begin(), in_hand_.end(),
                                   [](const InHand& it) { return it.instruction == nullptr; });
    const auto lane = static_cast<std::size_t>(free - in_hand_.begin());
    in_hand_.at(lane) = in_hand;
    order_.push_back(lane);
    if (recorder_.recording()) recorder_.begin(at, lanes_[lane], slice_of(in_hand));
}

void TraceRecorder::EngineTracks::ended(Cycles at, const isa::Instruction&, bool whole) {
    const std::size_t lane = order_.front();
    order_.pop_front();
    in_hand_[lane] = {};
    if (!role_.takes_from_queue && whole) expected_.pop_front();
    if (recorder_.recording()) recorder_.end(at, lanes_[lane]);
}

void TraceRecorder::EngineTracks::show_in_hand(Cycles at) {
    for (const std::size_t lane : order_) {
        recorder_.begin(at, lanes_[lane], slice_of(in_hand_[lane]));
    }
}

void TraceRecorder::EngineTracks::open(Cycles at) { show_in_hand(at); }

void TraceRecorder::EngineTracks::close(Cycles at) {
    end_state(at);
    for (const std::size_t lane : order_) recorder_.end(at, lanes_[lane]);
}

void TraceRecorder::EngineTracks::cut(Cycles at) {
    if (recorder_.recording()) close(at);
}

void TraceRecorder::EngineTracks::leave_out(isa::Queue queue, const OperatorCounts& counts) {
    if (role_.queue != queue) return;
    for (const std::size_t lane : order_) {
        InHand& in_hand = in_hand_[lane];
        in_hand.ordinal += counts[in_hand.instruction->op];
    }
    for (InHand& expected : expected_) expected.ordinal += counts[expected.instruction->op];
}

void TraceRecorder::EngineTracks::resume(Cycles at) {
    told_ = at;
    if (recorder_.recording()) show_in_hand(at);
}

void TraceRecorder::EngineTracks::show_skip(
    const SkippedCycles& skipped, const std::array<std::uint64_t, kEngineStateCount>& spent) {
    if (!recorder_.recording()) return;
    TraceSlice slice;
    slice.kind = TraceSlice::Kind::Skipped;
    slice.periods = skipped.periods;
    slice.spent = spent;
    recorder_.begin(skipped.from, state_track_, slice);
    recorder_.end(skipped.to, state_track_);
}

TraceRecorder::RunTracks::RunTracks(TraceRecorder& recorder)
    : recorder_(recorder),
      result_track_(recorder.add_track({TraceTrack::Kind::Spans, "Run", "result", {}})),
      token_track_(recorder.add_track({TraceTrack::Kind::Spans, "Run", "tokens", {}})),
      operator_track_(recorder.add_track({TraceTrack::Kind::Spans, "Run", "operators", {}})) {}

void TraceRecorder::RunTracks::show(std::size_t track, Cycles from, Cycles to,
                                    const TraceSlice& slice) {
    from = std::max(from, opened_at_);
    if (recorder_.recording() && from < to) recorder_.span(from, to, track, slice);
}

void TraceRecorder::RunTracks::retired(Cycles at, const isa::Instruction& instruction) {
    if (instruction.ends_operator) {
        TraceSlice slice;
        slice.kind = TraceSlice::Kind::Operator;
        slice.label = recorder_.numbers_.next_completion(instruction.op);
        show_skips(&slice);
        show(operator_track_, last_end_, at, slice);
        last_end_ = at;
        if (recorder_.numbers_.ends_layer(slice.label)) ++layers_ended_;
    }
    if (!instruction.ends_token) return;
    show_token(at);
    token_ends_.push_back(at);
    layers_ended_ = 0;
}

void TraceRecorder::RunTracks::show_token(Cycles until) {
    TraceSlice slice;
    slice.kind = TraceSlice::Kind::Token;
    slice.label.token = token_ends_.size();
    show(token_track_, token_ends_.empty() ? Cycles(0) : token_ends_.back(), until, slice);
}

void TraceRecorder::RunTracks::show_skips(const TraceSlice* slice) {
    for (const SkippedCycles& skipped : skips_) {
        if (slice != nullptr) show(operator_track_, last_end_, skipped.from, *slice);
        TraceSlice skip;
        skip.kind = TraceSlice::Kind::Skipped;
        skip.periods = skipped.periods;
        show(operator_track_, skipped.from, skipped.to, skip);
        last_end_ = skipped.to;
    }
    skips_.clear();
}

void TraceRecorder::RunTracks::close(Cycles at) {
    show_skips(nullptr);
    const bool just_ended = !token_ends_.empty() && token_ends_.back() == at;
    if (!just_ended) show_token(at);
}

void TraceRecorder::RunTracks::show_result(TraceSummary::Window window) {
    TraceSlice slice;
    slice.kind = TraceSlice::Kind::Result;
    show(result_track_, window.from, window.to, slice);
}

}  // namespace lpusim
