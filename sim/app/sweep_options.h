#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "sim/app/command_line.h"
#include "sim/sweep/sweep_plan.h"

namespace lpusim::app {

/// What `lpusim sweep` was asked for.
struct SweepOptions {
    std::filesystem::path file;
    std::filesystem::path out;
    std::string engine = "local";
    /// Name or path of the settings for the Slurm engine.
    std::string slurm = "default";
    /// With the Slurm engine: leave once the job is submitted.
    bool detach = false;
    /// Simulations at a time.
    std::uint32_t jobs = 1;
    Shard shard;
    /// The store has to be there already.
    bool resume = false;
    bool dry_run = false;
    /// For one point; 0: none.
    std::chrono::seconds time_limit{0};
    std::uint64_t memory_bytes = 0;
};

CommandLine sweep_command_line();
std::string sweep_help(const CommandLine& line);

/// Throws InputError with every error.
SweepOptions read_sweep_options(const CommandLine& line);

/// The command that continues a sweep, as a user can paste it into a shell.
std::string resume_command(const SweepOptions& options);

}  // namespace lpusim::app
