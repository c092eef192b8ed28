#include "sim/app/sweep_slurm.h"

#include <cstdlib>
#include <filesystem>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "sim/app/command_line.h"
#include "sim/app/input_errors.h"
#include "sim/app/output.h"
#include "sim/config/data_files.h"
#include "sim/config/diagnostics.h"
#include "sim/config/load.h"
#include "sim/result/result_store.h"
#include "sim/sweep/slurm_status.h"
#include "sim/sweep/slurm_task.h"

namespace lpusim::app {

namespace {

namespace fs = std::filesystem;

constexpr const char* kDataVariable = "LPUSIM_DATA_DIR";

std::string states_text(const SlurmStatus& status) {
    std::string text;
    for (const auto& [state, count] : status.states) {
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, state);
    }
    if (!text.empty()) return text;
    return status.slurm_error.empty() ? "not known to Slurm any more" : status.slurm_error;
}

std::string status_text(const SlurmStatus& status) {
    std::string text = fmt::format("{} ({}): {} of {} done, {} failed\n", status.sweep_name,
                                   status.sweep_path, status.done, status.total, status.failed);
    if (!status.job.empty()) {
        text += fmt::format("job {}, submission {}, {} of {} tasks finished: {}\n", status.job,
                            status.submissions, status.finished_tasks, status.tasks,
                            states_text(status));
    }
    const bool is_waiting = status.is_active || !status.slurm_error.empty();
    return text + fmt::format("{}:\n  {}\n",
                              is_waiting ? "to wait for it, or to look again and go on"
                                         : "no task is at work; to collect and go on",
                              status.resume_command);
}

}  // namespace

std::unique_ptr<SlurmEngine> slurm_engine(const SweepOptions& options,
                                          std::function<void(const std::string& line)> note) {
    const fs::path program = fs::read_symlink("/proc/self/exe");
    SlurmEngineOptions engine;
    engine.settings = load_slurm(find_file(FileKind::Slurm, options.slurm));
    engine.folder = SlurmFolder::beside(options.out);
    engine.task_command = {program.string(), kSlurmTask};
    if (const char* data = std::getenv(kDataVariable)) {
        engine.environment.emplace_back(kDataVariable, data);
    }
    engine.working_folder = fs::current_path();
    engine.resume_command = resume_command(options);
    engine.detach = options.detach;
    engine.time_limit = options.time_limit;
    engine.memory_bytes = options.memory_bytes;
    engine.note = std::move(note);
    return std::make_unique<SlurmEngine>(std::move(engine));
}

int slurm_task(const Arguments& arguments) {
    if (arguments.size() != 2) throw InputError("error: slurm-task: a folder and a number");
    const std::uint32_t task =
        parse_count("slurm-task", arguments[1], 1, std::numeric_limits<std::uint32_t>::max());
    return run_slurm_task(arguments[0], task, {"/proc/self/exe", "point-server"});
}

int sweep_status(const Arguments& arguments) {
    CommandLine line("lpusim sweep status");
    line.add_flag("help,h", "this text");
    line.allow_positional("STORE");
    line.parse(arguments);
    if (line.has("help")) {
        print(line.help("STORE", "How the sweep on a Slurm cluster stands whose points go there."));
        return kSuccess;
    }
    if (line.positional().size() != 1) {
        throw InputError(fmt::format("error: {} stores are given, not one; {}",
                                     line.positional().size(), line.hint()));
    }
    const fs::path path = line.positional().front();
    if (const auto status = slurm_status(path)) {
        print(status_text(*status));
        return kSuccess;
    }
    std::error_code ignored;
    if (!fs::exists(path, ignored)) {
        throw InputError(
            fmt::format("error: there is no store {}", config::in_quotes(path.string())));
    }
    const ResultStore store = ResultStore::open(path);
    print(
        fmt::format("{}: no sweep on a cluster is under way; {} points with a result, {} without\n",
                    path.string(), store.point_count(), store.failure_count()));
    return kSuccess;
}

}  // namespace lpusim::app
