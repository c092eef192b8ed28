#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sim/platform/worker_job.h"
#include "sim/result/result.h"

namespace lpusim::app {

/// A point to simulate, and what it is called in progress and errors.
struct NamedJob {
    std::string label;
    WorkerJob job;
};

/// Simulates the points in worker processes, `parallel` at a time, with a progress line on a
/// terminal. The runs come in the order of the jobs. Throws std::runtime_error that names every
/// point that failed, and Interrupted.
std::vector<PointRun> simulate_points(const std::vector<NamedJob>& jobs, std::size_t parallel);

}  // namespace lpusim::app
