#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/app/command_line.h"
#include "sim/app/input_errors.h"
#include "sim/app/simulate_points.h"
#include "sim/platform/trace_request.h"

namespace lpusim::app {

/// A trace that was asked for on the command line.
struct TraceChoice {
    std::string path;
    TraceFormat format = TraceFormat::Perfetto;
    TraceWindow window;
    std::uint64_t most_events = 1'000'000;
};

void add_trace_options(CommandLine& line);
/// Nothing when no trace is wanted. What is wrong is added to `errors`.
std::optional<TraceChoice> read_trace_choice(const CommandLine& line, InputErrors& errors);

/// Simulates the job in this process and writes its trace; says on standard error what the trace
/// holds. Throws InputError when the window lies behind the run's end, and Interrupted when a
/// signal ended the run: the file then holds what came before it.
PointRun simulate_with_trace(const NamedJob& job, const TraceChoice& choice);

}  // namespace lpusim::app
