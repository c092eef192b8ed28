#include "sim/sweep/slurm_task.h"

#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "sim/config/diagnostics.h"
#include "sim/platform/child_process.h"
#include "sim/sweep/local_engine.h"
#include "sim/sweep/search_queue.h"
#include "sim/sweep/slurm_state.h"
#include "sim/sweep/work_queue.h"

namespace lpusim {

namespace {

using Clock = std::chrono::steady_clock;

/// Points are committed together when they come faster than this: a transaction on a network file
/// system takes its time.
constexpr auto kBetweenCommits = std::chrono::seconds(1);
constexpr auto kBetweenRecords = std::chrono::seconds(2);

class Nobody : public SweepObserver {
public:
    void started(std::uint64_t /*total*/, std::uint64_t /*missing*/) override {}
    void progressed(std::uint64_t /*done*/, std::uint64_t /*failed*/) override {}
};

std::string environment(const char* name, const std::string& otherwise) {
    const char* value = std::getenv(name);
    return value == nullptr || *value == '\0' ? otherwise : value;
}

/// Which of several lives of a task this is: a task whose node was lost begins anew while the node
/// may still be at work.
std::string incarnation() {
    return environment("SLURM_JOB_ID", fmt::to_string(::getpid())) + "-" +
           environment("SLURM_RESTART_COUNT", "0");
}

/// Writes down how far the task is, and commits what it has.
class TaskObserver : public SweepObserver {
public:
    TaskObserver(const SlurmRoundFolder& folder, std::uint64_t task, ResultStore& store)
        : folder_(folder), task_(task), store_(store) {
        record_.host = environment("SLURMD_NODENAME", "this machine");
        write();
    }

    void started(std::uint64_t total, std::uint64_t missing) override {
        record_.points = total;
        begun_with_ = total - missing;
        record_.done = begun_with_;
        write();
        store_.begin();
        is_open_ = true;
    }

    void progressed(std::uint64_t done, std::uint64_t failed) override {
        record_.done = begun_with_ + done;
        record_.failed = failed;
        const Clock::time_point now = Clock::now();
        if (now - committed_ >= kBetweenCommits) {
            store_.commit();
            store_.begin();
            committed_ = now;
        }
        if (now - written_ >= kBetweenRecords) write();
    }

    /// Commits what is left.
    void finish() {
        if (is_open_) store_.commit();
        is_open_ = false;
    }

    SlurmTaskRecord& record() { return record_; }
    void write() {
        folder_.write(task_, record_);
        written_ = Clock::now();
    }

private:
    const SlurmRoundFolder& folder_;
    std::uint64_t task_;
    ResultStore& store_;
    SlurmTaskRecord record_;
    std::uint64_t begun_with_ = 0;
    bool is_open_ = false;
    Clock::time_point committed_ = Clock::now();
    Clock::time_point written_;
};

/// What earlier lives of the task have computed need not be computed again.
void take_over(const SlurmRoundFolder& folder, std::uint64_t task, const std::filesystem::path& own,
               ResultStore& store) {
    for (const std::filesystem::path& other : folder.stores(task)) {
        if (other == own) continue;
        try {
            store.merge(other);
        } catch (const StoreError& e) {
            std::cerr << "passed over: " << e.what() << "\n";
        }
    }
}

SweepPlan plan_of(const SlurmJobRecord& job, const SlurmTaskPoints& points) {
    SweepPlan plan(parse_sweep(job.definition, job.sweep_path));
    if (points_digest(plan, points.ordinals) != points.digest) {
        throw SlurmStateError(
            "a file that the sweep is made of has changed since the job was submitted");
    }
    plan.restrict_to(points.ordinals);
    return plan;
}

void compute(const SlurmRoundFolder& folder, std::uint64_t task, const SweepPlan& plan,
             const LocalEngineOptions& options) {
    const std::filesystem::path own = folder.store(task, incarnation());
    ResultStore store = ResultStore::open_or_create(own, StoreJournal::Rollback);
    take_over(folder, task, own, store);
    TaskObserver observer(folder, task, store);
    SlurmTaskRecord& record = observer.record();
    try {
        LocalEngine(options).run(plan, {}, store, observer);
    } catch (const Interrupted& e) {
        observer.finish();
        record.state = SlurmTaskRecord::State::Stopped;
        record.message = e.what();
        observer.write();
        throw;
    }
    observer.finish();
    record.failed_points = missing_in(plan, {}, store);
    record.state = SlurmTaskRecord::State::Finished;
    observer.write();
}

}  // namespace

std::string points_digest(const SweepPlan& plan, const std::vector<std::uint64_t>& ordinals) {
    std::string keys;
    for (const std::uint64_t ordinal : ordinals) {
        const std::optional<PlannedPoint> point = plan.point(ordinal);
        if (!point) continue;
        keys.append(point->place.request.begin(), point->place.request.end());
    }
    return to_string(boost::uuids::name_generator_sha1(boost::uuids::ns::oid())(keys));
}

std::vector<std::uint64_t> missing_in(const SweepPlan& plan, const Shard& shard,
                                      ResultStore& store) {
    const std::int64_t sweep = store.add_sweep({plan.sweep().name, plan.sweep().text});
    if (!plan.sweep().search) return missing_points(plan, shard, store, sweep);
    // A search goes on until it has to ask for a point.
    Nobody nobody;
    std::vector<std::uint64_t> missing;
    store.begin();
    SearchQueue queue(plan, shard, store, sweep, nobody);
    while (const std::optional<PlannedPoint> point = queue.next()) {
        if (missing.empty() || missing.back() != point->place.ordinal) {
            missing.push_back(point->place.ordinal);
        }
    }
    store.commit();
    return missing;
}

int run_slurm_task(const std::filesystem::path& round, std::uint64_t task,
                   const std::vector<std::string>& server) {
    const SlurmRoundFolder folder(round);
    if (folder.is_closed()) {
        std::cerr << "the sweep does not wait for this task any more\n";
        return 0;
    }
    try {
        const SlurmJobRecord job = folder.job();
        LocalEngineOptions options;
        options.command = server;
        options.jobs = job.jobs;
        options.time_limit = std::chrono::milliseconds(job.time_limit_ms);
        options.memory_bytes = job.memory_bytes;
        compute(folder, task, plan_of(job, folder.points(task)), options);
        return 0;
    } catch (const Interrupted&) {
        throw;
    } catch (const std::exception& e) {
        // Whoever waits has no other way to learn it.
        SlurmTaskRecord record = folder.record(task).value_or(SlurmTaskRecord());
        record.state = SlurmTaskRecord::State::Failed;
        record.message = e.what();
        folder.write(task, record);
        throw;
    }
}

}  // namespace lpusim
