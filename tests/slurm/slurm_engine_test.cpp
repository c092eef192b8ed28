#include "sim/sweep/slurm_engine.h"

#include <algorithm>
#include <csignal>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/sweep/folder_lock.h"
#include "sim/sweep/slurm_status.h"
#include "tests/slurm/fake_slurm.h"
#include "tests/slurm/local_cluster.h"
#include "tests/sweep/sweep_support.h"

// The engine against commands that stand in for Slurm's.

namespace lpusim {
namespace {

using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr const char* kGrid =
    "axes:\n  stream.weight.bandwidth: [4 GB/s, 8 GB/s, 16 GB/s]\n"
    "  format: [int4-g64, w3p5-g64]\n";

std::string exported(const std::string& store) {
    const Finished finished = run_tool({"results", "export", store, "--json"});
    EXPECT_EQ(finished.exit_code, 0) << finished.errors;
    return finished.output;
}

class SlurmEngineTest : public testing::Test {
protected:
    SlurmEngineTest() {
        options.settings.name = "fake";
        options.settings.tasks = 3;
        options.settings.poll_seconds = 1;
        options.settings.resubmissions = 2;
        options.folder = SlurmFolder::beside(path);
        options.task_command = {LPUSIM_EXECUTABLE, "slurm-task"};
        options.working_folder = std::filesystem::current_path();
        options.note = [this](const std::string& line) { notes.push_back(line); };
        options.look = std::chrono::milliseconds(50);
    }

    QuietObserver run(const SweepPlan& plan) {
        QuietObserver observer;
        ResultStore store = ResultStore::open_or_create(path);
        SlurmEngine(options).run(plan, {}, store, observer);
        return observer;
    }
    std::string error_of_run(const SweepPlan& plan) {
        try {
            run(plan);
        } catch (const std::exception& e) {
            return e.what();
        }
        return "no error";
    }
    void expect_like_local(const SweepPlan& plan) const {
        run_locally(plan, scratch.file("local.sqlite"));
        EXPECT_EQ(exported(path), exported(scratch.file("local.sqlite")));
    }
    std::vector<std::string> failures() const {
        std::vector<std::string> reasons;
        ResultStore::open(path).for_each_row([&](const StoredRow& row) {
            if (row.stored.failure) reasons.push_back(row.stored.failure->reason);
        });
        return reasons;
    }
    /// What is left beside the store when nothing failed.
    void expect_tidy() const {
        for (const auto& entry : std::filesystem::directory_iterator(options.folder)) {
            EXPECT_EQ(entry.path().filename(), "lock");
        }
    }

