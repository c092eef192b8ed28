#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace lpusim {

/// How a sweep on a cluster stands.
struct SlurmStatus {
    std::string sweep_name;
    std::string sweep_path;
    std::string resume_command;
    /// Points (with a search: searches) in all, done, and of these without a result.
    std::uint64_t total = 0;
    std::uint64_t done = 0;
    std::uint64_t failed = 0;
    std::uint64_t submissions = 0;
    /// The job that is out; empty if none is.
    std::string job;
    std::uint64_t tasks = 0;
    std::uint64_t finished_tasks = 0;
    /// Tasks by what Slurm says of them; empty if it gives no answer.
    std::map<std::string, std::uint64_t> states;
    /// Why there are no states.
    std::string slurm_error;
    /// Whether a task waits or runs; if none does, somebody has to collect and go on.
    bool is_active = false;
};

/// Nothing if no sweep on a cluster is under way for this store. Throws SlurmStateError.
std::optional<SlurmStatus> slurm_status(const std::filesystem::path& store);

}  // namespace lpusim
