#include <chrono>
#include <csignal>
#include <fstream>
#include <random>
#include <thread>

#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/subprocess.h"
#include "tests/sweep/sweep_support.h"

namespace lpusim {
namespace {

using testing::HasSubstr;

/// 96 points, and some more that cannot be simulated.
const std::string kManyPoints = toy_sweep(
    "axes:\n"
    "  sram.capacity: [2 KiB, 1 MiB]\n"
    "  unpack.lanes: {linear: [16, 384], points: 24}\n"
    "  format: [int4-g64, w3p5-g64, int8, w11x11-g64]\n"
    "when: sram.capacity > 2 KiB or unpack.lanes < 64\n");

/// A process that was killed may hold a lock for a moment.
constexpr int kPatience = 10'000;

class InterruptionTest : public testing::Test {
protected:
    InterruptionTest() { std::ofstream(file) << kManyPoints; }

    std::vector<std::string> sweep(const std::string& path,
                                   const std::vector<std::string>& more = {}) const {
        std::vector<std::string> arguments = {"sweep", file, "--out", path};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return arguments;
    }
    static std::string exported(const std::string& path) {
        const Finished finished = run_tool({"results", "export", path, "--json"});
        EXPECT_EQ(finished.exit_code, 0) << finished.errors;
        return finished.output;
    }
    static std::string integrity(const std::string& path) {
        return SQLite::Database(path, SQLite::OPEN_READWRITE, kPatience)
            .execAndGet("PRAGMA integrity_check")
            .getString();
    }

