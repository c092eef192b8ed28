#include <gtest/gtest.h>

#include "sim/platform/scenario_json.h"
#include "sim/platform/worker_job.h"
#include "sim/platform/worker_protocol.h"
#include "sim/result/result_json.h"
#include "tests/result/sample_point.h"

namespace lpusim {
namespace {

std::string_view without_break(const std::string& line) {
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    return std::string_view(line).substr(0, line.size() - 1);
}

TEST(WorkerProtocol, MessagesComeBackAsTheyWere) {
    const std::string progress = encode(WorkerProgress{0.25});
    EXPECT_EQ(std::get<WorkerProgress>(decode(without_break(progress))).share, 0.25);

    const std::string error = encode(WorkerError{"two\nlines, \"quoted\""});
    EXPECT_EQ(std::get<WorkerError>(decode(without_break(error))).message,
              "two\nlines, \"quoted\"");

    PointRun run;
    run.point = sample_point();
    run.simulator.wall_seconds = 0.1;
    const std::string result = encode(run);
    const PointRun back = std::get<PointRun>(decode(without_break(result)));
    EXPECT_EQ(to_json(back).dump(), to_json(run).dump());
}

TEST(WorkerProtocol, MessagesSurviveTextThatIsNoUtf8) {
    const std::string error = encode(WorkerError{"bad \xff byte"});
    EXPECT_EQ(std::get<WorkerError>(decode(without_break(error))).message, "bad \uFFFD byte");
}

TEST(WorkerProtocol, RefusesEverythingElse) {
    for (const char* line : {"", "{", "[]", "{}", R"({"progress": "x"})", R"({"error": 1})",
                             R"({"progress": 1, "error": ""})", R"({"surprise": 1})"}) {
        EXPECT_THROW(decode(line), ResultFormatError) << line;
    }
}

TEST(WorkerJob, ComesBackAsItWas) {
    WorkerJob job;
    job.hardware = {"chip.yaml", {{"unpack.lanes", "64"}, {"array.rows", "32"}}};
    job.model = {"model.yaml", {}};
    job.format = {"format.yaml", {{"group", "32"}}};
    job.scenario.batch = 3;
    job.scenario.context = 77;
    job.scenario.kv_bits = 16;
    job.scenario.layers = 2;
    job.every_cycle = true;
    const WorkerJob back = decode_job(encode(job));
    EXPECT_EQ(encode(back), encode(job));
    EXPECT_EQ(back.hardware.overrides.at(1).key, "array.rows");
    EXPECT_EQ(back.hardware.overrides.at(1).value, "32");
    EXPECT_EQ(back.scenario.kv_bits, 16U);
    EXPECT_TRUE(back.every_cycle);
}

TEST(ScenarioJson, ComesBackAsItWas) {
    Scenario scenario;
    scenario.phase = Phase::Prefill;
    scenario.batch = 4;
    EXPECT_EQ(effective_json(scenario).dump(),
              R"({"phase":"prefill","batch":4,"context":2048,"kv_bits":8,"layers":0})");
    EXPECT_EQ(scenario_from_json(effective_json(scenario)).phase, Phase::Prefill);
    EXPECT_THROW(scenario_from_json({{"phase", "training"}}), std::runtime_error);
}

}  // namespace
}  // namespace lpusim
