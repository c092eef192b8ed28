#include "sim/platform/worker_pool.h"

#include <algorithm>
#include <csignal>
#include <map>
#include <stdexcept>
#include <system_error>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "sim/platform/worker_protocol.h"
#include "tests/result/sample_point.h"

namespace lpusim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// What a pool told of its jobs.
struct Log {
    std::vector<std::pair<std::size_t, double>> progress;
    std::map<std::size_t, PointRun> results;
    std::map<std::size_t, std::string> failures;

    WorkerEvents events() {
        WorkerEvents events;
        events.progress = [this](std::size_t job, double share) {
            progress.emplace_back(job, share);
        };
        events.result = [this](std::size_t job, PointRun run) { results[job] = std::move(run); };
        events.failure = [this](std::size_t job, const std::string& error) {
            failures[job] = error;
        };
        return events;
    }
};

/// A worker that runs its job as a shell script.
std::vector<std::string> shell() { return {"/bin/sh", "-s"}; }

/// Runs scripts as jobs.
Log run_scripts(const std::vector<std::string>& scripts, std::size_t parallel) {
    Log log;
    WorkerPool(shell(), parallel)
        .run(
            scripts.size(), [&](std::size_t job) { return scripts[job]; }, log.events());
    return log;
}

/// A script that answers with this run.
std::string answer(const PointRun& run) { return "cat <<'END'\n" + encode(run) + "END\n"; }

PointRun run_with_cycles(std::uint64_t cycles) {
    PointRun run;
    run.point = sample_point();
    run.point.cycles = Cycles(cycles);
    return run;
}

TEST(WorkerPool, HandsOverResultsAndProgress) {
    const Log log = run_scripts(
        {"echo '{\"progress\": 0.5}'\n" + answer(run_with_cycles(7)), answer(run_with_cycles(9))},
        2);
    EXPECT_TRUE(log.failures.empty());
    EXPECT_EQ(log.results.at(0).point.cycles, Cycles(7));
    EXPECT_EQ(log.results.at(1).point.cycles, Cycles(9));
    EXPECT_THAT(log.progress, ElementsAre(std::pair<std::size_t, double>(0, 0.5)));
}

TEST(WorkerPool, RunsEachJobOnceWhateverTheirNumber) {
    const std::vector<std::string> scripts(7, answer(run_with_cycles(1)));
    for (const std::size_t parallel : {1U, 3U, 20U}) {
        const Log log = run_scripts(scripts, parallel);
        EXPECT_EQ(log.results.size(), 7U);
        EXPECT_TRUE(log.failures.empty());
    }
    EXPECT_TRUE(run_scripts({}, 2).results.empty());
}

TEST(WorkerPool, NeverRunsMoreThanAskedFor) {
    Log log;
    std::size_t running = 0;
    std::size_t most = 0;
    WorkerEvents events = log.events();
    events.result = [&](std::size_t /*job*/, const PointRun& /*run*/) { --running; };
    WorkerPool(shell(), 2)
        .run(
            6,
            [&](std::size_t /*job*/) {
                most = std::max(most, ++running);
                return answer(run_with_cycles(1));
            },
            events);
    EXPECT_EQ(most, 2U);
}

// A pipe holds 64 KiB: neither side may wait for the other.
TEST(WorkerPool, JobsAndResultsMayBeLong) {
    PointRun run = run_with_cycles(3);
    run.point.notes = {std::string(1'000'000, 'n')};
    const Log log = run_scripts({answer(run)}, 1);
    EXPECT_EQ(log.results.at(0).point.notes.at(0).size(), 1'000'000U);
}

TEST(WorkerPool, NamesTheSignalThatKilledAWorker) {
    const Log log = run_scripts({"kill -KILL $$", answer(run_with_cycles(5)), "kill -SEGV $$"}, 2);
    EXPECT_EQ(log.failures.at(0), "the worker process was killed by signal 9 (Killed)");
    EXPECT_EQ(log.failures.at(2),
              "the worker process was killed by signal 11 (Segmentation fault)");
    EXPECT_EQ(log.results.at(1).point.cycles, Cycles(5));
}

