#pragma once

#include <string>

#include "sim/trace/trace_writer.h"

namespace lpusim {

/// What a slice is called: its state, its operator, "token 2", "skipped".
std::string slice_name(const TraceSlice& slice, const TraceHeader& header);

/// Members of a JSON object that say the rest of it; empty if there is no more to say.
std::string slice_arguments(const TraceSlice& slice, const TraceHeader& header);

/// A JSON string, quotes included.
std::string json_string(const std::string& text);

}  // namespace lpusim
