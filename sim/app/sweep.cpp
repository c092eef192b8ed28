#include <csignal>
#include <filesystem>
#include <iostream>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "sim/app/input_errors.h"
#include "sim/app/output.h"
#include "sim/app/sweep_options.h"
#include "sim/app/sweep_progress.h"
#include "sim/app/sweep_slurm.h"
#include "sim/app/verbs.h"
#include "sim/platform/child_process.h"
#include "sim/sweep/local_engine.h"
#include "sim/sweep/slurm_job.h"

namespace lpusim::app {

namespace {

std::unique_ptr<Engine> local_engine(const SweepOptions& options) {
    LocalEngineOptions local;
    // The kernel's name of this very program, which need not be found in PATH.
    local.command = {"/proc/self/exe", "point-server"};
    local.jobs = options.jobs;
    local.time_limit = options.time_limit;
    local.memory_bytes = options.memory_bytes;
    return std::make_unique<LocalEngine>(std::move(local));
}

void require_store(const SweepOptions& options) {
    std::error_code ignored;
    if (options.resume && !std::filesystem::exists(options.out, ignored)) {
        throw InputError(
            fmt::format("error: --resume: there is no {} to continue", options.out.string()));
    }
}

/// Requests that the store need not compute again; none without a store.
std::set<RequestKey> settled_in(const std::filesystem::path& path) {
    std::error_code ignored;
    if (path.empty() || !std::filesystem::exists(path, ignored)) return {};
    // An empty file is no store yet, and becomes one.
    if (std::filesystem::is_empty(path, ignored)) return {};
    const std::vector<RequestKey> keys = ResultStore::open(path).settled_requests();
    return {keys.begin(), keys.end()};
}

int dry_run(const SweepPlan& plan, const SweepOptions& options) {
    const SweepFile& sweep = plan.sweep();
    std::string text = fmt::format("{}: {}\n", sweep.name, sweep.description);
    for (const SweepAxis& axis : sweep.axes) {
        text += fmt::format("  {}: {} values, {} to {}\n", axis.key.name, axis.values.size(),
                            axis.values.front().text, axis.values.back().text);
    }
    if (sweep.search) {
        text +=
            fmt::format("  {} searches over {} from {} to {}\n", plan.count(options.shard),
                        sweep.search->key.name, sweep.search->from.text(), sweep.search->to.text());
        print(text);
        return kSuccess;
    }
    const std::set<RequestKey> settled = settled_in(options.out);
    std::uint64_t total = 0;
    std::uint64_t missing = 0;
    for (std::uint64_t i = options.shard.index; i < plan.size(); i += options.shard.count) {
        const auto point = plan.point(i);
        if (!point) continue;
        ++total;
        if (settled.count(point->place.request) == 0) ++missing;
    }
    print(text + fmt::format("  {} points, {} to compute\n", total, missing));
    return kSuccess;
}

void print_findings(const ResultStore& store, const std::string& sweep) {
    for (const FindingRow& row : store.findings()) {
        if (row.sweep != sweep) continue;
        print(
            fmt::format("{}  {}: {}\n", row.finding.axes_json, row.finding.key, row.finding.text));
    }
}

/// What became of it, in a line or two.
void print_summary(const SweepPlan& plan, const SweepOptions& options,
                   const SweepProgress& progress, const ResultStore& store) {
    print(fmt::format("{}: {} of {} {} computed in {:.1f} s, {} failed; results in {}\n",
                      plan.sweep().name, progress.done(), progress.total(),
                      plan.sweep().search ? "searches" : "points", progress.seconds(),
                      progress.failed(), options.out.string()));
    if (plan.sweep().search) print_findings(store, plan.sweep().name);
}

void print_detached(const SweepOptions& options) {
    const std::string out = options.out.string();
    print(
        fmt::format("detached. How it stands: {} sweep status {}\nTo wait, or to go on once "
                    "the job has ended:\n  {}\n",
                    program_word(), shell_quoted(out), resume_command(options)));
}

int run_sweep(const SweepPlan& plan, const SweepOptions& options) {
    // A file that may not grow further is an error to report, not a reason to die.
    ::signal(SIGXFSZ, SIG_IGN);
    ResultStore store = ResultStore::open_or_create(options.out);
    SweepProgress progress;
    bool is_detached = false;
    try {
        if (options.engine == "slurm") {
            const auto note = [&](const std::string& text) { progress.note(text); };
            const auto engine = slurm_engine(options, note);
            engine->run(plan, options.shard, store, progress);
            is_detached = engine->is_detached();
        } else {
            local_engine(options)->run(plan, options.shard, store, progress);
        }
        progress.clear();
    } catch (const Interrupted&) {
        progress.clear();
        std::cerr << fmt::format("stopped; what is done is in {}. To continue:\n  {}\n",
                                 options.out.string(), resume_command(options));
        throw;
    }
    if (is_detached) {
        print_detached(options);
    } else {
        print_summary(plan, options, progress, store);
    }
    return kSuccess;
}

}  // namespace

int sweep_verb(const Arguments& arguments) {
    if (!arguments.empty() && arguments.front() == "status") {
        return sweep_status({arguments.begin() + 1, arguments.end()});
    }
    CommandLine line = sweep_command_line();
    line.parse(arguments);
    if (line.has("help")) {
        print(sweep_help(line));
        return kSuccess;
    }
    const SweepOptions options = read_sweep_options(line);
    require_store(options);
    const SweepPlan plan(load_sweep(options.file));
    return options.dry_run ? dry_run(plan, options) : run_sweep(plan, options);
}

}  // namespace lpusim::app
