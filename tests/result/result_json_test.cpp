#include "sim/result/result_json.h"

#include <gtest/gtest.h>

#include "tests/result/sample_point.h"

namespace lpusim {
namespace {

PointRun sample_run() {
    PointRun run;
    run.point = sample_point();
    run.simulator = {1.0 / 3, Cycles(3'250'000), Cycles(7), 1'234'567};
    return run;
}

std::string error_of(const Json& run) {
    try {
        run_from_json(run);
    } catch (const ResultFormatError& e) {
        return e.what();
    }
    return "";
}

TEST(ResultJson, ReadingBackGivesTheSameBytes) {
    const std::string text = to_json(sample_run()).dump();
    EXPECT_EQ(to_json(run_from_json(Json::parse(text))).dump(), text);
}

TEST(ResultJson, ReadingBackGivesTheSameValues) {
    const PointRun run = run_from_json(to_json(sample_run()));
    const Point expected = sample_point();
    EXPECT_EQ(run.point.inputs.hardware_json, expected.inputs.hardware_json);
    EXPECT_EQ(run.point.inputs.scenario_json, expected.inputs.scenario_json);
    EXPECT_EQ(run.point.cycles, expected.cycles);
    EXPECT_EQ(run.point.stream.total(), expected.stream.total());
    EXPECT_EQ(run.point.stream_rate.ratio, expected.stream_rate.ratio);
    ASSERT_EQ(run.point.units.size(), 3U);
    EXPECT_EQ(run.point.units[2].name, "mac_array.compute");
    EXPECT_EQ(run.point.units[2].unit, "MacArray");
    EXPECT_EQ(run.point.units[2].waiting, Cycles(900'000));
    ASSERT_EQ(run.point.operators.size(), 3U);
    EXPECT_EQ(run.point.operators[1].busy[2], Cycles(800));
    EXPECT_EQ(run.point.counters[0].name, "sram_banks.conflicts");
    EXPECT_EQ(run.point.counters[0].value, 17U);
    EXPECT_EQ(run.point.assumptions[1].source, "typical of HBM2");
    ASSERT_EQ(run.point.sources.size(), 1U);
    EXPECT_EQ(run.point.sources[0].confidence, "published");
    EXPECT_EQ(run.point.notes, expected.notes);
    ASSERT_TRUE(run.point.quality.has_value());
    EXPECT_EQ(run.point.quality->source, "gaussian 8192x32, seed 12");
    EXPECT_EQ(run.point.quality->weights, 262'144U);
    EXPECT_EQ(run.point.quality->relative_rmse, 0.1076);
    EXPECT_EQ(run.simulator.wall_seconds, 1.0 / 3);
    EXPECT_EQ(run.simulator.cycles_skipped, Cycles(7));
    EXPECT_EQ(run.simulator.evaluations, 1'234'567U);
}

TEST(ResultJson, KeepsWhatNoTestCovers) {
    PointRun run = sample_run();
    EXPECT_EQ(to_json(run).at("point").at("untested"), Json::array());
    run.point.untested = {{"array.rows", "1024", "1 to 512"}};
    const Json json = to_json(run);
    EXPECT_EQ(json.at("point").at("untested").at(0),
              (Json{{"key", "array.rows"}, {"value", "1024"}, {"tested", "1 to 512"}}));
    EXPECT_EQ(to_json(run_from_json(json)).dump(), json.dump());
}

TEST(ResultJson, KeepsCountsThatNoDoubleHolds) {
    PointRun run = sample_run();
    run.point.useful_macs = (std::uint64_t{1} << 63) + 1;
    EXPECT_EQ(run_from_json(Json::parse(to_json(run).dump())).point.useful_macs,
              (std::uint64_t{1} << 63) + 1);
}

TEST(ResultJson, PassesOverKeysItDoesNotKnow) {
    Json run = to_json(sample_run());
    run["point"]["seconds_per_token"] = 0.001;
    EXPECT_EQ(run_from_json(run).point.cycles, Cycles(1'000'000));
}

TEST(ResultJson, APointMayHaveNoQuality) {
    PointRun run = sample_run();
    run.point.quality.reset();
    const Json json = to_json(run);
    EXPECT_FALSE(json.at("point").contains("quality"));
    EXPECT_FALSE(run_from_json(json).point.quality.has_value());
}

TEST(ResultJson, NamesWhatIsWrong) {
    Json run = to_json(sample_run());
    run["point"].erase("kv_bytes");
    EXPECT_EQ(error_of(run), R"(run.point: "kv_bytes" is missing)");

    run = to_json(sample_run());
    run["point"]["cycles"] = -1;
    EXPECT_EQ(error_of(run), "run.point.cycles: expected a whole number");

    run = to_json(sample_run());
    run["point"]["batch"] = std::uint64_t{1} << 32;
    EXPECT_EQ(error_of(run), "run.point.batch: expected a smaller number");

    run = to_json(sample_run());
    run["point"]["operators"][1]["busy"].erase("unpack_unit");
    EXPECT_EQ(error_of(run), R"(run.point.operators[1].busy: "unpack_unit" is missing)");

    EXPECT_EQ(error_of(Json::array()), "run: expected an object");
}

TEST(ResultJson, RefusesConfigurationsThatAreNoObjects) {
    Point point = sample_point();
    point.inputs.model_json = "layers: 4";
    EXPECT_THROW(to_json(point), ResultFormatError);
}

// Expected value: uuid.uuid5(uuid.NAMESPACE_OID, name) of Python, with the name that docs/result.md
// gives.
TEST(ContentHash, IsTheNamedUuidOfTheInputs) {
    EXPECT_EQ(content_hash(sample_point().inputs), "e38f65a8-29f2-5f73-9157-3a532d2e5275");
}

TEST(ContentHash, DependsOnEachInputAndOnTheTimingModel) {
    const PointInputs inputs = sample_point().inputs;
    const std::string hash = content_hash(inputs);
    for (std::string PointInputs::*part :
         {&PointInputs::hardware_json, &PointInputs::model_json, &PointInputs::format_json,
          &PointInputs::scenario_json}) {
        PointInputs changed = inputs;
        changed.*part = R"({"name":"another"})";
        EXPECT_NE(content_hash(changed), hash);
    }
    EXPECT_NE(content_hash(inputs, kTimingModelVersion + 1), hash);

    PointInputs renamed = inputs;
    renamed.content_hash = "";
    EXPECT_EQ(content_hash(renamed), hash);
}

}  // namespace
}  // namespace lpusim
