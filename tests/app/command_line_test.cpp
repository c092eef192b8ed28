#include "sim/app/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/app/input_errors.h"
#include "sim/app/progress_line.h"

namespace lpusim::app {
namespace {

using testing::ElementsAre;

template <class Step>
std::string error_of(Step step) {
    try {
        step();
    } catch (const InputError& e) {
        return e.what();
    }
    return "";
}

CommandLine sample_line() {
    CommandLine line("lpusim try");
    line.add_value("batch", "N", "how many");
    line.add_flag("fast", "hurry");
    line.add_flag("help,h", "this text");
    return line;
}

std::string parse_error(const std::vector<std::string>& arguments) {
    CommandLine line = sample_line();
    return error_of([&] { line.parse(arguments); });
}

TEST(CommandLine, ReadsValuesAndFlags) {
    CommandLine line = sample_line();
    line.parse({"--batch", "-1", "--fast"});
    EXPECT_EQ(line.value("batch"), "-1");
    EXPECT_TRUE(line.has("fast"));
    EXPECT_FALSE(line.has("help"));

    CommandLine adjacent = sample_line();
    adjacent.parse({"--batch=2=2", "-h"});
    EXPECT_EQ(adjacent.value("batch"), "2=2");
    EXPECT_TRUE(adjacent.has("help"));
}

TEST(CommandLine, ReadsArgumentsWhereTheyAreAllowed) {
    CommandLine line = sample_line();
    line.allow_positional("FILE");
    line.parse({"a", "--fast", "b", "--", "--c"});
    EXPECT_THAT(line.positional(), ElementsAre("a", "b", "--c"));
    EXPECT_EQ(parse_error({"a"}), "error: unexpected argument 'a'; see 'lpusim try --help'");
}

TEST(CommandLine, SuggestsTheOptionThatWasMeant) {
    EXPECT_EQ(parse_error({"--bach", "1"}),
              "error: unknown option '--bach'; did you mean '--batch'?");
    EXPECT_EQ(parse_error({"--bach=1"}), "error: unknown option '--bach'; did you mean '--batch'?");
    EXPECT_EQ(parse_error({"--something-else"}),
              "error: unknown option '--something-else'; see 'lpusim try --help'");
}

TEST(CommandLine, TakesNoAbbreviations) {
    EXPECT_EQ(parse_error({"--bat", "1"}),
              "error: unknown option '--bat'; did you mean '--batch'?");
}

TEST(CommandLine, ExplainsWrongUse) {
    EXPECT_EQ(parse_error({"--batch"}),
              "error: option '--batch' needs a value; see 'lpusim try --help'");
    EXPECT_EQ(parse_error({"--batch", "--fast"}),
              "error: option '--batch' needs a value; see 'lpusim try --help'");
    EXPECT_EQ(parse_error({"--fast=1"}),
              "error: option '--fast' takes no value; see 'lpusim try --help'");
    EXPECT_EQ(parse_error({"--batch", "1", "--batch", "2"}),
              "error: option '--batch' is given more than once; see 'lpusim try --help'");
}

TEST(ParseCount, TakesWholeNumbersInRange) {
    EXPECT_EQ(parse_count("--n", "1", 1, 100), 1U);
    EXPECT_EQ(parse_count("--n", "100", 1, 100), 100U);
    for (const char* text : {"", "0", "101", "-1", "+1", "1.5", "1e2", "nan", "0x10", " 1", "1 ",
                             "18446744073709551617", "one"}) {
        EXPECT_THROW(parse_count("--n", text, 1, 100), InputError) << text;
    }
    EXPECT_EQ(error_of([] { parse_count("--n", "1.5", 1, 100); }),
              "error: --n: got '1.5'; allowed: a whole number from 1 to 100");
}

TEST(ParseList, TakesEachItemOnce) {
    EXPECT_THAT(parse_list("--format", "a,b"), ElementsAre("a", "b"));
    EXPECT_EQ(error_of([] { parse_list("--format", "a,,b"); }),
              "error: --format: got 'a,,b', which has an empty item");
    EXPECT_EQ(error_of([] { parse_list("--format", ""); }),
              "error: --format: got '', which has an empty item");
    EXPECT_EQ(error_of([] { parse_list("--format", "a,b,a"); }),
              "error: --format: 'a' stands there twice");
}

TEST(InputErrors, ComeOutTogether) {
    InputErrors errors;
    EXPECT_NO_THROW(errors.throw_if_any());
    EXPECT_TRUE(errors.collect([] {}));
    EXPECT_FALSE(errors.collect([] { parse_list("--a", ""); }));
    errors.add("second");
    EXPECT_EQ(error_of([&] { errors.throw_if_any(); }),
              "error: --a: got '', which has an empty item\nerror: second");
}

TEST(ProgressText, TellsSharesAndTimeLeft) {
    EXPECT_EQ(progress_text({"a", "b"}, {0, 0}, 3, 80), "simulating  a 0 %  b 0 %");
    // Half of all is done after 3 s.
    EXPECT_EQ(progress_text({"a", "b"}, {0.25, 0.75}, 3, 80),
              "simulating  a 25 %  b 75 %  3 s left");
    EXPECT_EQ(progress_text({"a"}, {0.01}, 3, 80), "simulating  a 1 %  5 min left");
    EXPECT_EQ(progress_text({"a"}, {1}, 3, 80), "simulating  a 100 %");
    EXPECT_EQ(progress_text({"a", "b"}, {0.25, 0.75}, 3, 14), "simulating  a ");
}

}  // namespace
}  // namespace lpusim::app
