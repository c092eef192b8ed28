#include "sim/report/table_writers.h"

#include <limits>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lpusim {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

DataTable sample() {
    DataTable table;
    table.name = "sample";
    table.columns = {{"format", "format", ""},
                     {"seconds", "time per token", "s"},
                     {"cycles", "cycles", ""},
                     {"fits", "fits", ""},
                     {"raw", "raw", "", DataTable::Show::Hidden},
                     {"key", "key", "", DataTable::Show::Code}};
    table.rows = {
        {std::string("=int4|<b>"), 0.46054236373566, std::uint64_t{421626534}, true, 1.5,
         std::string("a.b")},
        {std::string("w3p5"), std::numeric_limits<double>::infinity(), {}, false, {}, {}}};
    return table;
}

TEST(TableWriters, CsvHasAllColumnsAndAllDigits) {
    EXPECT_EQ(csv_table(sample()),
              "format,seconds,cycles,fits,raw,key\n"
              "'=int4|<b>,0.46054236373566,421626534,yes,1.5,a.b\n"
              "w3p5,,,no,,\n");
}

TEST(TableWriters, MarkdownShowsWhatIsToBeSeen) {
    EXPECT_EQ(markdown_table(sample()),
              "| format | time per token, s | cycles | fits | key |\n"
              "|---|---:|---:|---|---|\n"
              "| =int4\\|\\<b\\> | 0.4605 | 421,626,534 | yes | `a.b` |\n"
              "| w3p5 | – | – | no | `–` |\n"
              "");
    EXPECT_THAT(markdown_table(sample(), 1), HasSubstr("1 of 2 rows"));
}

TEST(TableWriters, HtmlIsEscapedAndSortable) {
    const std::string html = html_table(sample(), "What <it> is");
    EXPECT_THAT(html, HasSubstr("<caption>What &lt;it&gt; is</caption>"));
    EXPECT_THAT(html, HasSubstr("<th scope=\"row\">=int4|&lt;b&gt;</th>"));
    EXPECT_THAT(html, HasSubstr("<td class=\"n\" data-v=\"0.46054236373566\">0.4605</td>"));
    EXPECT_THAT(html, HasSubstr("<code>a.b</code>"));
    EXPECT_THAT(html, Not(HasSubstr("raw")));
}

TEST(DataTable, RowsAreObjects) {
    const Json rows = rows_json(sample());
    EXPECT_EQ(rows.at(0).at("cycles"), 421626534);
    EXPECT_EQ(rows.at(0).at("fits"), true);
    EXPECT_TRUE(rows.at(1).at("seconds").is_null());
    EXPECT_TRUE(rows.at(1).at("raw").is_null());
    EXPECT_EQ(sample().column("cycles"), 2U);
    EXPECT_THROW((void)sample().column("nothing"), std::out_of_range);
}

TEST(DataTable, NamesAreJoinedAsInProse) {
    EXPECT_EQ(joined({}), "");
    EXPECT_EQ(joined({"a"}), "a");
    EXPECT_EQ(joined({"a", "b"}), "a and b");
    EXPECT_EQ(joined({"a", "b", "c"}), "a, b and c");
}

}  // namespace
}  // namespace lpusim
