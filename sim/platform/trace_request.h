#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sim/trace/trace_window.h"
#include "sim/trace/trace_writer.h"

namespace lpusim {

enum class TraceFormat : std::uint8_t { Perfetto, Vcd };

/// A trace that is wanted of a run.
struct TraceRequest {
    TraceFormat format = TraceFormat::Perfetto;
    TraceWindow window;
    /// Recording stops when about so many records are written.
    std::uint64_t most_events = 0;
    TraceOutput output;
    /// Asked now and then: true ends the run, and the trace with it.
    std::function<bool()> interrupted;
    std::string title;
    std::vector<std::pair<std::string, std::string>> facts;
};

}  // namespace lpusim
