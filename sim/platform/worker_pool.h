#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "sim/platform/child_process.h"
#include "sim/result/result.h"

namespace lpusim {

/// What happens to jobs, in the order in which it happens. Called on the thread that called run().
struct WorkerEvents {
    /// The share of the job that is done, 0..1.
    std::function<void(std::size_t job, double share)> progress;
    std::function<void(std::size_t job, PointRun run)> result;
    /// The worker reported an error, or died: then the text names the signal or the exit code.
    std::function<void(std::size_t job, const std::string& error)> failure;
};

/// Runs jobs side by side, each in a process of its own, for SystemC's kernel is one per process. A
/// job is a text on the worker's standard input; what the worker answers is described in
/// worker_protocol.h.
class WorkerPool {
public:
    /// The program with its arguments, and how many run at a time (at least 1).
    WorkerPool(std::vector<std::string> command, std::size_t parallel);

    /// Runs jobs 0 to count-1, started in this order; job_text(i) is asked for when job i starts. A
    /// job that fails does not keep the others from running. Throws Interrupted, std::system_error
    /// if processes cannot be started, and what a callback throws; no worker outlives this call.
    void run(std::size_t count, const std::function<std::string(std::size_t)>& job_text,
             const WorkerEvents& events) const;

private:
    std::vector<std::string> command_;
    std::size_t parallel_;
};

}  // namespace lpusim
