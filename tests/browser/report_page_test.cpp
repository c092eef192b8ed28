// Opens a report in a real browser: what a reader sees is there, and what a hostile name tries is
// not.

#include <algorithm>
#include <fstream>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/result/scratch_folder.h"
#include "tests/support/subprocess.h"

namespace lpusim {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kChip = "configs/hardware/test-chip.yaml";
constexpr const char* kToy = "tests/app/data/toy.yaml";
/// Would leave its element, load something and call something, if it could.
constexpr const char* kHostileName = "</script><img src=http://x.invalid onerror=hit()>&=1+1|`";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

/// A report with every section that a chip, a sweep and a sensitivity analysis give, made once.
class ReportPage : public testing::Test {
protected:
    void SetUp() override {
        std::ofstream(folder_.file("toy.yaml"))
            << replaced(content_of(kToy), "name: toy", std::string("name: '") + kHostileName + "'");
        std::vector<std::string> inputs = {simulate(
            "run", kChip, "formats.json", "int4-g64,w3p5-g64,int4-col-asym,w11x11-g64,int8")};
        for (const char* bandwidth :
             {"1 GB/s", "2 GB/s", "4 GB/s", "16 GB/s", "64 GB/s", "1 TB/s"}) {
            std::ofstream(folder_.file("chip.yaml"))
                << replaced(content_of(kChip), "bandwidth: {value: 8 GB/s",
                            std::string("bandwidth: {value: ") + bandwidth);
            inputs.push_back(simulate("run", folder_.file("chip.yaml"),
                                      std::to_string(inputs.size()) + ".json",
                                      "int4-g64,w3p5-g64"));
        }
        inputs.push_back(simulate("sensitivity", kChip, "knobs.json", "int4-g64,w3p5-g64"));
        std::vector<std::string> command = {"report"};
        command.insert(command.end(), inputs.begin(), inputs.end());
        command.insert(command.end(), {"--out", folder_.file("out")});
        const Finished made = run_tool(command);
        ASSERT_EQ(made.exit_code, 0) << made.errors;

        const std::string page = folder_.file("out/index.html");
        const Finished opened = run_program({"node", "tests/browser/open_report.js", page});
        ASSERT_EQ(opened.exit_code, 0) << opened.errors;
        seen_ = json::parse(opened.output);
        report_ = json::parse(content_of(folder_.file("out/report.json")));
    }

    std::string simulate(const std::string& verb, const std::string& chip, const std::string& name,
                         const std::string& formats) const {
        const std::string file = folder_.file(name);
        const Finished finished =
            run_tool({verb, "--hardware", chip, "--model", folder_.file("toy.yaml"), "--context",
                      "32", "--format", formats, "--json", file});
        EXPECT_EQ(finished.exit_code, 0) << finished.errors;
        return file;
    }

    const json& rows(const std::string& table) const {
        return report_.at("tables").at(table).at("rows");
    }
    template <class Wanted>
    std::size_t count(const std::string& table, Wanted wanted) const {
        const json& all = rows(table);
        return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), wanted));
    }
    /// Of a chart, in the scene that was drawn.
    std::size_t marks(const std::string& chart, const std::string& mark) const {
        return seen_.at("charts").at(chart).at("marks").value(mark, std::size_t{0});
    }

    ScratchFolder folder_;
    json seen_;
    json report_;
};

TEST_F(ReportPage, IsWhatAReaderNeeds) {
    EXPECT_THAT(seen_.at("console"), IsEmpty()) << "errors, and what a hostile name ran";
    EXPECT_THAT(seen_.at("requests"), IsEmpty()) << "a report loads nothing";

    // Every chart of the report, with as many marks as its table has rows to show.
    EXPECT_EQ(seen_.at("charts").size(), report_.at("figures").size());
    std::size_t states = 0;
    for (const json& engine : rows("units")) {
        for (const char* state : {"busy", "starved", "blocked", "waiting", "idle"}) {
            if (engine.at(state) > 0) ++states;
        }
    }
    const auto is_compared = [](const json& row) { return row.at("compared").get<bool>(); };
    EXPECT_EQ(marks("units", "bars"), states);
    EXPECT_EQ(marks("operators", "bars"), rows("operators").size());
    EXPECT_EQ(marks("bandwidth", "dots"), count("bandwidth", is_compared));
    EXPECT_EQ(marks("bandwidth", "dots"), 14U) << "two formats at seven bandwidths";
    EXPECT_EQ(marks("bandwidth", "crossings"), rows("crossovers").size());
    EXPECT_EQ(marks("speed_up", "dots"), count("bandwidth", is_compared));
    EXPECT_EQ(marks("roofline", "dots"), rows("roofline").size());
    EXPECT_EQ(marks("tornado", "bars"), rows("tornado").size());
    EXPECT_EQ(marks("pareto", "dots"), 4U) << "INT8 has more than 6 bits";
    EXPECT_EQ(marks("precision", "dots"), 5U);
    EXPECT_EQ(marks("sizes", "bars"), 15U) << "three parts of five formats";
    EXPECT_EQ(marks("layers", "dots"), rows("layer_quality").size());
    EXPECT_EQ(marks("packing", "cells"), rows("packing").size());
    for (const auto& [id, chart] : seen_.at("charts").items()) {
        EXPECT_GT(chart.at("elements"), 5) << id;
        EXPECT_GT(chart.at("label"), 20) << id << " has a text for those who do not see it";
    }

    EXPECT_EQ(seen_.at("tooltip").at("hidden"), false);
    EXPECT_THAT(seen_.at("tooltip").at("text").get<std::string>(), HasSubstr("busy"));

    const json& sorted = seen_.at("sorted");
    std::vector<double> values = sorted.at("before").get<std::vector<double>>();
    std::sort(values.begin(), values.end());
    EXPECT_EQ(sorted.at("up"), json(values));
    EXPECT_EQ(sorted.at("upLabel"), "ascending");
    std::reverse(values.begin(), values.end());
    EXPECT_EQ(sorted.at("down"), json(values));

    // By keyboard, with a focus that is seen.
    const json& keyboard = seen_.at("keyboard");
    EXPECT_EQ(keyboard.at("focus"), "BUTTON");
    EXPECT_EQ(keyboard.at("enter").at("sort"), "ascending");
    EXPECT_EQ(keyboard.at("enter").at("outline"), "solid");
    EXPECT_EQ(keyboard.at("space").at("sort"), "descending");
    auto names = keyboard.at("enter").at("rows").get<std::vector<std::string>>();
    EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
    std::reverse(names.begin(), names.end());
    EXPECT_EQ(keyboard.at("space").at("rows"), json(names));

    // To those who hear the page, everything has a name, and charts are pictures.
    std::map<std::string, std::size_t> roles;
    for (const json& node : seen_.at("accessible")) {
        EXPECT_NE(node.at("name"), "") << node;
        ++roles[node.at("role").get<std::string>()];
    }
    EXPECT_EQ(roles["image"], seen_.at("charts").size());
    EXPECT_GT(roles["table"], 0U);
    EXPECT_EQ(roles["table"], roles["region"]) << "each scrolls in a region of its own";
    EXPECT_EQ(roles["button"], roles["columnheader"]) << "each column sorts";

    // Wide tables scroll by themselves; the page does not.
    for (const auto& [width, pixels] : seen_.at("overflow").items()) EXPECT_EQ(pixels, 0) << width;
}

}  // namespace
}  // namespace lpusim
