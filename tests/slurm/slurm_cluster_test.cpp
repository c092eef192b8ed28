#include <csignal>
#include <fstream>
#include <iterator>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/result/result_store.h"
#include "tests/slurm/local_cluster.h"

// Sweeps on a real Slurm. Tasks, nodes and drivers die; what comes out is what a local run gives.

namespace lpusim {
namespace {

using testing::HasSubstr;

/// Points that take long enough to be interrupted, also in a release build.
constexpr const char* kSweep =
    "kind: sweep\nname: kills\nhardware: lpu-80gbs\nmodel: llama2-7b\n"
    "axes:\n  batch: [1, 2, 3, 4, 6, 8, 12, 16]\n"
    "  format: [int8, int4-g64, w3p5-g64, w3p5-col]\n";

std::string exported(const std::string& store) {
    const Finished finished = run_tool({"results", "export", store, "--json"});
    EXPECT_EQ(finished.exit_code, 0) << finished.errors;
    return finished.output;
}

/// Processes that run tasks of this job folder or one below, by task.
std::map<std::string, pid_t> task_processes(const std::string& folder) {
    std::map<std::string, pid_t> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        std::ifstream file(entry.path() / "cmdline");
        std::vector<std::string> words;
        for (std::string word; std::getline(file, word, '\0');) words.push_back(word);
        if (words.size() == 4 && words[1] == "slurm-task" && words[2].find(folder) == 0) {
            found[words[3]] = static_cast<pid_t>(std::stol(entry.path().filename().string()));
        }
    }
    return found;
}

/// The value of an environment variable that a process was started with.
std::string environment_of(pid_t pid, const std::string& name) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/environ");
    for (std::string entry; std::getline(file, entry, '\0');) {
        if (entry.find(name + "=") == 0) return entry.substr(name.size() + 1);
    }
    return "";
}

/// The process that Slurm keeps a job with on its node.
pid_t parent_of(pid_t pid) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string number;
    std::string name;
    std::string state;
    pid_t parent = 0;
    stat >> number >> name >> state >> parent;
    return parent;
}

class SlurmClusterTest : public testing::Test {
protected:
    SlurmClusterTest() {
        std::ofstream(sweep_file) << kSweep;
        write_settings("partition: work\n");
    }
    void write_settings(const std::string& more) const {
        std::ofstream(settings_file)
            << "kind: slurm\nname: test\ntime: 30 min\ntasks: 4\npoll: 1 s\n"
            << more;
    }
    std::vector<std::string> command(const std::vector<std::string>& more = {}) const {
        std::vector<std::string> arguments = {"sweep",    sweep_file, "--out",   path,
                                              "--engine", "slurm",    "--slurm", settings_file};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return tool_command(arguments);
    }
    /// Waits until one of the tasks has opened its store, and then a moment.
    std::map<std::string, pid_t> wait_for_tasks(std::size_t count) const {
        std::map<std::string, pid_t> tasks;
        EXPECT_TRUE(within(60, [&] {
            tasks = task_processes(folder);
            return tasks.size() >= count && stores() >= count;
        }));
        return tasks;
    }
    std::size_t stores() const {
        std::size_t count = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
            if (entry.path().extension() == ".sqlite") ++count;
        }
        return count;
    }
    void expect_like_local() const {
        const std::string local = scratch.file("local.sqlite");
        const Finished ran = run_tool({"sweep", sweep_file, "--out", local});
        ASSERT_EQ(ran.exit_code, 0) << ran.errors;
        EXPECT_EQ(exported(path), exported(local));
        EXPECT_EQ(ResultStore::open(path).point_count(), 32U);
        EXPECT_EQ(ResultStore::open(path).failure_count(), 0U);
    }
    static std::string squeue() {
        return run_program({"squeue", "--noheader", "--array", "--format=%i %T"}).output;
    }

    LocalCluster cluster{2};
    ScratchFolder scratch;
    std::string path = scratch.file("it's a store.sqlite");
    std::string folder = path + ".slurm";
    std::string sweep_file = scratch.file("a sweep.yaml");
    std::string settings_file = scratch.file("settings.yaml");
};

TEST_F(SlurmClusterTest, KilledTasksAndDriversLoseNothing) {
    {
        RunningProgram driver(command());
        const auto tasks = wait_for_tasks(2);
        ASSERT_GE(tasks.size(), 2U) << driver.errors();
        // One is killed, another cancelled, and then the driver is killed.
        ASSERT_EQ(run_program({"scancel", "1_" + tasks.begin()->first}).exit_code, 0);
        ::kill(tasks.rbegin()->second, SIGKILL);
        driver.signal(SIGKILL);
        EXPECT_EQ(driver.wait().signal, SIGKILL);
    }
    const Finished status = run_tool({"sweep", "status", path});
    EXPECT_THAT(status.output, HasSubstr("job 1, submission 1, "));

    const Finished resumed = run_program(command({"--resume"}));
    EXPECT_EQ(resumed.exit_code, 0) << resumed.errors;
    EXPECT_THAT(resumed.errors, HasSubstr("task 1_1: CANCELLED, stopped by signal 15"));
    EXPECT_THAT(resumed.errors, HasSubstr("task 1_2: FAILED"));
    EXPECT_THAT(resumed.errors, HasSubstr("submitted again job "));
    expect_like_local();
}

TEST_F(SlurmClusterTest, ALostNodesTasksRunElsewhere) {
    RunningProgram driver(command());
    const auto tasks = wait_for_tasks(2);
    // As when the power goes: the node's daemon, its keeper of the job and the task, all at once.
    bool lost = false;
    for (const auto& [task, pid] : tasks) {
        if (environment_of(pid, "SLURMD_NODENAME") != "node1") continue;
        ::kill(cluster.daemon("slurmd-node1"), SIGKILL);
        ::kill(parent_of(pid), SIGKILL);
        ::kill(pid, SIGKILL);
        lost = true;
    }
    EXPECT_TRUE(lost);
    const Finished finished = driver.wait();
    EXPECT_EQ(finished.exit_code, 0) << finished.errors;
    EXPECT_EQ(finished.errors.find("submitted again"), std::string::npos)
        << "Slurm starts the task again by itself\n"
        << finished.errors;
    expect_like_local();
}

TEST_F(SlurmClusterTest, InterruptedItCancelsItsJobAndGoesOnLater) {
    write_settings("partition: lnog\n");
    const Finished refused = run_program(command());
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_THAT(refused.errors, HasSubstr("sbatch refuses the job: "));
    EXPECT_THAT(refused.errors, HasSubstr("lnog"));
    write_settings("sbatch: ['--comment=it is $HOME']\nmemory: 100 MB\nrunning: 2\n");

    ASSERT_EQ(run_program(command({"--detach"})).exit_code, 0);
    RunningProgram driver(command({"--resume"}));
    wait_for_tasks(2);
    driver.signal(SIGINT);
    const Finished interrupted = driver.wait();
    EXPECT_EQ(interrupted.exit_code, 128 + SIGINT);
    EXPECT_THAT(interrupted.errors, HasSubstr("To continue:\n  " LPUSIM_EXECUTABLE " sweep "));
    EXPECT_EQ(squeue(), "");
    EXPECT_TRUE(task_processes(folder).empty());

    const Finished resumed = run_program(command({"--resume"}));
    EXPECT_EQ(resumed.exit_code, 0) << resumed.errors;
    expect_like_local();
}

}  // namespace
}  // namespace lpusim
