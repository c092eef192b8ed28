#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lpusim {

/// What a sweep asks of a Slurm cluster. Empty and zero leave it to the cluster's defaults.
struct SlurmSettings {
    std::string name;
    std::string description;
    std::string partition;
    std::string account;
    std::string qos;
    /// Of a task.
    std::uint64_t time_seconds = 0;
    std::uint64_t memory_bytes = 0;
    std::uint32_t cpus = 1;
    /// Of a job array.
    std::uint32_t tasks = 1;
    /// At most so many tasks run at a time; 0: as many as the cluster gives.
    std::uint32_t running = 0;
    /// How often points that a job left out are submitted again.
    std::uint32_t resubmissions = 0;
    std::uint64_t poll_seconds = 1;
    /// Arguments for sbatch, as they are.
    std::vector<std::string> sbatch;
    /// Shell commands, run by each task before anything else.
    std::vector<std::string> setup;
};

}  // namespace lpusim
