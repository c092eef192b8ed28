#include "sim/report/report_definition.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/config/diagnostics.h"
#include "sim/report/report_tables.h"
#include "tests/result/scratch_folder.h"

namespace lpusim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kShipped = LPUSIM_SOURCE_DIR "/reports/definitions/projection.yaml";

constexpr const char* kSmall = R"(kind: report
name: small
title: "{answer}"
sections:
  - id: one
    title: One
    needs: {projection: 2}
    otherwise: "Only one format."
    charts:
      - {id: c, specification: chart.vg.json, data: {rows: projection}, caption: "see", alternative: "said"}
    tables:
      - {table: projection, caption: "the table"}
)";

class ReportDefinitionFile : public testing::Test {
protected:
    void SetUp() override { write("chart.vg.json", R"({"data": [{"name": "rows"}]})"); }

    void write(const std::string& name, const std::string& text) const {
        std::ofstream(folder_.file(name)) << text;
    }

    /// What is wrong with the definition, without the folder it is in.
    std::vector<std::string> errors_of(std::string text, const std::string& from = "",
                                       const std::string& to = "") const {
        if (!from.empty()) text.replace(text.find(from), from.size(), to);
        write("r.yaml", text);
        try {
            (void)load_report_definition(folder_.file("r.yaml"), report_vocabulary());
            return {};
        } catch (const ConfigError& e) {
            std::vector<std::string> errors = e.errors();
            const std::string prefix = folder_.path().string() + "/";
            for (std::string& error : errors) {
                for (std::size_t at = error.find(prefix); at != std::string::npos;
                     at = error.find(prefix)) {
                    error.erase(at, prefix.size());
                }
            }
            return errors;
        }
    }

    ScratchFolder folder_;
};

TEST_F(ReportDefinitionFile, IsReadWhole) {
    write("r.yaml", kSmall);
    const auto definition = load_report_definition(folder_.file("r.yaml"), report_vocabulary());
    EXPECT_EQ(definition.title, "{answer}");
    ASSERT_EQ(definition.sections.size(), 1U);
    EXPECT_EQ(definition.sections[0].needs.at("projection"), 2U);
    EXPECT_EQ(definition.sections[0].charts.at(0).data.at("rows"), "projection");
    EXPECT_FALSE(definition.sections[0].tables.at(0).folded);
}

TEST_F(ReportDefinitionFile, ShippedOneIsValid) {
    const auto definition = load_report_definition(kShipped, report_vocabulary());
    EXPECT_EQ(definition.name, "projection");
    EXPECT_EQ(definition.sections.front().id, "answer");
    for (const ReportSection& section : definition.sections) {
        for (const ReportChart& chart : section.charts) {
            EXPECT_FALSE(chart.caption.empty()) << chart.id;
            EXPECT_FALSE(chart.alternative.empty()) << chart.id;
        }
    }
}

TEST_F(ReportDefinitionFile, NamesWhatIsUnknown) {
    EXPECT_THAT(errors_of(kSmall, "tables:", "tabels:"),
                ElementsAre(HasSubstr("r.yaml:11:5: error: unknown key 'sections[0].tabels'")));
    EXPECT_THAT(errors_of(kSmall, "table: projection", "table: projecton"),
                ElementsAre(HasSubstr("did you mean 'projection'?")));
    EXPECT_THAT(errors_of(kSmall, "{answer}", "{anwser}"),
                ElementsAre(HasSubstr("no fact is called 'anwser'")));
    EXPECT_THAT(errors_of(kSmall, "data: {rows:", "data: {row:"),
                ElementsAre(HasSubstr("chart.vg.json has no data of that name; allowed: rows")));
    EXPECT_THAT(errors_of(kSmall, "{projection: 2}", "{projection: 0}"),
                ElementsAre(HasSubstr("allowed: a number of rows")));
}

TEST_F(ReportDefinitionFile, NamesWhatIsMissing) {
    EXPECT_THAT(errors_of(kSmall, "title: \"{answer}\"\n", ""),
                ElementsAre(HasSubstr("missing key 'title'")));
    EXPECT_THAT(errors_of(kSmall, "    otherwise: \"Only one format.\"\n", ""),
                ElementsAre(HasSubstr("missing key 'sections[0].otherwise'")));
    EXPECT_THAT(errors_of(kSmall, "caption: \"see\", ", ""),
                ElementsAre(HasSubstr("missing key 'sections[0].charts[0].caption'")));
    EXPECT_THAT(errors_of(kSmall, "chart.vg.json", "nothing.vg.json"),
                ElementsAre(HasSubstr("nothing.vg.json")));
}

TEST_F(ReportDefinitionFile, ReportsEverythingAtOnce) {
    EXPECT_EQ(errors_of("kind: report\nnam: x\nsections: 3\n").size(), 4U);
}

TEST_F(ReportDefinitionFile, IdsAreFileNames) {
    EXPECT_THAT(errors_of(kSmall, "id: c,", "id: ../c,"),
                ElementsAre(HasSubstr("letters, digits, '-' and '_'")));
    const std::string twice = std::string(kSmall) + "  - {id: one, title: Two}\n";
    EXPECT_THAT(errors_of(twice), ElementsAre(HasSubstr("'one' stands twice")));
}

TEST_F(ReportDefinitionFile, LoadsNothingFromAnywhere) {
    write("chart.vg.json", R"({"data": [{"name": "rows", "url": "x.json"}]})");
    EXPECT_THAT(errors_of(kSmall), ElementsAre(HasSubstr("loads nothing from anywhere")));
    write("chart.vg.json", "[1]");
    EXPECT_THAT(errors_of(kSmall), ElementsAre(HasSubstr("is no JSON object")));
}

TEST_F(ReportDefinitionFile, SaysWhereASpecificationIsWrong) {
    write("chart.vg.json", "{\"data\":\n [}");
    EXPECT_THAT(errors_of(kSmall),
                ElementsAre(HasSubstr("chart.vg.json:2:3: error: is not valid JSON")));
    for (const char* data : {"1", "[1]", "[{}]", "{\"name\": \"rows\"}", "[{\"name\": 1}]"}) {
        write("chart.vg.json", std::string("{\"data\": ") + data + "}");
        EXPECT_THAT(errors_of(kSmall), ElementsAre(HasSubstr("a list of objects with a name")))
            << data;
    }
}

TEST(WithFacts, FillsBracesOrGivesNothing) {
    const std::map<std::string, std::string> facts = {{"a", "1"}, {"b", "{a}"}};
    EXPECT_EQ(with_facts("{a} and {b}", facts), "1 and {a}");
    EXPECT_EQ(with_facts("{{a}", facts), "{a}");
    EXPECT_EQ(with_facts("{c}", facts), std::nullopt);
    EXPECT_EQ(with_facts("none", facts), "none");
}

}  // namespace
}  // namespace lpusim
