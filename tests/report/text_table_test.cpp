#include "sim/report/text_table.h"

#include <gtest/gtest.h>

#include "sim/report/side_by_side.h"

namespace lpusim {
namespace {

TEST(TextTable, AlignsByWhatIsSeenNotByBytes) {
    TextTable table({Align::Left, Align::Right});
    table.add({{"µs"}, {"1×"}});
    table.add({{"naïveté"}, {"22"}});
    table.add({{"符号"}, {"3"}});
    EXPECT_EQ(table.text(1, {}),
              " µs       1×\n"
              " naïveté  22\n"
              " 符号      3\n");
}

TEST(TextTable, EndsNoLineInSpaces) {
    TextTable table({Align::Left, Align::Right, Align::Left});
    table.add({{"a"}, {""}, {""}});
    table.add({{"long name"}, {"1"}, {"x"}});
    table.add({});
    EXPECT_EQ(table.text(0, {}), "a\nlong name  1  x\n\n");
}

TEST(TextTable, ColoursTextButNotTheSpacesAroundIt) {
    TextTable table({Align::Left, Align::Right});
    table.add({{"a", Paint::Bold}, {"1"}});
    table.add({{"bb"}, {"22", Paint::Highlight}});
    EXPECT_EQ(table.text(0, {true, 100}), "\x1b[1ma\x1b[0m    1\nbb  \x1b[1;33m22\x1b[0m\n");
}

TEST(TextTable, NamesCannotSteerTheTerminal) {
    EXPECT_EQ(printable("a\x1b[31mb\nc\x7f"), "a?[31mb?c?");
    TextTable table({Align::Left});
    table.add({{"\x1b[2J"}});
    EXPECT_EQ(table.text(0, {}), "?[2J\n");
}

TEST(Wrapped, BreaksAtSpacesAndIndents) {
    EXPECT_EQ(wrapped("  - ", "one two three", {false, 11}),
              "  - one two\n"
              "    three\n");
    EXPECT_EQ(wrapped("", "unbreakable", {false, 5}), "unbreakable\n");
    EXPECT_EQ(wrapped("- ", "", {}), "- \n");
}

TEST(SideBySide, PutsBelowWhatDoesNotFitBeside) {
    SideBySide table(3, 1);
    table.add({"name"}, {{{"aaaa"}}, {{"bbbb"}}, {{"cccc"}}});
    EXPECT_EQ(table.text(0, {false, 16}),
              "name  aaaa  bbbb\n"
              "\n"
              "name  cccc\n");
    EXPECT_EQ(table.text(0, {false, 22}), "name  aaaa  bbbb  cccc\n");
    // Narrower than anything: one at a time.
    EXPECT_EQ(table.text(0, {false, 1}), "name  aaaa\n\nname  bbbb\n\nname  cccc\n");
}

TEST(SideBySide, SetsGroupsOfColumnsApart) {
    SideBySide table(2, 2);
    table.add({"x"}, {{{"1"}, {"2"}}, {{"3"}, {"4"}}});
    EXPECT_EQ(table.text(0, {}), "x    1  2    3  4\n");
}

}  // namespace
}  // namespace lpusim
