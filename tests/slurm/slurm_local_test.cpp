#include <csignal>
#include <fstream>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/slurm/local_cluster.h"

// scripts/slurm-local, against the Slurm that it starts.

namespace lpusim {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::string in_cluster(const std::string& folder, const std::string& command) {
    const Finished ran = run_program(
        {"/bin/sh", "-c", "SLURM_CONF=\"$0/slurm.conf\"; export SLURM_CONF; " + command, folder});
    EXPECT_EQ(ran.exit_code, 0) << command << "\n" << ran.errors;
    return ran.output;
}

/// The processes that belong to a cluster, as /proc tells.
std::vector<pid_t> processes_of(const std::string& folder) {
    const std::string listed =
        run_program({"/bin/sh", "-c",
                     "grep -lzxF -- \"LPUSIM_SLURM_LOCAL=$0\" /proc/[0-9]*/environ 2>/dev/null | "
                     "cut -d/ -f3",
                     folder})
            .output;
    std::vector<pid_t> pids;
    std::istringstream numbers(listed);
    for (pid_t pid = 0; numbers >> pid;) pids.push_back(pid);
    return pids;
}

pid_t pid_in(const std::string& file) {
    pid_t pid = -1;
    std::ifstream(file) >> pid;
    return pid;
}

TEST(SlurmLocal, RunsJobsOnSeveralNodesAndLeavesNothingBehind) {
    const ScratchFolder scratch;
    const std::string folder = scratch.file("cluster");
    const Finished start = slurm_local({"start", folder, "--nodes", "2"});
    ASSERT_EQ(start.exit_code, 0) << start.errors;
    EXPECT_THAT(start.output, HasSubstr("2 nodes running"));
    EXPECT_EQ(slurm_local({"status", folder}).exit_code, 0);

    in_cluster(folder, "sbatch --wait --array=1-2 --output=" + scratch.file("out-%a") +
                           " --wrap='echo \"$SLURMD_NODENAME\"; sleep 1'");
    EXPECT_EQ(content_of(scratch.file("out-1")) + content_of(scratch.file("out-2")),
              "node1\nnode2\n");

    // A job that runs, and one that cannot be asked to stop.
    in_cluster(folder, "sbatch --output=" + scratch.file("pid") +
                           " --wrap='trap \"\" TERM; echo $$; while :; do sleep 0.1; done'");
    ASSERT_TRUE(within(10, [&] { return pid_in(scratch.file("pid")) > 0; }));
    const pid_t job = pid_in(scratch.file("pid"));
    ASSERT_TRUE(is_alive(job));

    EXPECT_EQ(slurm_local({"stop", folder}).exit_code, 0);
    EXPECT_FALSE(is_alive(job));
    EXPECT_THAT(processes_of(folder), IsEmpty());
    EXPECT_FALSE(std::filesystem::exists(folder));
    EXPECT_FALSE(std::filesystem::exists(folder + ".lock"));

    EXPECT_EQ(slurm_local({"stop", folder}).exit_code, 0) << "to stop what is stopped";
    EXPECT_EQ(slurm_local({"status", folder}).exit_code, 3);
}

TEST(SlurmLocal, StartsAgainOverWhatAnotherLeft) {
    const LocalCluster cluster(1);
    const pid_t controller = cluster.daemon("slurmctld");

    const Finished again = slurm_local({"start", cluster.folder(), "--nodes", "1"});
    EXPECT_EQ(again.exit_code, 0) << again.errors;
    EXPECT_THAT(again.output, HasSubstr("already running"));
    EXPECT_EQ(cluster.daemon("slurmctld"), controller);

    // The controller dies, and its number becomes another process's.
    ::kill(controller, SIGKILL);
    ASSERT_TRUE(within(5, [&] { return !is_alive(controller); }));
    std::ofstream(cluster.folder() + "/run/slurmctld.pid") << ::getpid() << "\n";
    const Finished status = slurm_local({"status", cluster.folder()});
    EXPECT_EQ(status.exit_code, 3);
    EXPECT_THAT(status.output, HasSubstr("slurmctld not running"));

    const Finished start = slurm_local({"start", cluster.folder(), "--nodes", "1"});
    EXPECT_EQ(start.exit_code, 0) << start.errors;
    EXPECT_EQ(slurm_local({"status", cluster.folder()}).exit_code, 0);
    EXPECT_NE(cluster.daemon("slurmctld"), ::getpid());
}

TEST(SlurmLocal, EndsWithTheProcessThatItWasStartedFor) {
    const ScratchFolder scratch;
    const std::string folder = scratch.file("cluster");
    RunningProgram owner({"sleep", "60"});
    const Finished start =
        slurm_local({"start", folder, "--nodes", "1", "--until", std::to_string(owner.pid())});
    ASSERT_EQ(start.exit_code, 0) << start.errors;
    ASSERT_THAT(processes_of(folder), testing::Not(IsEmpty()));

    owner.signal(SIGKILL);
    owner.wait();
    EXPECT_TRUE(within(15, [&] { return !std::filesystem::exists(folder); }));
    EXPECT_THAT(processes_of(folder), IsEmpty());
}

TEST(SlurmLocal, RefusesFoldersThatAreNotItsOwn) {
    const ScratchFolder scratch;
    std::ofstream(scratch.file("precious")) << "data";
    for (const char* verb : {"start", "stop"}) {
        const Finished refused = slurm_local({verb, scratch.path().string()});
        EXPECT_EQ(refused.exit_code, 1);
        EXPECT_THAT(refused.errors, HasSubstr("holds something else"));
    }
    EXPECT_EQ(content_of(scratch.file("precious")), "data");
    EXPECT_EQ(slurm_local({"start", scratch.file("a b")}).exit_code, 2);
    EXPECT_EQ(slurm_local({"start", scratch.file("c"), "--nodes", "none"}).exit_code, 2);
    EXPECT_EQ(slurm_local({"sart", scratch.file("c")}).exit_code, 2);
}

}  // namespace
}  // namespace lpusim
