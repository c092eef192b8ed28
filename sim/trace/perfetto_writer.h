#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/trace/trace_writer.h"

namespace lpusim {

/// Chrome's JSON trace event format, which Perfetto opens (docs/traces.md): a process per unit, a
/// thread per row. One cycle is written as one microsecond, so that all times are whole.
class PerfettoWriter : public TraceWriter {
public:
    explicit PerfettoWriter(TraceOutput output) : out_(std::move(output)) {}

    void start(const TraceHeader& header, const std::vector<TraceTrack>& tracks,
               Cycles at) override;
    void begin(Cycles at, std::size_t track, const TraceSlice& slice) override;
    void end(Cycles at, std::size_t track) override;
    void span(Cycles from, Cycles to, std::size_t track, const TraceSlice& slice) override;
    void level(Cycles at, std::size_t track, std::uint64_t value) override;
    void finish(const TraceSummary& summary) override;
    std::uint64_t events() const override { return events_; }

private:
    struct Open {
        Cycles from;
        TraceSlice slice;
    };
    /// A process or thread gets its name and place.
    void name_it(const char* what, std::size_t track, const std::string& name, std::size_t place);
    /// Begins a record of that track.
    std::string& record(char phase, std::size_t track);

    BufferedText out_;
    TraceHeader header_;
    std::vector<TraceTrack> tracks_;
    std::map<std::string, std::size_t> process_of_;
    std::vector<Open> open_;
    std::uint64_t events_ = 0;
    bool first_ = true;
};

}  // namespace lpusim