    ScratchFolder folder;
    const std::string file = folder.file("many.yaml");
    const std::string undisturbed = folder.file("undisturbed.sqlite");
    const std::string store = folder.file("s.sqlite");
};

std::vector<pid_t> children_of(pid_t pid) {
    std::ifstream list("/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) +
                       "/children");
    std::vector<pid_t> children;
    for (pid_t child = 0; list >> child;) children.push_back(child);
    return children;
}

TEST_F(InterruptionTest, KilledAtFiftyMomentsItEndsAsIfItHadNotBeen) {
    ASSERT_EQ(run_tool(sweep(undisturbed)).exit_code, 0);
    std::minstd_rand random(7);
    const auto up_to = [&](unsigned most) {
        return std::uniform_int_distribution<unsigned>(0, most)(random);
    };
    int kills = 0;
    while (kills < 50) {
        const RunningProgram program(tool_command(sweep(store)));
        // Some workers first, then the driver.
        for (unsigned i = 0; i <= up_to(2) && kills < 50; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(up_to(40)));
            const std::vector<pid_t> servers = children_of(program.pid());
            if (servers.empty()) continue;
            const pid_t server = servers[up_to(static_cast<unsigned>(servers.size()) - 1)];
            const std::vector<pid_t> simulations = children_of(server);
            ::kill(simulations.empty() || up_to(1) == 0 ? server : simulations.front(), SIGKILL);
            ++kills;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(up_to(60)));
        program.signal(SIGKILL);
        ++kills;
        // What other processes see of it is consistent at any time.
        if (std::filesystem::exists(store)) {
            ASSERT_EQ(integrity(store), "ok");
        }
        // Later kills are to find work, too.
        if (kills == 25) std::filesystem::remove(store);
    }
    const Finished last = run_tool(sweep(store));
    ASSERT_EQ(last.exit_code, 0) << last.errors;
    EXPECT_EQ(exported(store), exported(undisturbed));
    EXPECT_EQ(integrity(store), "ok");
}

TEST_F(InterruptionTest, CtrlCSaysHowToContinue) {
    RunningProgram program(tool_command(sweep(store, {"--jobs", "1"})));
    while (program.errors().find("%") == std::string::npos) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    program.signal(SIGINT);
    const Finished stopped = program.wait();
    EXPECT_EQ(stopped.exit_code, 128 + SIGINT);
    const std::string command = std::string(LPUSIM_EXECUTABLE) + " sweep " + file + " --out " +
                                store + " --resume --jobs 1";
    EXPECT_THAT(stopped.errors, HasSubstr("To continue:\n  " + command + "\n"));
    const ResultStore half = ResultStore::open(store);
    EXPECT_GT(half.point_count() + half.failure_count(), 0U);
    ASSERT_EQ(run_program({"/bin/sh", "-c", command}).exit_code, 0);
    ASSERT_EQ(run_tool(sweep(undisturbed)).exit_code, 0);
    EXPECT_EQ(exported(store), exported(undisturbed));
}

TEST_F(InterruptionTest, OnATerminalTheBarIsGoneBeforeAnythingElseIsSaid) {
    // script gives the command a terminal, and passes on what it says there.
    const std::string command =
        std::string(LPUSIM_EXECUTABLE) + " sweep " + file + " --out " + store + " --shard 1/8";
    const Finished finished = run_program(
        {"/usr/bin/env", "TERM=xterm", "script", "-qec", command, folder.file("typescript")});
    ASSERT_EQ(finished.exit_code, 0) << finished.output;
    EXPECT_THAT(finished.output, HasSubstr("[>"));
    EXPECT_THAT(finished.output, HasSubstr("\r\x1b[Ktoy: "));
}

TEST_F(InterruptionTest, ResumeWantsAStore) {
    const Finished finished = run_tool(sweep(store, {"--resume"}));
    EXPECT_EQ(finished.exit_code, 2);
    EXPECT_EQ(finished.errors, "error: --resume: there is no " + store + " to continue\n");
}

TEST_F(InterruptionTest, AFileThatMayNotGrowIsAnErrorAndTheStoreIsIntact) {
    // The shell counts in blocks of 512 bytes.
    const Finished full = run_program({"/bin/sh", "-c",
                                       "ulimit -f 2000; exec " + std::string(LPUSIM_EXECUTABLE) +
                                           " sweep " + file + " --out " + store});
    EXPECT_EQ(full.exit_code, 1) << full.errors;
    EXPECT_THAT(full.errors, HasSubstr("is the disk full, or a quota used up?"));
    EXPECT_THAT(full.errors, HasSubstr("what was stored before is intact"));
    EXPECT_EQ(integrity(store), "ok");
    EXPECT_GT(ResultStore::open(store).point_count(), 0U);
    ASSERT_EQ(run_tool(sweep(store)).exit_code, 0);
    ASSERT_EQ(run_tool(sweep(undisturbed)).exit_code, 0);
    EXPECT_EQ(exported(store), exported(undisturbed));
}

TEST_F(InterruptionTest, WhereNothingCanBeWrittenIsABadInput) {
    EXPECT_THAT(run_tool(sweep("")).errors, HasSubstr("error: --out: got ''"));
    for (const std::string& path : {std::string("/proc/s.sqlite"), std::string("/dev/null"),
                                    folder.file("no/such/s.sqlite"), folder.path().string()}) {
        const Finished finished = run_tool(sweep(path));
        EXPECT_EQ(finished.exit_code, 2) << finished.errors;
        EXPECT_THAT(finished.errors, HasSubstr("error: " + path + ": "));
    }
}

TEST_F(InterruptionTest, ASweepThatIsBegunAnewFromAChangedFileStopsTheOneThatIsUnderWay) {
    RunningProgram under_way(tool_command(sweep(store, {"--jobs", "1"})));
    while (under_way.errors().find("%") == std::string::npos) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    std::ofstream(file) << toy_sweep("axes:\n  batch: [1, 2]\n  format: [int4-g64, int8]\n");
    ASSERT_EQ(run_tool(sweep(store)).exit_code, 0);
    const Finished stopped = under_way.wait();
    EXPECT_EQ(stopped.exit_code, 1);
    EXPECT_THAT(stopped.errors, HasSubstr("another process has begun sweep 'toy' anew"));
    ASSERT_EQ(run_tool(sweep(undisturbed)).exit_code, 0);
    EXPECT_EQ(exported(store), exported(undisturbed));
}

TEST_F(InterruptionTest, TwoSweepsWriteToOneStoreAtOnce) {
    ASSERT_EQ(run_tool(sweep(undisturbed)).exit_code, 0);
    RunningProgram a(tool_command(sweep(store, {"--jobs", "1"})));
    RunningProgram b(tool_command(sweep(store, {"--jobs", "1"})));
    const Finished first = a.wait();
    const Finished second = b.wait();
    EXPECT_EQ(first.exit_code, 0) << first.errors;
    EXPECT_EQ(second.exit_code, 0) << second.errors;
    EXPECT_EQ(exported(store), exported(undisturbed));
    EXPECT_EQ(integrity(store), "ok");
}

}  // namespace
}  // namespace lpusim
