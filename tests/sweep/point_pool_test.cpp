#include "sim/platform/point_pool.h"

#include <algorithm>
#include <csignal>
#include <deque>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "sim/platform/child_process.h"
#include "tests/result/sample_point.h"
#include "tests/result/scratch_folder.h"

namespace lpusim {
namespace {

using testing::HasSubstr;

/// Runs point servers that are shell scripts: `script` is run for each request, whose id is $id.
struct ScriptedPool {
    explicit ScriptedPool(const std::string& script) {
        options.command = {
            "/bin/sh", "-c",
            "while read -r line; do id=${line#*:}; id=${id%%,*}; " + script + "; done"};
    }

    std::map<std::uint64_t, PointAnswer> run(std::uint64_t count) {
        std::map<std::uint64_t, PointAnswer> answers;
        std::uint64_t next = 0;
        PointPool(options).run(
            [&]() -> std::optional<PointRequest> {
                if (next == count) return std::nullopt;
                PointRequest request;
                request.id = next++;
                return request;
            },
            [&](PointAnswer answer) {
                const std::uint64_t id = answer.id;
                EXPECT_TRUE(answers.emplace(id, std::move(answer)).second) << "twice: " << id;
            });
        return answers;
    }

    PointPoolOptions options;
};

/// Shell text that answers a request with a failure that says "fine".
std::string fine() {
    return R"(echo '{"point": '$id', "failure": {"cause": "inputs", "reason": "fine", "inputs": )"
           R"({"hardware_name": "", "model_name": "", "format_name": "", "hardware": "", "model": "",)"
           R"( "format": "", "scenario": "", "content_hash": ""}}}')";
}

TEST(PointPool, AnswersEachRequestOnce) {
    for (const std::size_t parallel : {1U, 2U, 5U}) {
        ScriptedPool pool(fine());
        pool.options.parallel = parallel;
        const auto answers = pool.run(20);
        ASSERT_EQ(answers.size(), 20U);
        EXPECT_EQ(answers.at(19).failure->reason, "fine");
        EXPECT_EQ(answers.at(19).failure->cause, FailureCause::Inputs);
    }
    EXPECT_TRUE(ScriptedPool(fine()).run(0).empty());
}

TEST(PointPool, ADeadServerCostsItsPointOneRetry) {
    const ScratchFolder folder;
    // Dies at point 3 the first time it gets there.
    ScriptedPool pool("if [ $id = 3 ] && mkdir " + folder.file("died") +
                      " 2>/dev/null; then kill -9 $$; fi; " + fine());
    const auto answers = pool.run(6);
    ASSERT_EQ(answers.size(), 6U);
    for (const auto& [id, answer] : answers) EXPECT_EQ(answer.failure->reason, "fine") << id;
}

TEST(PointPool, ThenItIsAFailureWithAReasonAndTheRestGoesOn) {
    ScriptedPool pool("if [ $id = 3 ]; then kill -9 $$; fi; " + fine());
    pool.options.parallel = 2;
    const auto answers = pool.run(8);
    ASSERT_EQ(answers.size(), 8U);
    EXPECT_EQ(answers.at(3).failure->cause, FailureCause::Crash);
    EXPECT_EQ(answers.at(3).failure->reason, "the worker process was killed by signal 9 (Killed)");
    for (const auto& [id, answer] : answers) {
        if (id == 3) continue;
        EXPECT_EQ(answer.failure->reason, "fine") << id;
    }
}

TEST(PointPool, HalfALineIsNoAnswer) {
    const ScratchFolder folder;
    ScriptedPool pool("if [ $id = 1 ] && mkdir " + folder.file("died") +
                      R"( 2>/dev/null; then printf 'run 1 00ff00'; kill -9 $$; fi; )" + fine());
    const auto answers = pool.run(3);
    ASSERT_EQ(answers.size(), 3U);
    EXPECT_EQ(answers.at(1).failure->reason, "fine");
}

TEST(PointPool, StopsWhatTakesTooLong) {
    ScriptedPool pool("if [ $id = 2 ]; then exec sleep 60; fi; " + fine());
    pool.options.time_limit = std::chrono::milliseconds(300);
    const auto answers = pool.run(4);
    ASSERT_EQ(answers.size(), 4U);
    EXPECT_EQ(answers.at(2).failure->cause, FailureCause::TimeLimit);
    EXPECT_THAT(answers.at(2).failure->reason, HasSubstr("time limit of 300 ms"));
    EXPECT_EQ(answers.at(3).failure->reason, "fine");
}

TEST(PointPool, IsStoppedBySignalsAndLeavesNoServer) {
    for (const int signal : {SIGINT, SIGTERM}) {
        const ScratchFolder folder;
        ScriptedPool pool("echo $$ > " + folder.file("pid") + "; kill -" + std::to_string(signal) +
                          " $PPID; exec sleep 60");
        EXPECT_THROW(pool.run(1), Interrupted);
        const pid_t server = std::stoi(content_of(folder.file("pid")));
        EXPECT_NE(::kill(server, 0), 0);
    }
}

TEST(PointPool, SaysWhenThereIsNoSuchProgram) {
    ScriptedPool pool("");
    pool.options.command = {"/nowhere/lpusim"};
    EXPECT_THROW(pool.run(1), std::system_error);
}

}  // namespace
}  // namespace lpusim
