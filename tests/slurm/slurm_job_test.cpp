#include "sim/sweep/slurm_job.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/result/scratch_folder.h"
#include "tests/support/subprocess.h"

namespace lpusim {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;
using testing::StartsWith;

TEST(SlurmJob, QuotesForTheShell) {
    for (const std::string text :
         {"plain", "", "a b", "it's", "'", "''", "$HOME `id` \\ \" * ~ ; & | < > ( ) !", "-n",
          "line\nbreak", "\xc3\xa4"}) {
        const Finished echoed = run_program({"/bin/sh", "-c", "printf %s " + shell_quoted(text)});
        EXPECT_EQ(echoed.output, text);
    }
}

TEST(SlurmJob, TellsSbatchWhatTheSettingsAsk) {
    SlurmSettings settings;
    EXPECT_THAT(
        sbatch_arguments({"name", 3, "/a b/task.sh"}, settings),
        ElementsAre("--parsable", "--job-name=name", "--output=/dev/null", "--error=/dev/null",
                    "--requeue", "--array=1-3", "--cpus-per-task=1", "/a b/task.sh"));
    settings.partition = "long,short";
    settings.account = "lpu";
    settings.qos = "low";
    settings.time_seconds = 93'784;
    settings.memory_bytes = 2'000'000'001;
    settings.cpus = 4;
    settings.running = 20;
    settings.sbatch = {"--exclusive", "--comment=a 'b' $c"};
    EXPECT_THAT(
        sbatch_arguments({"name", 100, "/t.sh"}, settings),
        ElementsAre("--parsable", "--job-name=name", "--output=/dev/null", "--error=/dev/null",
                    "--requeue", "--array=1-100%20", "--partition=long,short", "--account=lpu",
                    "--qos=low", "--time=1-02:03:04", "--mem=1953126K", "--cpus-per-task=4",
                    "--exclusive", "--comment=a 'b' $c", "/t.sh"));
}

TEST(SlurmJob, TheScriptRunsItsCommandThereWithItsEnvironmentAndLog) {
    const ScratchFolder scratch;
    const std::filesystem::path folder = scratch.path() / "it's a $(folder)";
    std::filesystem::create_directories(folder);
    SlurmScript script;
    script.working_folder = folder;
    script.log_folder = folder;
    script.environment = {{"LPUSIM_TEST", "a 'b' \"c\" $d"}};
    script.setup = {"first=done", "echo \"$first\""};
    script.command = {"/bin/sh", "-c", R"(pwd; echo "$LPUSIM_TEST"; echo "$0" "$1")", "x y"};
    std::ofstream(scratch.file("task.sh")) << script_text(script);
    const Finished ran = run_program(
        {"/bin/sh", "-c", "SLURM_ARRAY_TASK_ID=7 exec sh \"$0\"", scratch.file("task.sh")});
    EXPECT_EQ(ran.exit_code, 0);
    EXPECT_EQ(ran.output + ran.errors, "");
    EXPECT_EQ(content_of(folder / "task-7.log"),
              "done\n" + folder.string() + "\na 'b' \"c\" $d\nx y 7\n");
}

}  // namespace
}  // namespace lpusim
