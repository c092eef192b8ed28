#include "sim/trace/perfetto_writer.h"

#include <fmt/format.h>

#include "sim/trace/slice_text.h"

namespace lpusim {

namespace {

/// Perfetto chooses a colour by a slice's name. chrome://tracing is told one of its own colours.
const char* colour_of(const TraceSlice& slice) {
    if (slice.kind == TraceSlice::Kind::Skipped) return "generic_work";
    if (slice.kind != TraceSlice::Kind::State) return nullptr;
    switch (slice.state) {
        case EngineState::Busy:
            return "thread_state_running";
        case EngineState::Starved:
            return "thread_state_iowait";
        case EngineState::Blocked:
            return "terrible";
        case EngineState::Waiting:
            return "thread_state_runnable";
        case EngineState::Idle:
            return "thread_state_sleeping";
    }
    return nullptr;
}

const char* category_of(const TraceSlice& slice) {
    switch (slice.kind) {
        case TraceSlice::Kind::State:
            return "state";
        case TraceSlice::Kind::Instruction:
            return "instruction";
        case TraceSlice::Kind::Skipped:
            return "skipped";
        case TraceSlice::Kind::Operator:
        case TraceSlice::Kind::Token:
        case TraceSlice::Kind::Result:
            return "run";
    }
    return "";
}

}  // namespace

std::string& PerfettoWriter::record(char phase, std::size_t track) {
    std::string& text = out_.text();
    text += first_ ? "\n" : ",\n";
    first_ = false;
    fmt::format_to(std::back_inserter(text), R"({{"ph":"{}","pid":{},"tid":{})", phase,
                   process_of_.at(tracks_[track].unit), track + 1);
    return text;
}

void PerfettoWriter::name_it(const char* what, std::size_t track, const std::string& name,
                             std::size_t place) {
    record('M', track) +=
        fmt::format(R"(,"name":"{}_name","args":{{"name":{}}}}})", what, json_string(name));
    record('M', track) +=
        fmt::format(R"(,"name":"{}_sort_index","args":{{"sort_index":{}}}}})", what, place);
}

void PerfettoWriter::start(const TraceHeader& header, const std::vector<TraceTrack>& tracks,
                           Cycles) {
    header_ = header;
    tracks_ = tracks;
    open_.resize(tracks.size());
    out_.text() += R"({"displayTimeUnit":"ns","traceEvents":[)";
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        const std::size_t next = process_of_.size() + 1;
        if (process_of_.emplace(tracks[i].unit, next).second) {
            name_it("process", i, tracks[i].unit, next);
        }
        if (tracks[i].kind != TraceTrack::Kind::Level) name_it("thread", i, tracks[i].name, i + 1);
    }
}

void PerfettoWriter::begin(Cycles at, std::size_t track, const TraceSlice& slice) {
    open_[track] = {at, slice};
}

void PerfettoWriter::end(Cycles at, std::size_t track) {
    span(open_[track].from, at, track, open_[track].slice);
}

void PerfettoWriter::span(Cycles from, Cycles to, std::size_t track, const TraceSlice& slice) {
    // A slice that begins where the window ends.
    if (from == to) return;
    std::string& text = record('X', track);
    fmt::format_to(std::back_inserter(text), R"(,"ts":{},"dur":{},"cat":"{}","name":{})",
                   from.count(), (to - from).count(), category_of(slice),
                   json_string(slice_name(slice, header_)));
    if (const char* colour = colour_of(slice)) {
        fmt::format_to(std::back_inserter(text), R"(,"cname":"{}")", colour);
    }
    const std::string arguments = slice_arguments(slice, header_);
    if (!arguments.empty()) text += R"(,"args":{)" + arguments + "}";
    text += "}";
    ++events_;
    out_.pass_on();
}

void PerfettoWriter::level(Cycles at, std::size_t track, std::uint64_t value) {
    const TraceTrack& level = tracks_[track];
    record('C', track) += fmt::format(R"(,"ts":{},"name":{},"args":{{{}:{}}}}})", at.count(),
                                      json_string(level.name), json_string(level.counts), value);
    ++events_;
    out_.pass_on();
}

void PerfettoWriter::finish(const TraceSummary& summary) {
    std::string& text = out_.text();
    text += "\n],\n\"otherData\":{\"time\":\"one microsecond is one cycle\"";
    text += fmt::format(",\n\"title\":{},\n\"clock_hz\":{}", json_string(header_.title),
                        header_.clock.count());
    for (const auto& [key, value] : header_.facts) {
        text += fmt::format(",\n{}:{}", json_string(key), json_string(value));
    }
    text += fmt::format(",\n\"recorded\":[{},{}],\n\"events\":{},\n\"skipped_cycles\":{}",
                        summary.from.count(), summary.to.count(), summary.events,
                        summary.skipped.count());
    if (summary.result) {
        text += fmt::format(",\n\"result\":[{},{}]", summary.result->from.count(),
                            summary.result->to.count());
    }
    text += fmt::format(",\n\"limit_reached\":{},\n\"interrupted\":{}", summary.limit_reached,
                        summary.interrupted);
    text += "}}\n";
    out_.flush();
}

}  // namespace lpusim
