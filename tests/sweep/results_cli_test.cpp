#include <algorithm>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/config/data_files.h"
#include "sim/result/result_json.h"
#include "tests/result/sample_point.h"
#include "tests/support/subprocess.h"
#include "tests/sweep/sweep_support.h"

namespace lpusim {
namespace {

using testing::HasSubstr;
using testing::Not;

class ResultsTest : public testing::Test {
protected:
    ResultsTest() {
        ResultStore writable = ResultStore::open_or_create(store);
        const std::string definition =
            "kind: sweep\nname: s\nhardware: test-chip\nmodel: llama2-7b\n"
            "axes: {format: [int4-g64, w3p5-g64], batch: [1, 2]}\n"
            "pareto: {maximise: [tokens_per_second], minimise: [batch]}\n";
        const std::int64_t sweep = writable.add_sweep({"s", definition});
        for (unsigned i = 0; i < 3; ++i) {
            SweepPlace place;
            place.ordinal = i;
            place.request[0] = static_cast<unsigned char>(i);
            place.axes_json =
                Json({{"format", i == 0 ? "int4-g64" : "w3p5-g64"}, {"batch", i}}).dump();
            StoredPoint stored;
            stored.point = i == 0 ? sample_point() : smaller_sample_point();
            if (i == 2) {
                stored.point.inputs.content_hash = "2";
                stored.failure = PointFailure{FailureCause::Inputs, "=cmd, \"quoted\""};
            }
            writable.add(sweep, place, stored);
        }
    }

    Finished results(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), "results");
        return run_tool(arguments);
    }

    ScratchFolder folder;
    const std::string store = folder.file("s.sqlite");
};

TEST_F(ResultsTest, ListsWhatIsThere) {
    const Finished finished = results({"list", store});
    EXPECT_EQ(finished.output, store + ": 2 points, 1 without a result\n  s: 3 rows\n");
}

TEST_F(ResultsTest, ShowsRows) {
    const Finished finished = results({"show", store, "--where", "batch == 1"});
    ASSERT_EQ(finished.exit_code, 0) << finished.errors;
    EXPECT_EQ(finished.output,
              "sweep  format    batch  tokens/s   bits    RMSE  bottleneck\n"
              "s      w3p5-g64  1         1,064  4.000  0.1500  dependency-bound  pareto\n");
}

