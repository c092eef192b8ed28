#include "sim/sweep/slurm_engine.h"

#include <algorithm>
#include <csignal>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <set>

#include <fmt/format.h>

#include "sim/platform/child_process.h"
#include "sim/result/output_file.h"
#include "sim/sweep/folder_lock.h"
#include "sim/sweep/slurm_job.h"
#include "sim/sweep/slurm_task.h"
#include "sim/sweep/slurm_watch.h"

namespace lpusim {

namespace {

namespace fs = std::filesystem;

/// What may stand in a job's name without surprise; enough to recognise a sweep by.
std::string job_name_part(const std::string& name) {
    constexpr std::size_t kLongest = 40;
    std::string part = name.substr(0, kLongest);
    for (char& c : part) {
        const bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                              (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_';
        if (!is_plain) c = '_';
    }
    return part;
}

std::string random_id() {
    std::random_device device;
    return fmt::format("{:08x}", device());
}

/// One run() of the engine.
class Run {
public:
    Run(const SlurmEngineOptions& options, const SweepPlan& plan, const Shard& shard,
        ResultStore& store, SweepObserver& observer)
        : options_(options),
          plan_(plan),
          shard_(shard),
          store_(store),
          observer_(observer),
          folder_(options.folder),
          sweep_(store.add_sweep({plan.sweep().name, plan.sweep().text})) {}

    /// Whether a job is still out.
    bool run() {
        take_up_state();
        find_missing();
        observer_.started(state_.total, missing_.size());
        begun_with_ = missing_.size();
        while (true) {
            if (SlurmRound* round = state_.open_round()) {
                if (options_.detach && is_out(*round)) return true;
                if (!options_.detach) wait_for(*round);
                collect(*round);
                find_missing();
                report(0);
            }
            if (missing_.empty()) break;
            if (state_.submissions() > options_.settings.resubmissions) {
                give_up();
                break;
            }
            submit();
        }
        clean_up();
        return false;
    }

private:
    void note(const std::string& line) const { options_.note(line); }
    SlurmRoundFolder folder_of(const SlurmRound& round) const {
        return SlurmRoundFolder(folder_, round);
    }

    // --- where an earlier driver was ----------------------------------------------------------

    void take_up_state() {
        if (std::optional<SlurmState> before = folder_.state()) {
            state_ = std::move(*before);
            if (SlurmRound* round = state_.open_round()) identify(*round);
            if (is_mine(state_)) {
                state_.resume_command = options_.resume_command;
                return;
            }
            leave_other();
        }
        state_ = SlurmState();
        state_.sweep_name = plan_.sweep().name;
        state_.sweep_path = fs::absolute(plan_.sweep().path).string();
        state_.definition = plan_.sweep().text;
        state_.resume_command = options_.resume_command;
        state_.shard_index = shard_.index;
        state_.shard_count = shard_.count;
        state_.run_id = random_id();
        state_.total = plan_.count(shard_);
    }

    bool is_mine(const SlurmState& state) const {
        return state.definition == plan_.sweep().text && state.shard_index == shard_.index &&
               state.shard_count == shard_.count;
    }

    /// A driver that was killed while it submitted does not know its job; Slurm may.
    void identify(SlurmRound& round) {
        if (!round.job.empty()) return;
        round.job = SlurmClient::find_job(round.job_name);
        if (round.job.empty()) {
            // Should sbatch be at it still, its tasks will find that nobody waits for them.
            folder_of(round).close();
            round.job = SlurmClient::find_job(round.job_name);
        }
        if (round.job.empty()) {
            round.is_cancelled = true;
            note("the last job never came to be; its points are submitted anew");
        }
        folder_.save(state_);
    }

    /// The folder is another sweep's (of the same store) or another shard's.
    void leave_other() {
        SlurmRound* round = state_.open_round();
        if (round == nullptr) return;
        if (is_out(*round)) {
            throw SlurmError(fmt::format(
                "job {} of the sweep {} is still at work for this store; let it end, continue that "
                "sweep, or end it with: scancel {}",
                round->job, state_.sweep_path, round->job));
        }
        collect(*round);
    }

    bool is_out(const SlurmRound& round) const {
        const auto tasks = SlurmClient::tasks(round.job_name);
        return std::any_of(tasks.begin(), tasks.end(),
                           [](const SlurmTaskState& task) { return task.is_active(); });
    }

    // --- what is to do ------------------------------------------------------------------------

    /// What no task has answered. A point that a task finished without a result had its chances.
    void find_missing() {
        const std::vector<std::uint64_t> lacking = missing_in(plan_, shard_, store_);
        std::sort(state_.failed.begin(), state_.failed.end());
        missing_.clear();
        std::set_difference(lacking.begin(), lacking.end(), state_.failed.begin(),
                            state_.failed.end(), std::back_inserter(missing_));
        state_.settled = state_.total - missing_.size();
    }

    void submit() {
        SlurmRound round;
        round.number = state_.rounds.empty() ? 1 : state_.rounds.back().number + 1;
        round.job_name = fmt::format("lpusim-{}-{}-{}", job_name_part(state_.sweep_name),
                                     state_.run_id, round.number);
        round.tasks = std::min<std::uint64_t>(options_.settings.tasks, missing_.size());
        write_round(round);

        // Written down before: whoever comes after a driver that dies here looks for the job.
        state_.rounds.push_back(round);
        folder_.save(state_);
        try {
            state_.rounds.back().job = SlurmClient::submit(sbatch_arguments(
                {round.job_name, round.tasks, folder_of(round).script()}, options_.settings));
        } catch (const SlurmError&) {
            state_.rounds.pop_back();
            folder_.save(state_);
            throw;
        }
        folder_.save(state_);
        const char* const again = state_.submissions() > 1 ? " again" : "";
        note(fmt::format("submitted{} job {}: {} {} in {} task{}", again, state_.rounds.back().job,
                         missing_.size(), unit(missing_.size()), round.tasks,
                         round.tasks == 1 ? "" : "s"));
    }

    const char* unit(std::size_t count) const {
        if (plan_.sweep().search) return count == 1 ? "search" : "searches";
        return count == 1 ? "point" : "points";
    }

    void write_round(const SlurmRound& round) const {
        const SlurmRoundFolder folder = folder_of(round);
        folder.create();
        folder.write({state_.sweep_path, state_.definition, options_.settings.cpus,
                      static_cast<std::uint64_t>(options_.time_limit.count()),
                      options_.memory_bytes});
        // Dealt out like cards: what is dear is often close together.
        for (std::uint64_t task = 1; task <= round.tasks; ++task) {
            SlurmTaskPoints points;
            for (std::uint64_t i = task - 1; i < missing_.size(); i += round.tasks) {
                points.ordinals.push_back(missing_[i]);
            }
            points.digest = points_digest(plan_, points.ordinals);
            folder.write(task, points);
        }
        SlurmScript script;
        script.working_folder = options_.working_folder;
        script.log_folder = folder.path();
        script.environment = options_.environment;
        script.setup = options_.settings.setup;
        script.command = options_.task_command;
        script.command.push_back(folder.path().string());
        write_file(folder.script().string(), script_text(script));
    }

    // --- waiting ------------------------------------------------------------------------------

    void wait_for(SlurmRound& round) {
        if (round.is_cancelled) return;
        SlurmWatch watch(round, folder_of(round), options_.settings, options_.look, signals_);
        watch.on_note = options_.note;
        watch.on_progress = [this](std::uint64_t done, std::uint64_t failed) {
            report(done, failed);
        };
        try {
            watch.wait();
        } catch (const Interrupted& e) {
            if (e.signal() == SIGINT) {
                cancel(round, watch);
            } else {
                note(fmt::format("job {} goes on without this process", round.job));
            }
            throw;
        }
    }

    void cancel(SlurmRound& round, SlurmWatch& watch) {
        note(fmt::format("cancelling job {}", round.job));
        folder_of(round).close();
        try {
            SlurmClient::cancel(round.job_name);
            watch.wait_for_end();
        } catch (const SlurmError& e) {
            note(fmt::format("{}; to cancel it by hand: scancel {}", e.what(), round.job));
            return;
        }
        round.is_cancelled = true;
        folder_.save(state_);
        collect(round);
    }

    void report(std::uint64_t done, std::uint64_t failed = 0) {
        const std::uint64_t before = begun_with_ - missing_.size();
        observer_.progressed(std::min(before + done, begun_with_), state_.failed.size() + failed);
    }

    // --- what came of it ----------------------------------------------------------------------

    void collect(SlurmRound& round) {
        const SlurmRoundFolder folder = folder_of(round);
        for (const fs::path& path : folder.stores()) {
            try {
                // A task that was killed within a transaction leaves it to be undone. What cannot
                // be read at all is as good as not computed.
                ResultStore::open_or_create(path, StoreJournal::Rollback);
            } catch (const StoreError& e) {
                note(fmt::format("passed over: {}", e.what()));
                continue;
            }
            store_.merge(path);
        }
        take_failed(round, folder);
        const std::string hopeless = round.is_cancelled ? "" : describe_ends(round, folder);
        round.is_collected = true;
        folder_.save(state_);
        folder.keep_logs_only();
        if (!hopeless.empty()) throw SlurmError(hopeless);
    }

    void take_failed(const SlurmRound& round, const SlurmRoundFolder& folder) {
        std::set<std::uint64_t> failed(state_.failed.begin(), state_.failed.end());
        for (std::uint64_t task = 1; task <= round.tasks; ++task) {
            const auto record = folder.record(task);
            if (!record || record->state != SlurmTaskRecord::State::Finished) continue;
            failed.insert(record->failed_points.begin(), record->failed_points.end());
        }
        state_.failed.assign(failed.begin(), failed.end());
    }

    /// Notes why tasks did not finish; the last is the reason of what is given up in the end. What
    /// would go the same way when tried again is returned, to be said at once.
    std::string describe_ends(const SlurmRound& round, const SlurmRoundFolder& folder) {
        constexpr std::uint64_t kMostNotes = 3;
        std::map<std::uint64_t, std::string> ends;
        std::uint64_t unfinished = 0;
        std::uint64_t never_began = 0;
        std::uint64_t failed_at_once = 0;
        std::string message;
        for (std::uint64_t task = 1; task <= round.tasks; ++task) {
            const auto record = folder.record(task);
            if (record && record->state == SlurmTaskRecord::State::Finished) continue;
            if (++unfinished == 1) ends = ends_of(round);
            const auto end = ends.find(task);
            const std::string state = end == ends.end() ? "not known any more" : end->second;
            last_end_ = fmt::format("task {}_{}: {}", round.job, task, state);
            if (!record) {
                last_end_ += ", before it began";
                if (state == "FAILED") ++never_began;
            } else {
                if (!record->message.empty()) last_end_ += ", " + record->message;
                if (record->state == SlurmTaskRecord::State::Failed && record->done == 0) {
                    ++failed_at_once;
                    message = record->message;
                }
            }
            if (unfinished <= kMostNotes) note(last_end_);
        }
        if (unfinished > kMostNotes) note(fmt::format("... of {} like it", unfinished));
        if (failed_at_once == round.tasks) return message;
        if (never_began < round.tasks) return "";
        return fmt::format(
            "no task of job {} began: do the nodes see {}, and can they run {}? Their logs, if "
            "there are any, are there",
            round.job, folder.path().string(), options_.task_command.front());
    }

    static std::map<std::uint64_t, std::string> ends_of(const SlurmRound& round) {
        std::map<std::uint64_t, std::string> ends = SlurmClient::ended(round.job);
        try {
            for (const SlurmTaskState& task : SlurmClient::tasks(round.job_name)) {
                if (!task.is_active()) ends.emplace(task.index, task.state);
            }
        } catch (const SlurmError&) {
            // Only the wording of a reason hangs on it.
        }
        return ends;
    }

    void give_up() {
        const std::string reason =
            fmt::format("no result after {} submissions to Slurm; the last: {}",
                        state_.submissions(), last_end_.empty() ? "not known" : last_end_);
        store_.begin();
        for (const std::uint64_t ordinal : missing_) {
            const PlannedPoint point = plan_.point(ordinal).value();
            if (plan_.sweep().search) {
                store_.add_finding(sweep_, ordinal,
                                   {point.place.axes_json, plan_.sweep().search->key.name,
                                    std::nullopt, "not found: " + reason});
            } else {
                StoredPoint stored;
                stored.failure = PointFailure{FailureCause::Crash, reason};
                store_.add(sweep_, point.place, stored);
            }
            state_.failed.push_back(ordinal);
        }
        store_.commit();
        note(fmt::format("gave up {} {}: {}", missing_.size(), unit(missing_.size()), reason));
        missing_.clear();
        report(0);
    }

    /// Logs stay where something failed.
    void clean_up() const {
        folder_.remove_state();
        if (!state_.failed.empty()) return;
        for (const SlurmRound& round : state_.rounds) folder_of(round).remove();
    }

    /// From here on a signal is looked at where it can be obeyed.
    SignalWatch signals_;
    const SlurmEngineOptions& options_;
    const SweepPlan& plan_;
    Shard shard_;
    ResultStore& store_;
    SweepObserver& observer_;
    SlurmFolder folder_;
    std::int64_t sweep_;
    SlurmState state_;
    std::vector<std::uint64_t> missing_;
    std::uint64_t begun_with_ = 0;
    std::string last_end_;
};

}  // namespace

SlurmEngine::SlurmEngine(SlurmEngineOptions options) : options_(std::move(options)) {
    if (!options_.note) options_.note = [](const std::string&) {};
}

void SlurmEngine::run(const SweepPlan& plan, const Shard& shard, ResultStore& store,
                      SweepObserver& observer) {
    is_detached_ = false;
    const FolderLock lock(options_.folder);
    is_detached_ = Run(options_, plan, shard, store, observer).run();
}

}  // namespace lpusim