    ScratchFolder scratch;
    FakeSlurm fake;
    std::string path = scratch.file("it's a \"store\" $x %a.sqlite");
    SlurmEngineOptions options;
    std::vector<std::string> notes;
};

TEST_F(SlurmEngineTest, GivesWhatALocalRunGives) {
    const SweepPlan plan = toy_plan(kGrid);
    const QuietObserver observer = run(plan);
    EXPECT_EQ(observer.total(), 6U);
    EXPECT_EQ(observer.missing(), 6U);
    EXPECT_EQ(observer.done(), 6U);
    EXPECT_EQ(observer.failed(), 0U);
    EXPECT_THAT(fake.submissions(), SizeIs(1));
    expect_like_local(plan);
    expect_tidy();

    EXPECT_EQ(run(plan).missing(), 0U);
    EXPECT_THAT(fake.submissions(), SizeIs(1)) << "nothing is missing";
}

TEST_F(SlurmEngineTest, ComputesOnlyWhatTheStoreLacks) {
    const SweepPlan plan = toy_plan(kGrid);
    run_locally(plan, path, 1, {1, 3});
    EXPECT_EQ(run(plan).missing(), 4U);
    expect_like_local(plan);
}

TEST_F(SlurmEngineTest, SearchesFindWhatALocalRunFinds) {
    const SweepPlan plan = toy_plan(
        "axes: {format: [int4-g64, w3p5-g64]}\n"
        "search:\n  key: stream.weight.bandwidth\n  from: 1 GB/s\n  to: 64 GB/s\n"
        "  that: bottleneck != 'WeightStream'\n  tolerance: 5 %\n");
    const QuietObserver observer = run(plan);
    EXPECT_EQ(observer.total(), 2U);
    EXPECT_EQ(observer.done(), 2U);
    run_locally(plan, scratch.file("local.sqlite"));
    const auto texts = [](const std::string& store) {
        std::vector<std::string> found;
        for (const FindingRow& row : ResultStore::open(store).findings()) {
            found.push_back(row.finding.axes_json + row.finding.text);
        }
        return found;
    };
    EXPECT_THAT(texts(path), SizeIs(2));
    EXPECT_EQ(texts(path), texts(scratch.file("local.sqlite")));
    expect_like_local(plan);
}

TEST_F(SlurmEngineTest, SubmitsAgainWhatTasksLeftOut) {
    // The first time, task 2 is lost.
    fake.on_submit(
        "for i in $(seq \"$tasks\"); do [ \"$job-$i\" = 101-2 ] || run_task \"$i\"; done");
    fake.on_queue("echo '101_2|NODE_FAIL|None'");
    const SweepPlan plan = toy_plan(kGrid);
    EXPECT_EQ(run(plan).failed(), 0U);
    const auto calls = fake.submissions();
    ASSERT_THAT(calls, SizeIs(2));
    EXPECT_THAT(calls[0], Contains("--array=1-3"));
    EXPECT_THAT(calls[1], Contains("--array=1-2")) << "two points were left out";
    EXPECT_THAT(notes, Contains(HasSubstr("task 101_2: NODE_FAIL")));
    EXPECT_THAT(notes, Contains(HasSubstr("submitted again job 102: 2 points in 2 tasks")));
    expect_like_local(plan);
    expect_tidy();
}

TEST_F(SlurmEngineTest, GivesUpAfterSomeTimesAndSaysWhy) {
    fake.on_submit("[ \"$job\" != 101 ] || run_task 1");
    fake.on_queue("for i in 1 2 3 4; do echo \"$(cat $fake/jobs)_$i|TIMEOUT|None\"; done");
    options.settings.resubmissions = 1;
    const SweepPlan plan = toy_plan(kGrid);
    const QuietObserver observer = run(plan);
    EXPECT_EQ(observer.failed(), 4U);
    EXPECT_EQ(observer.done(), 6U);
    EXPECT_THAT(fake.submissions(), SizeIs(2));
    EXPECT_THAT(failures(), SizeIs(4));
    EXPECT_THAT(failures(), Each("no result after 2 submissions to Slurm; the last: task 102_3: "
                                 "TIMEOUT, before it began"));
    EXPECT_EQ(ResultStore::open(path).point_count(), 2U);

    // Whoever resumes tries again.
    fake.on_submit("for i in $(seq \"$tasks\"); do run_task \"$i\"; done");
    EXPECT_EQ(run(plan).missing(), 4U);
    expect_like_local(plan);
}

TEST_F(SlurmEngineTest, ATaskThatEndsEarlyLeavesWhatItHas) {
    // The task is killed once it has something, and comes back.
    fake.on_submit(
        "run_task 1 & task=$!\n"
        "until [ -e \"${script%/*}/task-1-$job-0.sqlite\" ]; do sleep 0.05; done; sleep 0.5\n"
        "kill -9 $task\n"
        "run_task 1 1");
    fake.on_queue("echo '101_1|COMPLETED|None'");
    options.settings.tasks = 1;
    const SweepPlan plan = toy_plan(
        "axes:\n  stream.weight.bandwidth: {log: [1 GB/s, 100 GB/s], points: 100}\n"
        "  format: [int4-g64, w3p5-g64]\n");
    run(plan);
    EXPECT_THAT(fake.submissions(), SizeIs(1));
    expect_like_local(plan);
}

TEST_F(SlurmEngineTest, APointThatFailsOnANodeIsNotSubmittedAgain) {
    options.memory_bytes = 1'000'000;  // less than the program itself takes
    const SweepPlan plan = toy_plan(kGrid);
    const QuietObserver observer = run(plan);
    EXPECT_EQ(observer.failed(), 6U);
    EXPECT_THAT(fake.submissions(), SizeIs(1));
    EXPECT_THAT(failures(), SizeIs(6));
    EXPECT_THAT(failures(), Each(HasSubstr("memory")));
}

TEST_F(SlurmEngineTest, SaysInSlurmsWordsWhyAJobIsRefused) {
    fake.on_submit(
        "echo 'sbatch: error: invalid partition specified: lnog' >&2\n"
        "echo 'sbatch: error: Batch job submission failed: Invalid partition name' >&2; exit 1");
    const SweepPlan plan = toy_plan(kGrid);
    EXPECT_EQ(error_of_run(plan),
              "sbatch refuses the job: sbatch: error: invalid partition specified: lnog; sbatch: "
              "error: Batch job submission failed: Invalid partition name");
    fake.on_submit("for i in $(seq \"$tasks\"); do run_task \"$i\"; done");
    EXPECT_EQ(run(plan).done(), 6U);
}

TEST_F(SlurmEngineTest, SaysThatSlurmIsNotThere) {
    ::setenv("PATH", "/nowhere", 1);
    EXPECT_THAT(error_of_run(toy_plan(kGrid)),
                HasSubstr("sbatch cannot be started (No such file or directory)"));
}

TEST_F(SlurmEngineTest, SaysThatTheFolderCannotBeWritten) {
    std::ofstream(options.folder) << "a file\n";
    EXPECT_THAT(error_of_run(toy_plan(kGrid)),
                HasSubstr("cannot write " + options.folder.string()));
}

TEST_F(SlurmEngineTest, SaysThatNoTaskCanBegin) {
    options.task_command = {"/no/such/lpusim", "slurm-task"};
    fake.on_submit("for i in $(seq \"$tasks\"); do run_task \"$i\"; done; true");
    fake.on_queue("for i in 1 2 3; do echo \"101_$i|FAILED|NonZeroExitCode\"; done");
    EXPECT_THAT(error_of_run(toy_plan(kGrid)),
                HasSubstr("no task of job 101 began: do the nodes see "));
    EXPECT_THAT(fake.submissions(), SizeIs(1));
}

TEST_F(SlurmEngineTest, SaysThatAFileHasChangedMeanwhile) {
    const std::string chip = scratch.file("chip.yaml");
    std::filesystem::copy_file(LPUSIM_SOURCE_DIR "/configs/hardware/test-chip.yaml", chip);
    const SweepPlan plan(parse_sweep(
        "kind: sweep\nname: own\nhardware: " + chip +
            "\nmodel: " LPUSIM_SOURCE_DIR
            "/tests/app/data/toy.yaml\ncontext: 32\naxes: {format: [int4-g64, w3p5-g64]}\n",
        scratch.file("own.yaml")));
    fake.on_submit("sed -i 's/^clock:/# New.\\nclock:/' '" + chip +
                   "'\nfor i in $(seq \"$tasks\"); do run_task \"$i\"; done; true");
    fake.on_queue("for i in 1 2; do echo \"101_$i|FAILED|NonZeroExitCode\"; done");
    EXPECT_EQ(error_of_run(plan),
              "a file that the sweep is made of has changed since the job was submitted");
}

TEST_F(SlurmEngineTest, WaitsWhileSlurmGivesNoAnswer) {
    // Not there for the first two questions; by then the job, which nobody forgot, is done.
    fake.on_submit(": >\"$fake/submitted\"; cp \"$script\" \"$fake/script\"");
    fake.on_queue(
        "n=$(( $(cat \"$fake/asked\" 2>/dev/null || echo 0) + 1 )); echo $n >\"$fake/asked\"\n"
        "if [ $n -le 2 ]; then\n"
        "    echo 'slurm_load_jobs error: Unable to contact slurm controller' >&2; exit 1\n"
        "fi\n"
        "[ -e \"$fake/ran\" ] || for i in 1 2 3; do SLURM_ARRAY_TASK_ID=$i sh \"$fake/script\"; "
        "done\n"
        ": >\"$fake/ran\"");
    const SweepPlan plan = toy_plan(kGrid);
    run(plan);
    EXPECT_THAT(fake.submissions(), SizeIs(1));
    EXPECT_THAT(notes, Contains(HasSubstr("Unable to contact slurm controller; asking again")));
    EXPECT_THAT(notes, Contains("Slurm answers again"));
    expect_like_local(plan);
}

TEST_F(SlurmEngineTest, OneDriverAtATime) {
    fake.on_submit("sleep 60");
    std::ofstream(scratch.file("toy.yaml")) << toy_sweep(kGrid);
    RunningProgram first(
        tool_command({"sweep", scratch.file("toy.yaml"), "--out", path, "--engine", "slurm"}));
    ASSERT_TRUE(within(20, [&] { return !fake.submissions().empty(); }));
    EXPECT_THAT(error_of_run(toy_plan(kGrid)), HasSubstr("another lpusim is at work in"));
}

/// The driver as a process of its own, which can be killed.
class SlurmDriverTest : public SlurmEngineTest {
protected:
    SlurmDriverTest() {
        std::ofstream(sweep_file) << toy_sweep(kGrid);
        std::ofstream(settings_file)
            << "kind: slurm\nname: fake\ntasks: 3\npoll: 1 s\nresubmissions: 1\n";
    }
    std::vector<std::string> command(const std::vector<std::string>& more) const {
        std::vector<std::string> arguments = {"sweep",    sweep_file, "--out",   path,
                                              "--engine", "slurm",    "--slurm", settings_file};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return tool_command(arguments);
    }

