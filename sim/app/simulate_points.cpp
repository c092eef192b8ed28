#include "sim/app/simulate_points.h"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "sim/app/progress_line.h"
#include "sim/platform/worker_pool.h"
#include "sim/result/extrapolate.h"

namespace lpusim::app {

namespace {

/// One process: a point, or one of the two runs that a scaled point is made of.
struct Task {
    std::size_t point = 0;
    WorkerJob job;
};

bool is_scaled(const NamedJob& point) {
    const std::uint32_t layers = point.job.scenario.layers;
    return layers != 0 && layers < point.layers_of_model;
}

/// The tasks of a point stand together, the neighbour behind.
std::vector<Task> tasks_of(const std::vector<NamedJob>& points) {
    std::vector<Task> tasks;
    for (std::size_t i = 0; i < points.size(); ++i) {
        tasks.push_back({i, points[i].job});
        if (!is_scaled(points[i])) continue;
        WorkerJob neighbour = points[i].job;
        neighbour.scenario.layers = neighbour_of(neighbour.scenario.layers);
        tasks.push_back({i, std::move(neighbour)});
    }
    return tasks;
}

std::string name_of(const Task& task, const std::vector<NamedJob>& points) {
    const NamedJob& point = points[task.point];
    if (!is_scaled(point)) return point.label;
    return fmt::format("{} ({} layers)", point.label, task.job.scenario.layers);
}

std::vector<PointRun> run_tasks(const std::vector<Task>& tasks,
                                const std::vector<std::string>& names, std::size_t parallel) {
    std::vector<std::optional<PointRun>> runs(tasks.size());
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
            tasks.size(), [&](std::size_t i) { return encode(tasks[i].job); }, events);
    }
    if (!failures.empty()) throw std::runtime_error(fmt::format("{}", fmt::join(failures, "\n")));

    std::vector<PointRun> finished;
    finished.reserve(runs.size());
    for (std::optional<PointRun>& run : runs) finished.push_back(std::move(run.value()));
    return finished;
}

}  // namespace

std::vector<PointRun> simulate_points(const std::vector<NamedJob>& jobs, std::size_t parallel) {
    const std::vector<Task> tasks = tasks_of(jobs);
    std::vector<std::string> names;
    names.reserve(tasks.size());
    for (const Task& task : tasks) names.push_back(name_of(task, jobs));
    std::vector<PointRun> runs = run_tasks(tasks, names, parallel);

    std::vector<PointRun> points;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const bool is_neighbour = i > 0 && tasks[i].point == tasks[i - 1].point;
        if (!is_neighbour) {
            points.push_back(std::move(runs[i]));
            continue;
        }
        PointRun& point = points.back();
        point.point = extrapolate(point.point, runs[i].point);
        point.simulator = sum(point.simulator, runs[i].simulator);
    }
    return points;
}

}  // namespace lpusim::app
