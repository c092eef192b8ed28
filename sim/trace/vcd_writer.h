#pragma once

#include <string>
#include <vector>

#include "sim/trace/trace_writer.h"

namespace lpusim {

/// A value change dump (IEEE 1364) with strings as GTKWave reads them (docs/traces.md): a scope per
/// unit, a variable per row. One time unit is one cycle.
class VcdWriter : public TraceWriter {
public:
    explicit VcdWriter(TraceOutput output) : out_(std::move(output)) {}

    void start(const TraceHeader& header, const std::vector<TraceTrack>& tracks,
               Cycles at) override;
    void begin(Cycles at, std::size_t track, const TraceSlice& slice) override;
    void end(Cycles at, std::size_t track) override;
    void span(Cycles from, Cycles to, std::size_t track, const TraceSlice& slice) override;
    void level(Cycles at, std::size_t track, std::uint64_t value) override;
    void finish(const TraceSummary& summary) override;
    std::uint64_t events() const override { return events_; }

private:
    void declare(std::size_t track);
    void advance_to(Cycles at);
    void put_text(Cycles at, std::size_t track, const std::string& value);
    /// Writes what each track came to stand at in the cycle that is over.
    void write_pending();
    std::string text_of(const TraceSlice& slice) const;

    BufferedText out_;
    TraceHeader header_;
    std::vector<TraceTrack> tracks_;
    /// The value as it stands in the file, and as it will at the end of this cycle.
    std::vector<std::string> written_;
    std::vector<std::string> pending_;
    std::vector<std::size_t> changed_;
    Cycles now_;
    std::uint64_t events_ = 0;
};

}  // namespace lpusim