    std::string sweep_file = scratch.file("toy.yaml");
    std::string settings_file = scratch.file("settings.yaml");
};

TEST_F(SlurmDriverTest, KilledWhileItSubmitsFindsItsJobAgain) {
    fake.on_submit(
        "echo \"$name\" >\"$fake/name\"\n"
        "for i in $(seq \"$tasks\"); do run_task \"$i\"; done\n"
        "kill -9 $PPID; exit 1");
    fake.on_queue(
        "case \"$*\" in *--name=$(cat \"$fake/name\")*) ;; *) exit ;; esac\n"
        "for i in 1 2 3; do echo \"101_$i|COMPLETED|None\"; done");
    EXPECT_EQ(run_program(command({})).signal, SIGKILL);
    const Finished resumed = run_program(command({"--resume"}));
    EXPECT_EQ(resumed.exit_code, 0) << resumed.errors;
    EXPECT_THAT(fake.submissions(), SizeIs(1));
    expect_like_local(SweepPlan(load_sweep(sweep_file)));
    expect_tidy();
}

TEST_F(SlurmDriverTest, KilledBeforeItSubmittedSubmitsAnew) {
    fake.on_submit("kill -9 $PPID; cp -r \"${script%/*}\" \"$fake/round\"; exit 1");
    EXPECT_EQ(run_program(command({})).signal, SIGKILL);
    fake.on_submit("for i in $(seq \"$tasks\"); do run_task \"$i\"; done");
    const Finished resumed = run_program(command({"--resume"}));
    EXPECT_EQ(resumed.exit_code, 0) << resumed.errors;
    EXPECT_THAT(resumed.errors, HasSubstr("the last job never came to be"));
    EXPECT_THAT(fake.submissions(), SizeIs(2));
    expect_like_local(SweepPlan(load_sweep(sweep_file)));
}

TEST_F(SlurmDriverTest, DetachesAndTellsHowItStands) {
    fake.on_submit("run_task 1; cp \"$script\" \"$fake/script\"");
    fake.on_queue(
        "echo '101_1|COMPLETED|None'; echo '101_2|RUNNING|None'; "
        "echo '101_3|PENDING|Priority'");
    const Finished detached = run_program(command({"--detach"}));
    EXPECT_EQ(detached.exit_code, 0) << detached.errors;
    EXPECT_THAT(detached.errors, HasSubstr("submitted job 101: 6 points in 3 tasks"));
    EXPECT_THAT(detached.output, HasSubstr("lpusim sweep status"));

    const Finished status = run_tool({"sweep", "status", path});
    EXPECT_EQ(status.exit_code, 0) << status.errors;
    EXPECT_THAT(status.output, HasSubstr("toy (" + sweep_file + "): 2 of 6 done, 0 failed\n"));
    EXPECT_THAT(status.output, HasSubstr("job 101, submission 1, 1 of 3 tasks finished: 1 "
                                         "COMPLETED, 1 PENDING, 1 RUNNING\n"));
    EXPECT_THAT(status.output, HasSubstr("--resume --engine slurm --slurm"));

    // Still at work: nothing is submitted, and nothing waited for.
    EXPECT_EQ(run_program(command({"--resume", "--detach"})).exit_code, 0);
    EXPECT_THAT(fake.submissions(), SizeIs(1));

    fake.on_queue(
        "for i in 2 3; do [ -e \"$fake/ran\" ] || SLURM_ARRAY_TASK_ID=$i sh "
        "\"$fake/script\"; done; : >\"$fake/ran\"");
    const Finished resumed = run_program(command({"--resume"}));
    EXPECT_EQ(resumed.exit_code, 0) << resumed.errors;
    EXPECT_THAT(fake.submissions(), SizeIs(1));
    expect_like_local(SweepPlan(load_sweep(sweep_file)));
    EXPECT_THAT(run_tool({"sweep", "status", path}).output,
                HasSubstr("no sweep on a cluster is under way; 6 points with a result, 0 without"));
}

TEST_F(SlurmDriverTest, CancelsItsJobWhenInterruptedAndLeavesItWhenTerminated) {
    fake.on_submit("run_task 1");
    fake.on_queue("[ -e \"$fake/cancelled\" ] || echo '101_2|RUNNING|None'");
    RunningProgram terminated(command({}));
    ASSERT_TRUE(within(20, [&] { return !fake.submissions().empty(); }));
    ASSERT_TRUE(within(
        20, [&] { return terminated.errors().find("submitted job 101") != std::string::npos; }));
    terminated.signal(SIGTERM);
    Finished ended = terminated.wait();
    EXPECT_EQ(ended.exit_code, 128 + SIGTERM);
    EXPECT_THAT(ended.errors, HasSubstr("job 101 goes on without this process"));
    EXPECT_FALSE(std::filesystem::exists(fake.file("cancelled")));

    RunningProgram interrupted(command({"--resume"}));
    ASSERT_TRUE(
        within(20, [&] { return interrupted.errors().find("to compute") != std::string::npos; }));
    interrupted.signal(SIGINT);
    ended = interrupted.wait();
    EXPECT_EQ(ended.exit_code, 128 + SIGINT);
    EXPECT_THAT(ended.errors, HasSubstr("cancelling job 101"));
    EXPECT_THAT(ended.errors, HasSubstr("To continue:\n  " LPUSIM_EXECUTABLE " sweep "));
    EXPECT_THAT(content_of(fake.file("cancelled")), HasSubstr("--name=lpusim-toy-"));
    EXPECT_EQ(ResultStore::open(path).point_count(), 2U) << "what was done is kept";

    fake.on_submit("for i in $(seq \"$tasks\"); do run_task \"$i\"; done");
    EXPECT_EQ(run_program(command({"--resume"})).exit_code, 0);
    expect_like_local(SweepPlan(load_sweep(sweep_file)));
}

TEST_F(SlurmDriverTest, OptionsThatDoNotGoTogether) {
    Finished refused = run_tool({"sweep", sweep_file, "--out", path, "--detach"});
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_EQ(refused.errors, "error: --detach goes with --engine slurm\n");
    refused = run_program(command({"--jobs", "2"}));
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_THAT(refused.errors, HasSubstr("--jobs goes with the engine local"));
    refused = run_tool({"sweep", sweep_file, "--out", path, "--engine", "slum"});
    EXPECT_EQ(refused.errors,
              "error: --engine: got 'slum'; allowed: local or slurm; did you mean 'slurm'?\n");
    refused = run_tool({"sweep", "status", scratch.file("none.sqlite")});
    EXPECT_EQ(refused.exit_code, 2);
}

}  // namespace
}  // namespace lpusim
