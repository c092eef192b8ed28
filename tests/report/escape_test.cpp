#include "sim/report/escape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace lpusim {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kReplacement = "\xEF\xBF\xBD";

TEST(Escape, HtmlHasNoMarkupLeft) {
    EXPECT_EQ(html_text("<b title=\"x\" id='y'>&"),
              "&lt;b title=&quot;x&quot; id=&#39;y&#39;&gt;&amp;");
    EXPECT_EQ(html_text("3.5× – µs"), "3.5× – µs");
}

TEST(Escape, WhatIsNoTextIsReplaced) {
    EXPECT_EQ(html_text(std::string("a\0b", 3)), std::string("a") + kReplacement + "b");
    EXPECT_EQ(html_text("\x1b[31m"), std::string(kReplacement) + "[31m");
    EXPECT_EQ(html_text("\xff"), kReplacement);
    // An overlong '<' and a surrogate: bytes that some decoder would take for something else.
    EXPECT_THAT(html_text("\xc0\xbc"), Not(HasSubstr("\xc0")));
    EXPECT_THAT(html_text("\xed\xa0\x80"), Not(HasSubstr("\xed")));
    EXPECT_EQ(html_text("\xe2\x82"), std::string(kReplacement) + kReplacement);
}

TEST(Escape, DirectionsAndLinesStayAsTheyAre) {
    // Would read as "abcexe.jpg", and as a line of its own.
    EXPECT_EQ(html_text("abc\u202Egpj.exe"), std::string("abc") + kReplacement + "gpj.exe");
    EXPECT_EQ(markdown_text("a\u2066b\u2069"),
              std::string("a") + kReplacement + "b" + kReplacement);
    EXPECT_EQ(csv_text("a\u2028b"), std::string("a") + kReplacement + "b");
    EXPECT_EQ(plain_text("<\u200E\x01>"), std::string("<") + kReplacement + kReplacement + ">");
    // Letters of all directions.
    EXPECT_EQ(html_text("אבג µ±…"), "אבג µ±…");
}

TEST(Escape, MarkdownHasNoMarkupLeft) {
    EXPECT_EQ(markdown_text("a|b*c_d`e"), "a\\|b\\*c\\_d\\`e");
    EXPECT_EQ(markdown_text("<script>"), "\\<script\\>");
    EXPECT_EQ(markdown_text("[x](javascript:1)"), "\\[x\\]\\(javascript:1\\)");
    EXPECT_EQ(markdown_text("a\nb"), "a b");
    EXPECT_EQ(markdown_text("- a - b"), "\\- a - b");
    EXPECT_EQ(markdown_text("1. a"), "1\\. a");
    EXPECT_EQ(markdown_text("2.306"), "2.306");
}

TEST(Escape, MarkdownCodeCannotBeLeft) {
    EXPECT_EQ(markdown_code("int4"), "`int4`");
    EXPECT_EQ(markdown_code("a`b"), "`` a`b ``");
    EXPECT_EQ(markdown_code("a``b|c\nd"), "``` a``b\\|c d ```");
    EXPECT_EQ(markdown_code(""), "");
}

TEST(Escape, CsvIsQuotedAndNeverAFormula) {
    EXPECT_EQ(csv_text("plain"), "plain");
    EXPECT_EQ(csv_text("a,\"b\"\nc"), "\"a,\"\"b\"\"\nc\"");
    for (const char* formula : {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1"}) {
        EXPECT_EQ(csv_text(formula).front(), '\'') << formula;
    }
    EXPECT_EQ(csv_text("=HYPERLINK(\"x\",\"y\")"), "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"");
}

TEST(Escape, ScriptJsonIsTheSameJson) {
    const nlohmann::json value = {{"</script><!--", "<>&\u2028"}};
    const std::string text = script_json(value.dump());
    EXPECT_THAT(text, Not(HasSubstr("<")));
    EXPECT_EQ(nlohmann::json::parse(text), value);
}

TEST(Escape, IdentifiersArePlain) {
    EXPECT_EQ(identifier("a b/../<c>"), "a-b-----c-");
    EXPECT_EQ(identifier(""), "-");
}

RC_GTEST_PROP(Escape, AnyBytesBecomeHarmlessHtml, (const std::string& bytes)) {
    const std::string text = html_text(bytes);
    RC_ASSERT(text.find_first_of("<>\"'") == std::string::npos);
    // Valid UTF-8: the JSON library throws on anything else.
    RC_ASSERT(!nlohmann::json(text).dump().empty());
    RC_ASSERT(!nlohmann::json(markdown_text(bytes)).dump().empty());
}

}  // namespace
}  // namespace lpusim
