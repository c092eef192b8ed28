#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sim/config/slurm_settings.h"
#include "sim/sweep/engine.h"
#include "sim/sweep/slurm_client.h"
#include "sim/sweep/slurm_state.h"

namespace lpusim {

struct SlurmEngineOptions {
    SlurmSettings settings;
    /// Where driver and tasks meet: on a file system that the nodes see, too.
    std::filesystem::path folder;
    /// What a task runs; the round's folder and the task's number follow.
    std::vector<std::string> task_command;
    std::vector<std::pair<std::string, std::string>> environment;
    std::filesystem::path working_folder;
    /// What a user types to go on, to be shown by others.
    std::string resume_command;
    /// Whether to leave once the job is submitted.
    bool detach = false;
    /// For one point; 0: none.
    std::chrono::milliseconds time_limit{0};
    std::uint64_t memory_bytes = 0;
    /// Told, in a line, what a user wants to know.
    std::function<void(const std::string& line)> note;
    /// Between two looks at what tasks have written.
    std::chrono::milliseconds look{1'000};
};

/// Computes points as job arrays on a Slurm cluster: deals them out, waits, takes the tasks'
/// results into the store, and submits again what tasks left out. All that it has to remember is in
/// the folder, so another one can go on when it is killed. docs/slurm.md tells users about it.
class SlurmEngine : public Engine {
public:
    explicit SlurmEngine(SlurmEngineOptions options);

    /// SIGINT cancels the jobs, SIGTERM leaves them: both throw Interrupted. Throws SlurmError,
    /// SlurmStateError, StoreError, OutputError.
    void run(const SweepPlan& plan, const Shard& shard, ResultStore& store,
             SweepObserver& observer) override;

    /// Whether run() returned with a job still out.
    bool is_detached() const { return is_detached_; }

private:
    SlurmEngineOptions options_;
    bool is_detached_ = false;
};

}  // namespace lpusim