TEST_F(ResultsTest, ExportsCsvThatNoSpreadsheetTakesForAFormula) {
    const Finished finished = results({"export", store, "--csv"});
    ASSERT_EQ(finished.exit_code, 0) << finished.errors;
    EXPECT_THAT(finished.output, HasSubstr("sweep,ordinal,probe,variant,axis.format,axis.batch,"
                                           "tokens_per_second,"));
    EXPECT_THAT(finished.output, HasSubstr("s,0,0,0,int4-g64,0,1000,1000,0.001,"));
    EXPECT_THAT(finished.output, HasSubstr(R"("'=cmd, ""quoted""")"));
    EXPECT_THAT(finished.output, Not(HasSubstr(",=cmd")));
}

TEST_F(ResultsTest, ExportsWholeResultsAsJson) {
    const Finished finished = results({"export", store, "--json"});
    const Json document = Json::parse(finished.output);
    ASSERT_EQ(document.at("points").size(), 2U);
    EXPECT_EQ(to_json(point_from_json(document.at("points")[0])), to_json(sample_point()));
    EXPECT_EQ(document.at("points")[1].at("sweep").at("axes").at("batch"), 1);
    EXPECT_EQ(document.at("points")[0].at("tokens_per_second"), 1000.0);
    EXPECT_EQ(document.at("failures")[0].at("failure_cause"), "inputs");
}

TEST_F(ResultsTest, KeepsTheParetoFront) {
    // Fewer tokens per second, but a smaller batch; the other way round for the second.
    const Finished finished = results({"export", store, "--json", "--pareto"});
    EXPECT_EQ(Json::parse(finished.output).at("points").size(), 2U);
    const Finished better =
        results({"export", store, "--json", "--pareto", "--where", "batch > 0"});
    EXPECT_EQ(Json::parse(better.output).at("points").size(), 1U);
}

TEST_F(ResultsTest, SaysWhatIsWrong) {
    const auto error = [&](const std::vector<std::string>& arguments) {
        const Finished finished = results(arguments);
        EXPECT_EQ(finished.exit_code, 2) << finished.errors;
        return finished.errors;
    };
    EXPECT_EQ(error({"show", store, "--where", "bacth > 1"}),
              "error: --where 'bacth > 1': unknown name 'bacth'; did you mean 'batch'?\n");
    EXPECT_THAT(error({"show", "no.sqlite"}), HasSubstr("no.sqlite: cannot be read"));
    EXPECT_THAT(error({"show"}), HasSubstr("0 stores are given, not one"));
    EXPECT_THAT(error({"shwo", store}), HasSubstr("did you mean 'show'?"));
    EXPECT_THAT(error({}), HasSubstr("a verb is missing"));
    EXPECT_THAT(error({"merge", folder.file("out.sqlite")}), HasSubstr("at least one to merge"));
    EXPECT_THAT(error({"merge", "", store}), HasSubstr("'' is no name of a result store"));
    EXPECT_THAT(error({"merge", folder.file("out.sqlite"), "README.md"}),
                HasSubstr("README.md: is no SQLite file"));
    EXPECT_FALSE(std::filesystem::exists(folder.file("out.sqlite")));
    EXPECT_THAT(error({"export", store, "--csv", "--json"}), HasSubstr("one of both"));
}

TEST(SweepCommand, TellsWhatItWouldDo) {
    const Finished finished = run_tool({"sweep", "configs/sweeps/bandwidth.yaml", "--dry-run"});
    EXPECT_EQ(finished.exit_code, 0) << finished.errors;
    EXPECT_THAT(finished.output, HasSubstr("82 points, 82 to compute"));
    EXPECT_THAT(finished.output,
                HasSubstr("stream.weight.bandwidth: 41 values, 10 GB/s to 100 TB/s"));
}

TEST(SweepCommand, EveryShippedSweepIsValid) {
    const std::vector<ShippedFile> files = shipped_files(FileKind::Sweep);
    EXPECT_EQ(files.size(), 6U);
    for (const ShippedFile& file : files) {
        const SweepPlan plan(load_sweep(file.path));
        EXPECT_GT(plan.count({}), 0U) << file.name;
        EXPECT_EQ(run_tool({"check", file.path.string()}).exit_code, 0) << file.name;
    }
}

class ShippedSweep : public testing::TestWithParam<std::string> {};

// One point, or one search, of each.
TEST_P(ShippedSweep, Runs) {
    const ScratchFolder folder;
    const std::string store = folder.file("s.sqlite");
    const SweepPlan plan(load_sweep(find_file(FileKind::Sweep, GetParam())));
    const std::string count = std::to_string(plan.size());
    const Finished finished =
        run_tool({"sweep", GetParam(), "--out", store, "--shard", count + "/" + count});
    ASSERT_EQ(finished.exit_code, 0) << finished.errors;
    const ResultStore results = ResultStore::open(store);
    EXPECT_GE(results.point_count(), 1U);
    EXPECT_EQ(results.failure_count(), 0U);
    if (!plan.sweep().search) return;
    ASSERT_EQ(results.findings().size(), 1U);
    EXPECT_TRUE(results.findings()[0].finding.value.has_value())
        << results.findings()[0].finding.text;
}

INSTANTIATE_TEST_SUITE_P(All, ShippedSweep,
                         testing::Values("bandwidth", "batch", "context", "crossover", "group-size",
                                         "unpack-lanes"),
                         [](const auto& name) {
                             std::string text = name.param;
                             std::replace(text.begin(), text.end(), '-', '_');
                             return text;
                         });

TEST(SweepCommand, SaysWhatIsWrong) {
    const auto error = [](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "sweep");
        const Finished finished = run_tool(arguments);
        EXPECT_EQ(finished.exit_code, 2) << finished.errors;
        return finished.errors;
    };
    EXPECT_THAT(error({"bandwidth"}), HasSubstr("--out is missing"));
    EXPECT_THAT(error({"bandwith", "--out", "x"}), HasSubstr("did you mean 'bandwidth'?"));
    EXPECT_THAT(error({"--out", "x"}), HasSubstr("0 sweep files are given"));
    EXPECT_THAT(error({"batch", "--out", "x", "--shard", "3/2"}), HasSubstr("as in 1/4 to 4/4"));
    EXPECT_THAT(error({"batch", "--out", "x", "--memory-limit", "5"}), HasSubstr("has no unit"));
    EXPECT_THAT(error({"batch", "--out", "x", "--engine", "cloud"}), HasSubstr("--engine: got"));
}

}  // namespace
}  // namespace lpusim
