#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/config/load.h"
#include "tests/config/temporary_file.h"

namespace lpusim {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

SlurmSettings load(const std::string& content) {
    const TemporaryFolder folder;
    return load_slurm(folder.write("s.yaml", content));
}

std::vector<std::string> errors(const std::string& content) {
    return errors_of("kind: slurm\nname: here\n" + content, "s.yaml");
}

TEST(SlurmFile, ValuesAndDefaults) {
    SlurmSettings settings = load("kind: slurm\nname: here\n");
    EXPECT_EQ(settings.name, "here");
    EXPECT_EQ(settings.partition + settings.account + settings.qos, "");
    EXPECT_EQ(settings.time_seconds, 0U);
    EXPECT_EQ(settings.memory_bytes, 0U);
    EXPECT_EQ(settings.cpus, 1U);
    EXPECT_EQ(settings.tasks, 16U);
    EXPECT_EQ(settings.running, 0U);
    EXPECT_EQ(settings.resubmissions, 3U);
    EXPECT_EQ(settings.poll_seconds, 10U);
    EXPECT_THAT(settings.sbatch, IsEmpty());
    EXPECT_THAT(settings.setup, IsEmpty());

    settings = load(
        "kind: slurm\nname: here\npartition: long,short\naccount: lpu\nqos: low\ntime: 1.5 h\n"
        "memory: 2 GiB\ncpus: 4\ntasks: 100\nrunning: 20\nresubmissions: 0\npoll: 1 min\n"
        "sbatch: [--exclusive, '--comment=a b']\nsetup: [module load boost]\n");
    EXPECT_EQ(settings.partition, "long,short");
    EXPECT_EQ(settings.account, "lpu");
    EXPECT_EQ(settings.qos, "low");
    EXPECT_EQ(settings.time_seconds, 5'400U);
    EXPECT_EQ(settings.memory_bytes, 2'147'483'648U);
    EXPECT_EQ(settings.cpus, 4U);
    EXPECT_EQ(settings.tasks, 100U);
    EXPECT_EQ(settings.running, 20U);
    EXPECT_EQ(settings.resubmissions, 0U);
    EXPECT_EQ(settings.poll_seconds, 60U);
    EXPECT_THAT(settings.sbatch, ElementsAre("--exclusive", "--comment=a b"));
    EXPECT_THAT(settings.setup, ElementsAre("module load boost"));
}

TEST(SlurmFile, ErrorsComeTogetherAndNameTheirPlace) {
    EXPECT_THAT(errors("partion: long\ntime: 30\ncpus: 0\n"),
                ElementsAre("s.yaml:3:1: error: unknown key 'partion'; did you mean 'partition'?",
                            "s.yaml:4:7: error: key 'time': got '30', which has no unit; allowed: "
                            "default, or a time (s, min, h, d) from 60 s to 365 d",
                            "s.yaml:5:7: error: key 'cpus': got '0', which is zero; allowed: a "
                            "whole number from 1 to 1024"));
}

TEST(SlurmFile, SbatchFlagsMustBeFlagsAndNotTheEnginesOwn) {
    const auto first_error = [](const std::string& flag) {
        const auto found = errors("sbatch: [--exclusive, '" + flag + "']\n");
        const std::string text = found.size() == 1 ? found.front() : "other than one error";
        return text.substr(0, text.find(';'));
    };
    EXPECT_EQ(first_error("-p long"),
              "s.yaml:3:23: error: key 'sbatch[1]': got '-p long', which does not begin with '--'");
    EXPECT_EQ(first_error("--array=1-3"),
              "s.yaml:3:23: error: key 'sbatch[1]': got '--array=1-3', which is lpusim's own to "
              "set");
    EXPECT_EQ(first_error("--wrap"),
              "s.yaml:3:23: error: key 'sbatch[1]': got '--wrap', which is lpusim's own to set");
}

}  // namespace
}  // namespace lpusim
