#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/app/command_line.h"
#include "sim/app/trace_run.h"
#include "sim/app/weight_options.h"
#include "sim/data/tensor_source.h"
#include "sim/workload/scenario.h"

namespace lpusim::app {

/// What `lpusim run` was asked for. Files and formats are as typed: names or paths.
struct RunOptions {
    std::string hardware;
    std::string model;
    std::vector<std::string> formats;
    Scenario scenario;
    /// The file whose weights tell the formats' errors, and are carried by --data; none: random
    /// ones.
    WeightChoice weights;
    /// Where the result JSON goes; "-" is standard output.
    std::optional<std::string> json;
    bool every_cycle = false;
    bool fast_forward = true;
    /// Run both with and without fast-forward, and compare.
    bool verify_fast_forward = false;
    /// Carry data through the machine and compare every result.
    bool verify_data = false;
    bool dump_program = false;
    std::optional<TraceChoice> trace;
    /// Worker processes at a time.
    std::uint32_t jobs = 1;

    /// What --data carries.
    DataWeights data_weights() const {
        return {verify_data ? weights.file.value_or("") : "", weights.orientation};
    }
};

CommandLine run_command_line();
std::string run_help(const CommandLine& line);

/// Throws InputError with every error.
RunOptions read_run_options(const CommandLine& line);

}  // namespace lpusim::app
