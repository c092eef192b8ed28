#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "sim/config/slurm_settings.h"

namespace lpusim {

/// One word of a POSIX shell that stands for exactly this text.
std::string shell_quoted(const std::string& text);

/// A job array that is to be submitted.
struct SlurmJob {
    /// By which it is found again.
    std::string name;
    std::uint64_t tasks = 1;
    std::filesystem::path script;
};

/// The arguments of sbatch.
std::vector<std::string> sbatch_arguments(const SlurmJob& job, const SlurmSettings& settings);

/// What a task of the array runs.
struct SlurmScript {
    /// Where relative paths of the sweep file start.
    std::filesystem::path working_folder;
    /// Where the tasks' logs go.
    std::filesystem::path log_folder;
    std::vector<std::pair<std::string, std::string>> environment;
    std::vector<std::string> setup;
    /// The task's number is its last argument.
    std::vector<std::string> command;
};
std::string script_text(const SlurmScript& script);

}  // namespace lpusim