TEST(WorkerPool, ADeathAfterTheResultIsStillAFailure) {
    const Log log = run_scripts({answer(run_with_cycles(5)) + "kill -KILL $$"}, 1);
    EXPECT_TRUE(log.results.empty());
    EXPECT_THAT(log.failures.at(0), HasSubstr("killed by signal 9"));
}

TEST(WorkerPool, NamesTheExitCodeOfAWorkerWithoutResult) {
    const Log log = run_scripts({"exit 7", "exit 0"}, 2);
    EXPECT_EQ(log.failures.at(0), "the worker process ended with exit code 7 and without a result");
    EXPECT_EQ(log.failures.at(1), "the worker process ended with exit code 0 and without a result");
}

TEST(WorkerPool, PassesOnWhatAWorkerReports) {
    const Log log = run_scripts({R"(echo '{"error": "no room"}'; exit 1)"}, 1);
    EXPECT_EQ(log.failures.at(0), "no room");
}

TEST(WorkerPool, SaysWhenAWorkerTalksNonsense) {
    const Log log = run_scripts({"echo hello", R"(echo '{"result": {}}')"}, 1);
    EXPECT_EQ(log.failures.at(0), "a worker said what is no message: hello");
    EXPECT_EQ(log.failures.at(1), R"(run: "point" is missing)");
}

TEST(WorkerPool, SaysWhenThereIsNoSuchProgram) {
    Log log;
    const WorkerPool pool({"/nowhere/lpusim"}, 1);
    EXPECT_THROW(pool.run(
                     1, [](std::size_t) { return ""; }, log.events()),
                 std::system_error);
}

/// Whether a process is there; it must not be a child, whose zombie would count.
bool is_alive(pid_t pid) { return ::kill(pid, 0) == 0; }

// Jobs write their process id as progress, so that the callback knows what to look for afterwards.
TEST(WorkerPool, LeavesNoWorkerBehindWhenACallbackThrows) {
    pid_t worker = 0;
    WorkerEvents events = Log().events();
    events.progress = [&](std::size_t /*job*/, double share) {
        worker = static_cast<pid_t>(share);
        throw std::runtime_error("enough");
    };
    const WorkerPool pool(shell(), 1);
    EXPECT_THROW(
        pool.run(
            1, [](std::size_t) { return R"(echo '{"progress": '$$'}'; exec sleep 60)"; }, events),
        std::runtime_error);
    ASSERT_GT(worker, 0);
    EXPECT_FALSE(is_alive(worker));
}

TEST(WorkerPool, StopsTheWorkersWhenInterrupted) {
    for (const int signal : {SIGINT, SIGTERM}) {
        pid_t worker = 0;
        WorkerEvents events = Log().events();
        events.progress = [&](std::size_t /*job*/, double share) {
            worker = static_cast<pid_t>(share);
            ::kill(::getpid(), signal);
        };
        const WorkerPool pool(shell(), 1);
        try {
            pool.run(
                1, [](std::size_t) { return R"(echo '{"progress": '$$'}'; exec sleep 60)"; },
                events);
            ADD_FAILURE() << "not interrupted";
        } catch (const Interrupted& e) {
            EXPECT_EQ(e.signal(), signal);
        }
        ASSERT_GT(worker, 0);
        EXPECT_FALSE(is_alive(worker));
    }
}

TEST(WorkerPool, LeavesSignalsAsTheyWere) {
    run_scripts({answer(run_with_cycles(1))}, 1);
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    EXPECT_EQ(sigismember(&mask, SIGINT), 0);
    EXPECT_EQ(sigismember(&mask, SIGTERM), 0);
}

TEST(WorkerPool, WorkersDoNotInheritBlockedSignals) {
    // A shell whose SIGTERM were blocked would live on and exit with 0.
    const Log log = run_scripts({"kill -TERM $$; exit 0"}, 1);
    EXPECT_THAT(log.failures.at(0), HasSubstr("killed by signal 15"));
}

}  // namespace
}  // namespace lpusim
