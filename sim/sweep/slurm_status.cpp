#include "sim/sweep/slurm_status.h"

#include "sim/sweep/slurm_client.h"
#include "sim/sweep/slurm_state.h"

namespace lpusim {

namespace {

void read_records(const SlurmRoundFolder& folder, SlurmStatus& status) {
    for (std::uint64_t task = 1; task <= status.tasks; ++task) {
        const auto record = folder.record(task);
        if (!record) continue;
        status.done += record->done;
        status.failed += record->failed;
        if (record->state == SlurmTaskRecord::State::Finished) ++status.finished_tasks;
    }
}

void ask_slurm(const SlurmRound& round, SlurmStatus& status) {
    try {
        for (const SlurmTaskState& task : SlurmClient::tasks(round.job_name)) {
            ++status.states[task.state];
            status.is_active = status.is_active || task.is_active();
        }
    } catch (const SlurmError& e) {
        status.slurm_error = e.what();
    }
}

}  // namespace

std::optional<SlurmStatus> slurm_status(const std::filesystem::path& store) {
    const SlurmFolder folder(SlurmFolder::beside(store));
    std::optional<SlurmState> state = folder.state();
    if (!state) return std::nullopt;
    SlurmStatus status;
    status.sweep_name = state->sweep_name;
    status.sweep_path = state->sweep_path;
    status.resume_command = state->resume_command;
    status.total = state->total;
    status.done = state->settled;
    status.failed = state->failed.size();
    status.submissions = state->submissions();
    if (const SlurmRound* round = state->open_round()) {
        status.job = round->job.empty() ? SlurmClient::find_job(round->job_name) : round->job;
        status.tasks = round->tasks;
        read_records(SlurmRoundFolder(folder, *round), status);
        ask_slurm(*round, status);
    }
    return status;
}

}  // namespace lpusim
