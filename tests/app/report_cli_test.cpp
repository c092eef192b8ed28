// Runs lpusim report and lpusim sensitivity as their users do.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/app/hardware_changes.h"
#include "sim/result/result_json.h"
#include "tests/result/scratch_folder.h"
#include "tests/support/subprocess.h"

namespace lpusim {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string kChip = "configs/hardware/test-chip.yaml";
const std::string kToy = "tests/app/data/toy.yaml";

class ReportCommand : public testing::Test {
protected:
    std::string result(const std::string& formats = "int4-g64,w3p5-g64") const {
        const std::string file = folder_.file("result.json");
        const Finished run = run_tool({"run", "--hardware", kChip, "--model", kToy, "--context",
                                       "32", "--format", formats, "--json", file});
        EXPECT_EQ(run.exit_code, 0) << run.errors;
        return file;
    }
    Finished report(const std::vector<std::string>& more) const {
        std::vector<std::string> arguments = {"report"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run_tool(arguments);
    }
    std::string out() const { return folder_.file("out"); }
    std::string made(const std::string& name) const { return content_of(out() + "/" + name); }
    std::ptrdiff_t points_made() const {
        const std::string rows = made("data.csv");
        return std::count(rows.begin(), rows.end(), '\n') - 1;
    }

    ScratchFolder folder_;
};

TEST_F(ReportCommand, WritesEveryKindOfFile) {
    const Finished finished = report({result(), "--out", out()});
    ASSERT_EQ(finished.exit_code, 0) << finished.errors;
    EXPECT_EQ(finished.output, out() + "/index.html\n");

    const Json json = Json::parse(made("report.json"));
    const std::string answer = json.at("facts").at("answer").get<std::string>();
    EXPECT_THAT(answer, HasSubstr("toy token takes"));
    EXPECT_THAT(made("index.html"), HasSubstr("<p class=\"answer\">" + answer));
    EXPECT_THAT(made("index.html"), Not(HasSubstr("sourceMappingURL")));
    EXPECT_THAT(made("report.md"), HasSubstr("\n## The answer\n"));
    EXPECT_THAT(made("data.csv"), StartsWith("format,"));
    EXPECT_EQ(json.at("tables").at("comparison").at("rows").size(), 2U);
    for (const Json& id : json.at("figures")) {
        const std::string figure = made("figures/" + id.get<std::string>() + ".svg");
        EXPECT_THAT(figure, StartsWith("<svg")) << id;
        EXPECT_THAT(figure, Not(HasSubstr("var(--"))) << id;
        EXPECT_THAT(figure, Not(HasSubstr("NaN"))) << id;
    }
    // What two formats of one machine do not show is said, with how to get it.
    EXPECT_THAT(json.at("left_out").at("bandwidth").get<std::string>(), HasSubstr("lpusim sweep"));
}

TEST_F(ReportCommand, EqualResultsGiveEqualBytes) {
    const std::string input = result();
    ASSERT_EQ(report({input, "--out", out()}).exit_code, 0);
    const std::string page = made("index.html");
    ASSERT_EQ(report({input, "--out", out()}).exit_code, 0);
    EXPECT_EQ(made("index.html"), page);
}

TEST_F(ReportCommand, TheFiguresAddUp) {
    ASSERT_EQ(report({result(), "--out", out()}).exit_code, 0);
    const Json tables = Json::parse(made("report.json")).at("tables");
    const Json points = Json::parse(content_of(folder_.file("result.json"))).at("points");
    for (std::size_t i = 0; i < 2; ++i) {
        const std::string format = points[i].at("inputs").at("format_name").get<std::string>();
        const double seconds = points[i].at("seconds_per_token").get<double>();
        EXPECT_DOUBLE_EQ(tables.at("comparison").at("rows")[i].at("milliseconds_per_token"),
                         1e3 * seconds);
        // Operators: their times sum to the token's.
        double sum = 0;
        for (const Json& row : tables.at("operators").at("rows")) {
            if (row.at("format") == format) sum += row.at("milliseconds").get<double>();
        }
        EXPECT_NEAR(sum, 1e3 * seconds, 1e-9);
        // The roofline's operations are all that the array did usefully, of what streams.
        double operations = 0;
        for (const Json& row : tables.at("roofline").at("rows")) {
            if (row.at("format") != format) continue;
            for (const Json& op : points[i].at("operators")) {
                if (op.at("name") != row.at("operator")) continue;
                operations +=
                    row.at("intensity").get<double>() * op.at("stream_bytes").get<double>();
            }
        }
        double resident = 0;
        if (points[i].at("kv_resident").get<bool>()) {
            // Q·K and ·V of four layers, four heads of 16, 32 positions.
            resident = 2.0 * 4 * 4 * 2 * 16 * 32;
        }
        EXPECT_DOUBLE_EQ(operations + resident, 2 * points[i].at("useful_macs").get<double>());
    }
}

TEST_F(ReportCommand, SaysWhatIsWrongWithItsInputs) {
    const Finished none = report({"--out", out()});
    EXPECT_EQ(none.exit_code, 2);
    EXPECT_THAT(none.errors, HasSubstr("no results given"));

    std::ofstream(folder_.file("bad.json")) << "{\"points\": [";
    std::ofstream(folder_.file("old.json")) << R"({"schema_version": 0, "points": []})";
    const Finished bad = report({folder_.file("bad.json"), folder_.file("old.json"),
                                 folder_.file("missing.json"), "--out", out()});
    EXPECT_EQ(bad.exit_code, 2);
    EXPECT_THAT(bad.errors, HasSubstr("bad.json: is no result"));
    EXPECT_THAT(bad.errors, HasSubstr("old.json: schema_version is 0"));
    EXPECT_THAT(bad.errors, HasSubstr("missing.json: cannot be read"));
    EXPECT_FALSE(std::filesystem::exists(out()));

    const Finished folder = report({folder_.path().string(), "--out", out()});
    EXPECT_EQ(folder.exit_code, 2);
    EXPECT_THAT(folder.errors, HasSubstr("is a folder, not a file"));
    const Finished nowhere = report({result(), "--out", ""});
    EXPECT_EQ(nowhere.exit_code, 2);
    EXPECT_THAT(nowhere.errors, HasSubstr("--out: got ''"));

    const Finished compared = report({result(), "--out", out(), "--compare", "int4-g64,w3p5-g46"});
    EXPECT_EQ(compared.exit_code, 2);
    EXPECT_THAT(compared.errors, HasSubstr("did you mean 'w3p5-g64'?"));

    std::ofstream(folder_.file("file")) << "in the way";
    const Finished blocked = report({result(), "--out", folder_.file("file")});
    EXPECT_EQ(blocked.exit_code, 2);
    EXPECT_THAT(blocked.errors, HasSubstr("--out"));
}

TEST_F(ReportCommand, SaysWhichProgramIsMissing) {
    const std::string input = result();
    const std::string lpusim = LPUSIM_EXECUTABLE;
    const Finished node =
        run_program({"env", "LPUSIM_NODE=no-such-node", lpusim, "report", input, "--out", out()});
    EXPECT_EQ(node.exit_code, 1);
    EXPECT_THAT(node.errors,
                HasSubstr("there is no program 'no-such-node'; install Debian's nodejs"));
    const Finished vega = run_program(
        {"env", "LPUSIM_VEGA_DIR=/nonexistent", lpusim, "report", input, "--out", out()});
    EXPECT_EQ(vega.exit_code, 1);
    EXPECT_THAT(vega.errors, HasSubstr("reports need Vega, and /nonexistent/"));
    EXPECT_FALSE(std::filesystem::exists(out() + "/index.html"));
}

TEST_F(ReportCommand, ReadsStoresAndDocumentsTogether) {
    std::ofstream(folder_.file("sweep.yaml"))
        << "kind: sweep\nname: bandwidths\nhardware: test-chip\nmodel: "
        << std::filesystem::absolute(kToy).string()
        << "\ncontext: 32\naxes:\n"
           "  stream.weight.bandwidth: [2 GB/s, 4 GB/s, 8 GB/s, 16 GB/s]\n"
           "  format: [int4-g64, w3p5-g64]\n";
    const std::string store = folder_.file("bandwidths.sqlite");
    const Finished sweep = run_tool({"sweep", folder_.file("sweep.yaml"), "--out", store});
    ASSERT_EQ(sweep.exit_code, 0) << sweep.errors;

    const auto milliseconds = [](const Json& row) {
        return row.at("milliseconds_per_token").get<double>();
    };
    const std::string document = result();
    ASSERT_EQ(report({document, store, "--out", out()}).exit_code, 0);
    const Json mixed = Json::parse(made("report.json")).at("tables");
    // The chip as it is has 8 GB/s: two points of the store are those of the document.
    EXPECT_EQ(points_made(), 8);
    EXPECT_EQ(mixed.at("bandwidth").at("rows").size(), 8U);
    const Json points = Json::parse(content_of(document)).at("points");
    EXPECT_DOUBLE_EQ(milliseconds(mixed.at("comparison").at("rows")[0]),
                     1e3 * points[0].at("seconds_per_token").get<double>());

    // A store alone: its first point is the headline.
    ASSERT_EQ(report({store, "--out", out()}).exit_code, 0);
    const Json stored = Json::parse(made("report.json")).at("tables");
    EXPECT_EQ(points_made(), 8);
    EXPECT_EQ(stored.at("configuration").at("rows"), [&] {
        Json rows = mixed.at("configuration").at("rows");
        for (Json& row : rows) {
            if (row.at("key") != "stream.weight.bandwidth") continue;
            row.at("value") = "2 GB/s";
            row.at("confidence") = "assumed";
            row.at("source") = "override";
        }
        return rows;
    }());
    EXPECT_GT(milliseconds(stored.at("comparison").at("rows")[0]),
              milliseconds(mixed.at("comparison").at("rows")[0]));

    std::ofstream(folder_.file("broken.sqlite")) << "SQLite format 3 and then nothing";
    const Finished broken = report({document, folder_.file("broken.sqlite"), "--out", out()});
    EXPECT_EQ(broken.exit_code, 2);
    EXPECT_THAT(broken.errors, HasSubstr("broken.sqlite"));
}

TEST_F(ReportCommand, TellsPublishedFromDerivedFromAssumed) {
    const std::string file = folder_.file("result.json");
    ASSERT_EQ(run_tool({"run", "--hardware", "lpu-80gbs", "--model", kToy, "--context", "32",
                        "--format", "int4-g64", "--json", file})
                  .exit_code,
              0);
    ASSERT_EQ(report({file, "--out", out()}).exit_code, 0);
    const Json report = Json::parse(made("report.json"));
    std::map<std::string, std::string> confidence;
    for (const Json& row : report.at("tables").at("configuration").at("rows")) {
        if (row.at("part") != "hardware" || row.at("key") == "name") continue;
        const std::string key = row.at("key").get<std::string>();
        confidence[key] = row.at("confidence").get<std::string>();
        if (confidence[key] == "assumed") continue;
        EXPECT_NE(row.at("source"), "") << key;
    }
    EXPECT_EQ(confidence.at("stream.weight.bandwidth"), "published");
    EXPECT_EQ(confidence.at("clock"), "derived");
    EXPECT_EQ(confidence.at("stream.weight.latency"), "assumed");
    EXPECT_THAT(made("index.html"), HasSubstr("ISCA"));
}

TEST_F(ReportCommand, NamesAreTextWhateverTheyHold) {
    // As files may have them, and, in a document that something else wrote, as they may not.
    const std::vector<std::string> names = {"</script><script>x()</script>",
                                            "\"&'`<>\\",
                                            "]]>--><!--",
                                            "=1+1",
                                            "+1",
                                            "-1",
                                            "@SUM(A1)",
                                            "a|b",
                                            "{answer}",
                                            "\t=1",
                                            "a\n\n# b",
                                            std::string("\u202Eb\x01\x00", 6),
                                            std::string(3000, 'x')};
    const Json document = Json::parse(content_of(result("int4-g64,w3p5-g64,int8")));
    for (const std::string& name : names) {
        Json renamed = document;
        for (const char* key : {"hardware_name", "model_name"}) {
            for (Json& point : renamed.at("points")) point.at("inputs").at(key) = name;
        }
        renamed.at("points")[1].at("inputs").at("format_name") = name;
        const std::string file = folder_.file("renamed.json");
        std::ofstream(file) << renamed.dump();
        const Finished finished = report({file, "--out", out()});
        ASSERT_EQ(finished.exit_code, 0) << name << finished.errors;

        const Json json = Json::parse(made("report.json"));
        EXPECT_EQ(json.at("tables").at("comparison").at("rows")[1].at("format"), name);
        std::vector<std::string> files = {made("index.html"), made("report.md"), made("data.csv")};
        for (const Json& id : json.at("figures")) {
            files.push_back(made("figures/" + id.get<std::string>() + ".svg"));
            EXPECT_THAT(files.back(), Not(HasSubstr("<script"))) << id;
            EXPECT_THAT(files.back(), Not(HasSubstr("]]>"))) << id;
        }
        EXPECT_THAT(files[0], Not(HasSubstr("<script>x()")));
        for (const std::string& text : files) {
            EXPECT_THAT(text, Not(HasSubstr("\u202E")));
            EXPECT_EQ(
                std::count_if(text.begin(), text.end(),
                              [](unsigned char c) { return c < ' ' && c != '\n' && c != '\t'; }),
                0);
        }
        // No cell begins as a formula does, quoted or not, unless it is a number.
        EXPECT_THAT(files[2], Not(testing::ContainsRegex("(^|[,\n])\"?([=+@\t]|-[^0-9])")));
        EXPECT_THAT(files[2], Not(testing::ContainsRegex("(^|\n)\"?-")));
        // The table has the columns that it had.
        EXPECT_THAT(files[1], testing::ContainsRegex("\n\\|---\\|(---:\\|)+"));
        EXPECT_THAT(files[1], Not(HasSubstr("\n# b")));
    }
}

TEST_F(ReportCommand, ANewDefinitionNeedsNoCode) {
    std::ofstream(folder_.file("mine.yaml"))
        << "kind: report\nname: mine\ntitle: \"{model}\"\nsections:\n"
           "  - {id: a, title: A, tables: [{table: sizes, caption: Sizes}]}\n";
    ASSERT_EQ(report({result("int8"), "--definition", folder_.file("mine.yaml"), "--out", out()})
                  .exit_code,
              0);
    EXPECT_THAT(made("report.md"), StartsWith("# toy\n\n## A\n\nSizes\n\n| format |"));
}

TEST_F(ReportCommand, NamesTheChartThatVegaDoesNotTake) {
    std::ofstream(folder_.file("mine.yaml"))
        << "kind: report\nname: mine\ntitle: T\nsections:\n  - id: a\n    title: A\n    charts:\n"
           "      - {id: mine, specification: mine.vg.json, data: {rows: sizes}, caption: C, "
           "alternative: A}\n";
    const std::string input = result("int8");
    for (const char* mark :
         {R"({"type": "symbl"})", R"({"type": "text", "from": {"data": "x"}})"}) {
        std::ofstream(folder_.file("mine.vg.json"))
            << R"({"data": [{"name": "rows"}], "marks": [)" << mark << "]}";
        const Finished finished =
            report({input, "--definition", folder_.file("mine.yaml"), "--out", out()});
        EXPECT_EQ(finished.exit_code, 2);
        EXPECT_THAT(finished.errors, StartsWith("error: Vega cannot draw chart mine: "));
        EXPECT_EQ(std::count(finished.errors.begin(), finished.errors.end(), '\n'), 1);
    }
}

TEST_F(ReportCommand, FindsTheNumbersThatMatter) {
    const std::string file = folder_.file("knobs.json");
    const Finished run = run_tool({"sensitivity", "--hardware", kChip, "--model", kToy, "--context",
                                   "32", "--format", "int4-g64,w3p5-g64", "--json", file});
    ASSERT_EQ(run.exit_code, 0) << run.errors;
    ASSERT_EQ(report({file, "--out", out()}).exit_code, 0);
    const Json tables = Json::parse(made("report.json")).at("tables");
    // Half of the lanes make nothing faster.
    bool found = false;
    for (const Json& row : tables.at("sensitivity").at("rows")) {
        if (row.at("key") != "vector.lanes" || row.at("change") != "halved") continue;
        found = true;
        EXPECT_GE(row.at("base_time_percent"), 0);
    }
    EXPECT_TRUE(found);
    for (const Json& row : tables.at("ratio_assumptions").at("rows")) {
        EXPECT_EQ(row.at("confidence"), "assumed");
        EXPECT_GT(std::abs(row.at("ratio_percent").get<double>()), 1);
    }
}

TEST(ScaledValue, KeepsTheUnit) {
    EXPECT_EQ(app::scaled_value("80 GB/s", 0.5), "40 GB/s");
    EXPECT_EQ(app::scaled_value("915.5 MHz", 0.5), "457.75 MHz");
    EXPECT_EQ(app::scaled_value("20480", 2), "40960");
    EXPECT_EQ(app::scaled_value("3", 0.5), "");
    EXPECT_EQ(app::scaled_value("0 cycles", 2), "");
    EXPECT_EQ(app::scaled_value("none", 2), "");
    EXPECT_EQ(app::scaled_value("16x", 2), "");
    EXPECT_EQ(app::scaled_value("inf", 2), "");
}

}  // namespace
}  // namespace lpusim
