#include "sim/report/terminal_report.h"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/report/envelope_section.h"
#include "tests/result/sample_point.h"

namespace lpusim {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string golden(const char* name) {
    std::ostringstream content;
    content << std::ifstream(std::string(LPUSIM_SOURCE_DIR "/tests/report/golden/") + name).rdbuf();
    return content.str();
}

/// The widest line, in terminal columns.
std::size_t width_of(const std::string& text) {
    std::istringstream lines(text);
    std::size_t widest = 0;
    for (std::string line; std::getline(lines, line);) {
        widest = std::max(widest, display_width(line));
    }
    return widest;
}

Point long_named(Point point, const char* format) {
    point.inputs.format_name = format;
    for (EngineCycles& engine : point.units) engine.name = "a_rather_long_unit." + engine.name;
    point.bottleneck.engine = "a_rather_long_unit." + point.bottleneck.engine;
    return point;
}

TEST(TerminalReport, IsWhatThePointsSay) {
    EXPECT_EQ(terminal_report({sample_point(), smaller_sample_point()}, {}),
              golden("two_formats.txt"));
}

TEST(TerminalReport, OfOneFormatHasNoSpeedUp) {
    EXPECT_THAT(terminal_report({sample_point()}, {}), Not(HasSubstr("speed-up")));
}

TEST(TerminalReport, OfABatchTellsUsersFromTheTotal) {
    Point p = sample_point();
    p.batch = 8;
    const std::string text = terminal_report({p}, {});
    EXPECT_THAT(text, HasSubstr("batch 8"));
    EXPECT_THAT(text, HasSubstr("tokens/s per sequence               1,000"));
    EXPECT_THAT(text, HasSubstr("tokens/s in total                   8,000"));
}

TEST(TerminalReport, SaysWhenItIsNotTheWholeModel) {
    Point one = sample_point();
    one.layers_simulated = 1;
    const std::string text = terminal_report({one}, {});
    EXPECT_THAT(text, HasSubstr("1 of 4 layers simulated"));
    EXPECT_THAT(text, HasSubstr("NOT THE WHOLE MODEL: figures are of 1 of 4 layers"));
    EXPECT_THAT(terminal_report({sample_point()}, {}), Not(HasSubstr("NOT THE WHOLE MODEL")));
}

TEST(TerminalReport, SaysNextToTheNumberThatNoTestCoversIt) {
    EXPECT_THAT(terminal_report({sample_point()}, {}), Not(HasSubstr("tested ranges")));
    Point p = smaller_sample_point();
    p.untested = {{"array.rows", "1024", "1 to 512"},
                  {"stream.weight.latency", "5000 cycles", "0 to 1000"}};
    const std::string text = terminal_report({sample_point(), p}, {});
    EXPECT_THAT(text,
                HasSubstr("  OUTSIDE THE TESTED RANGES: array.rows = 1024 (tested: 1 to 512),"
                          "\n                             stream.weight.latency = 5000 cycles "
                          "(tested: 0 to 1000)\n"));
    EXPECT_THAT(text,
                HasSubstr("    tested ranges                      inside  OUTSIDE: 2 settings\n"
                          "    tokens/s "));
    EXPECT_LE(width_of(text), 100U);
    // Said once, not once per format.
    EXPECT_EQ(envelope_warning({p, p}, {}), envelope_warning({p}, {}));
}

TEST(TerminalReport, IsPlainUnlessColourIsAskedFor) {
    EXPECT_THAT(terminal_report({sample_point()}, {}), Not(HasSubstr("\x1b")));
    EXPECT_THAT(terminal_report({sample_point()}, {true, 100}),
                HasSubstr("\x1b[1;33mWeightStream\x1b[0m"));
}

TEST(TerminalReport, FitsItsWidth) {
    const Point a = long_named(sample_point(), "int4-g64-asymmetric-zeropoint");
    const Point b = long_named(smaller_sample_point(), "w3p5-g64-z8-separate-metadata");
    EXPECT_LE(width_of(terminal_report({sample_point(), smaller_sample_point()}, {})), 100U);
    EXPECT_LE(width_of(terminal_report({a, b}, {})), 100U);
    EXPECT_LE(width_of(terminal_report({a, b, a, b, a}, {})), 100U);
}

// With engines as long as the longest real one, and counts of a large model.
TEST(TerminalReport, FitsATerminalOf80Columns) {
    Point p = sample_point();
    p.cycles = Cycles(421'626'534);
    p.units = {{"weight_stream", "WeightStream", Cycles(421'626'534), Cycles(0), Cycles(0),
                Cycles(0), Cycles(0)},
               {"sram_banks.activation_read", "SramBanks", Cycles(226'090), Cycles(421'400'444),
                Cycles(0), Cycles(0), Cycles(0)},
               {"mac_array.compute", "MacArray", Cycles(0), Cycles(0), Cycles(0), Cycles(0),
                Cycles(421'626'534)}};
    p.bottleneck = {"WeightStream", "weight_stream", Cycles(421'626'534), {}};
    EXPECT_LE(width_of(terminal_report({p, p}, {false, 80})), 80U);
    EXPECT_THAT(terminal_report({p}, {false, 80}), HasSubstr("<- binds"));
    EXPECT_THAT(terminal_report({p}, {false, 80}), Not(HasSubstr("busy cycles")));
    EXPECT_THAT(terminal_report({p}, {false, 100}), HasSubstr("busy cycles"));
}

TEST(TerminalReport, SumsUpTheOperatorsThatItDoesNotShow) {
    Point p = sample_point();
    p.operators.clear();
    for (int i = 0; i < 11; ++i) {
        p.operators.push_back({"op" + std::to_string(i), Cycles(100'000), {}, Bytes(1'000)});
    }
    const std::string text = operator_section({p}, {});
    EXPECT_THAT(text, HasSubstr("op7 "));
    EXPECT_THAT(text, Not(HasSubstr("op8")));
    EXPECT_THAT(text, HasSubstr("3 others     300,000  30.0  3.000 kB"));
}

TEST(TerminalReport, NotesOfAllFormatsStandOnce) {
    const Point a = sample_point();
    Point b = smaller_sample_point();
    b.notes.emplace_back("rounds up");
    const std::string text = provenance_section({a, b}, {});
    EXPECT_THAT(text, HasSubstr("  - KV cache is streamed"));
    EXPECT_THAT(text, Not(HasSubstr("int4-g64: KV cache")));
    EXPECT_THAT(text, HasSubstr("  - w3p5-g64: rounds up"));
}

TEST(TerminalReport, OfNothingIsEmpty) { EXPECT_EQ(terminal_report({}, {}), ""); }

}  // namespace
}  // namespace lpusim
