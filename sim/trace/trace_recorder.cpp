#include "sim/trace/trace_recorder.h"

#include <algorithm>

#include "sim/trace/trace_tracks.h"

namespace lpusim {

namespace {

/// Changes that are held until they are sorted and written.
constexpr std::size_t kGathered = 1 << 15;

}  // namespace

TraceRecorder::TraceRecorder(TraceWriter& writer, const TracedProgram& traced, TraceWindow window,
                             std::uint64_t most_events)
    : writer_(writer),
      numbers_(traced),
      window_(window),
      most_events_(most_events),
      run_(std::make_unique<RunTracks>(*this)) {}

TraceRecorder::~TraceRecorder() = default;

std::size_t TraceRecorder::add_track(TraceTrack track) {
    tracks_.push_back(std::move(track));
    return tracks_.size() - 1;
}

void TraceRecorder::engine(const std::string& engine, const std::string& unit, EngineRole role,
                           Probe<EngineSink>& probe) {
    engines_.push_back(std::make_unique<EngineTracks>(*this, engine, unit, role));
    probe.attach(*engines_.back());
}

void TraceRecorder::level(const LevelName& name, Probe<LevelSink>& probe) {
    const std::size_t track =
        add_track({TraceTrack::Kind::Level, name.unit, name.name, name.counts});
    levels_.push_back(std::make_unique<LevelTrack>(*this, track, name.initial));
    probe.attach(*levels_.back());
}

void TraceRecorder::retirement(Probe<RetireSink>& probe) { probe.attach(*run_); }

void TraceRecorder::start(const TraceHeader& header) {
    header_ = header;
    gathered_.reserve(kGathered);
    const bool from_start = (window_.cycles && window_.cycles->from == Cycles(0)) ||
                            window_.whole_run() ||
                            (window_.token == std::uint64_t{0} && window_.layer.value_or(0) == 0);
    if (from_start) open(Cycles(0));
}

std::optional<Cycles> TraceRecorder::opening(const ClockDomain& domain) const {
    const Cycles next = domain.now() + Cycles(1);
    if (window_.cycles) {
        const Cycles from = window_.cycles->from;
        return domain.reaches(from) ? std::optional(from) : std::nullopt;
    }
    if (run_->token_ends().size() < window_.token.value_or(0)) return std::nullopt;
    return run_->layers_ended() >= window_.layer.value_or(0) ? std::optional(next) : std::nullopt;
}

std::optional<Cycles> TraceRecorder::closing(const ClockDomain& domain) const {
    const Cycles next = domain.now() + Cycles(1);
    if (window_.whole_run()) return std::nullopt;
    if (window_.cycles) {
        const Cycles to = window_.cycles->to;
        return domain.reaches(to) ? std::optional(to) : std::nullopt;
    }
    const bool token_over = run_->token_ends().size() > *window_.token;
    const bool layer_over = window_.layer && run_->layers_ended() > *window_.layer;
    return token_over || layer_over ? std::optional(next) : std::nullopt;
}

void TraceRecorder::after_cycle(ClockDomain& domain) {
    if (phase_ == Phase::After) return;
    if (phase_ == Phase::Before) {
        const std::optional<Cycles> at = opening(domain);
        if (!at) return;
        domain.settle_all(*at);
        open(*at);
    }
    if (const std::optional<Cycles> at = closing(domain)) {
        domain.settle_all(*at);
        close(*at);
        return;
    }
    if (gathered_.size() < std::min<std::uint64_t>(kGathered, most_events_)) return;
    const Cycles next = domain.now() + Cycles(1);
    domain.settle_all(next);
    write_gathered();
    if (writer_.events() < most_events_) return;
    summary_.limit_reached = true;
    close(next);
}

bool TraceRecorder::may_skip() const {
    if (phase_ == Phase::After || window_.whole_run()) return true;
    if (window_.cycles) return phase_ == Phase::Before;
    // Which layer runs is counted, so none is left out.
    return !window_.layer || run_->token_ends().size() < *window_.token;
}

Cycles TraceRecorder::skip_limit() const {
    return window_.cycles && phase_ == Phase::Before ? window_.cycles->from : kNever;
}

void TraceRecorder::open(Cycles at) {
    phase_ = Phase::During;
    summary_.from = at;
    writer_.start(header_, tracks_, at);
    run_->open(at);
    for (const auto& engine : engines_) engine->open(at);
    for (const auto& level : levels_) level->open(at);
}

void TraceRecorder::close(Cycles at) {
    for (const auto& engine : engines_) engine->close(at);
    run_->close(at);
    write_gathered();
    summary_.to = at;
    phase_ = Phase::After;
}

void TraceRecorder::skip(Cycles from, Cycles to, std::uint64_t periods,
                         const std::vector<LeftOut>& parts) {
    for (const auto& engine : engines_) engine->cut(from);
    last_skip_ = {from, to, periods};
    run_->skip(last_skip_);
    for (const LeftOut& part : parts) {
        const OperatorCounts left_out =
            numbers_.skip(part.queue, part.position, part.depth, part.iterations);
        for (const auto& engine : engines_) engine->leave_out(part.queue, left_out);
    }
    for (const auto& engine : engines_) engine->resume(to);
    if (phase_ != Phase::During) return;
    summary_.skipped += to - from;
    ++summary_.skips;
}

void TraceRecorder::skipped(std::size_t engine,
                            const std::array<std::uint64_t, kEngineStateCount>& spent) {
    engines_.at(engine)->show_skip(last_skip_, spent);
}

TraceSummary TraceRecorder::finish(Cycles end, std::optional<TraceSummary::Window> result,
                                   bool interrupted) {
    summary_.result = result;
    summary_.interrupted = interrupted;
    if (phase_ == Phase::Before) return summary_;
    if (phase_ == Phase::During) {
        if (result) run_->show_result(*result);
        close(end);
    }
    summary_.events = writer_.events();
    writer_.finish(summary_);
    return summary_;
}

void TraceRecorder::begin(Cycles at, std::size_t track, const TraceSlice& slice) {
    gather(Change::Kind::Begin, at, track).slice = slice;
}

void TraceRecorder::end(Cycles at, std::size_t track) { gather(Change::Kind::End, at, track); }

void TraceRecorder::span(Cycles from, Cycles to, std::size_t track, const TraceSlice& slice) {
    Change& change = gather(Change::Kind::Span, to, track);
    change.from = from;
    change.slice = slice;
}

void TraceRecorder::level_changed(Cycles at, std::size_t track, std::uint64_t value) {
    if (recording()) gather(Change::Kind::Level, at, track).value = value;
}

TraceRecorder::Change& TraceRecorder::gather(Change::Kind kind, Cycles at, std::size_t track) {
    Change& change = gathered_.emplace_back();
    change.kind = kind;
    change.at = at;
    change.track = static_cast<std::uint32_t>(track);
    return change;
}

void TraceRecorder::write_gathered() {
    std::stable_sort(gathered_.begin(), gathered_.end(),
                     [](const Change& a, const Change& b) { return a.at < b.at; });
    for (const Change& change : gathered_) {
        switch (change.kind) {
            case Change::Kind::Begin:
                writer_.begin(change.at, change.track, change.slice);
                break;
            case Change::Kind::End:
                writer_.end(change.at, change.track);
                break;
            case Change::Kind::Span:
                writer_.span(change.from, change.at, change.track, change.slice);
                break;
            case Change::Kind::Level:
                writer_.level(change.at, change.track, change.value);
                break;
        }
    }
    gathered_.clear();
}

}  // namespace lpusim
