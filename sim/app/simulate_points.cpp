#include "sim/app/simulate_points.h"

#include <optional>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "sim/app/progress_line.h"
#include "sim/platform/worker_pool.h"

namespace lpusim::app {

std::vector<PointRun> simulate_points(const std::vector<NamedJob>& jobs, std::size_t parallel) {
    std::vector<std::string> names;
    names.reserve(jobs.size());
    for (const NamedJob& job : jobs) names.push_back(job.label);
    std::vector<std::optional<PointRun>> runs(jobs.size());
    std::vector<std::string> failures;
    {
        ProgressLine progress(names);
        WorkerEvents events;
        events.progress = [&](std::size_t i, double share) { progress.update(i, share); };
        events.result = [&](std::size_t i, PointRun run) {
            runs[i] = std::move(run);
            progress.update(i, 1);
        };
        events.failure = [&](std::size_t i, const std::string& error) {
            failures.push_back(names[i] + ": " + error);
        };
        // The kernel's name of this very program, which need not be found in PATH, nor still be
        // there.
        const WorkerPool pool({"/proc/self/exe", "worker"}, parallel);
        pool.run(
            jobs.size(), [&](std::size_t i) { return encode(jobs[i].job); }, events);
    }
    if (!failures.empty()) throw std::runtime_error(fmt::format("{}", fmt::join(failures, "\n")));

    std::vector<PointRun> finished;
    finished.reserve(runs.size());
    for (std::optional<PointRun>& run : runs) finished.push_back(std::move(run.value()));
    return finished;
}

}  // namespace lpusim::app
