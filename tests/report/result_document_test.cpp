#include "sim/report/result_document.h"

#include <gtest/gtest.h>

#include "tests/result/result_schema.h"
#include "tests/result/sample_point.h"

namespace lpusim {
namespace {

const ToolInfo kTool{"0.1.0", "0123456789ab", "2.3.4"};

Json sample_document() {
    return result_document({{sample_point(), {1.5, Cycles(3'000'000), Cycles(0), 42}},
                            {smaller_sample_point(), {1.25, Cycles(2'800'000), Cycles(0), 41}}},
                           kTool);
}

TEST(ResultDocument, FollowsItsSchema) {
    EXPECT_EQ(schema_violations(sample_document().dump()), "");
}

TEST(ResultDocument, TheSchemaIsStrict) {
    Json document = sample_document();
    document["points"][0].erase("cycles");
    EXPECT_NE(schema_violations(document.dump()), "");
    document = sample_document();
    document["points"][0]["surprise"] = 1;
    EXPECT_NE(schema_violations(document.dump()), "");
    document = sample_document();
    document["points"][1]["units"]["weight_stream"]["busy"] = 1.5;
    EXPECT_NE(schema_violations(document.dump()), "");
}

TEST(ResultDocument, HoldsTheHeadlineFigures) {
    const Json point = sample_document()["points"][0];
    EXPECT_EQ(point["cycles"], 1'000'000);
    EXPECT_EQ(point["seconds_per_token"], 0.001);
    EXPECT_EQ(point["tokens_per_second"], 1'000.0);
    EXPECT_EQ(point["tokens_per_second_total"], 1'000.0);
    EXPECT_EQ(point["weight_bytes"], 74'375'000);
    EXPECT_EQ(point["effective_bits_per_weight"], 4.25);
    EXPECT_EQ(point["stream_bytes"], 76'000'000);
    EXPECT_EQ(point["stream_utilisation"], 0.95);
    EXPECT_EQ(point["mac_utilisation"], 0.35);
    EXPECT_EQ(point["bottleneck"]["unit"], "WeightStream");
    EXPECT_EQ(point["bottleneck"]["busy_share"], 0.95);
    EXPECT_EQ(
        point["units"]["weight_stream"],
        Json(
            {{"busy", 950'000}, {"starved", 0}, {"blocked", 50'000}, {"waiting", 0}, {"idle", 0}}));
    EXPECT_EQ(point["inputs"]["hardware"]["stream"]["bandwidth"], "80 GB/s");
}

TEST(ResultDocument, ItsPointsCanBeReadBack) {
    const Json document = sample_document();
    const Point point = point_from_json(document["points"][1]);
    EXPECT_EQ(to_json(point).dump(), to_json(smaller_sample_point()).dump());
}

TEST(ResultDocument, OnlySimulatorDependsOnHowTheSimulationWent) {
    Json fast = sample_document();
    Json slow = result_document({{sample_point(), {99, Cycles(3'000'000), Cycles(0), 420}},
                                 {smaller_sample_point(), {88, Cycles(2'800'000), Cycles(0), 410}}},
                                kTool);
    EXPECT_NE(document_text(fast), document_text(slow));
    fast.erase("simulator");
    slow.erase("simulator");
    EXPECT_EQ(document_text(fast), document_text(slow));
}

TEST(ResultDocument, SaysHowFastTheSimulationWent) {
    const Json document = result_document(
        {{sample_point(), {0.5, Cycles(3'000'000), Cycles(7'000'000), 420}}}, kTool);
    const Json& simulator = document["simulator"]["points"][0];
    EXPECT_EQ(simulator["cycles_simulated"], 3'000'000);
    EXPECT_EQ(simulator["cycles_skipped"], 7'000'000);
    EXPECT_EQ(simulator["cycles_per_second"], 20e6);
}

TEST(ResultDocument, IsIndentedAndEndsInALineBreak) {
    const std::string text = document_text(sample_document());
    EXPECT_EQ(text.substr(0, 25), "{\n  \"schema_version\": 2,\n");
    EXPECT_EQ(text.substr(text.size() - 2), "}\n");
}

}  // namespace
}  // namespace lpusim
