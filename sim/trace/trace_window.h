#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "hw_models/core/quantities.h"

namespace lpusim {

/// The part of a run that is recorded: cycles, a token, a layer of a token, or all of it.
struct TraceWindow {
    struct CycleRange {
        Cycles from;
        Cycles to;
    };
    std::optional<CycleRange> cycles;
    /// From 0: 0 is the cold token, 1 the one in steady state.
    std::optional<std::uint64_t> token;
    /// From 0, of `token`.
    std::optional<std::uint64_t> layer;

    bool whole_run() const { return !cycles && !token && !layer; }
};

/// Tokens that a window can name: those that every run simulates whole.
inline constexpr std::uint64_t kTracedTokens = 2;

/// "1000..2000" (cycles from the start of the run, the end excluded), "token:N" or "layer:N" or
/// "token:N,layer:M", counted from 1; a layer without a token is one of the steady state. Throws
/// std::invalid_argument that says what is allowed.
TraceWindow parse_trace_window(const std::string& text);

}  // namespace lpusim
