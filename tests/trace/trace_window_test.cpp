#include "sim/trace/trace_window.h"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lpusim {
namespace {

using testing::HasSubstr;
using testing::Property;
using testing::Throws;

TEST(TraceWindow, NamesCycles) {
    const TraceWindow window = parse_trace_window("1000..2000");
    ASSERT_TRUE(window.cycles);
    EXPECT_EQ(window.cycles->from, Cycles(1000));
    EXPECT_EQ(window.cycles->to, Cycles(2000));
    EXPECT_FALSE(window.token || window.layer || window.whole_run());
}

TEST(TraceWindow, NamesTokensAndLayersFromOne) {
    EXPECT_EQ(parse_trace_window("token:1").token, 0U);
    EXPECT_EQ(parse_trace_window("token:2").token, 1U);
    EXPECT_FALSE(parse_trace_window("token:2").layer);
    const TraceWindow both = parse_trace_window("token:1,layer:80");
    EXPECT_EQ(both.token, 0U);
    EXPECT_EQ(both.layer, 79U);
    EXPECT_EQ(parse_trace_window("layer:80,token:1").layer, 79U);
}

TEST(TraceWindow, TakesALayerOfTheSteadyStateIfNoTokenIsNamed) {
    const TraceWindow window = parse_trace_window("layer:5");
    EXPECT_EQ(window.token, 1U);
    EXPECT_EQ(window.layer, 4U);
}

TEST(TraceWindow, SaysWhatIsWrong) {
    const auto error_of = [](const std::string& text, const std::string& problem) {
        EXPECT_THAT([&] { parse_trace_window(text); },
                    Throws<std::invalid_argument>(
                        Property(&std::invalid_argument::what,
                                 testing::AllOf(HasSubstr(problem), HasSubstr("allowed: cycles")))))
            << text;
    };
    error_of("", "got ''");
    error_of("5", "got '5'");
    error_of("lyer:5", "got 'lyer:5'");
    error_of("2000..1000", "'2000..1000' holds no cycle");
    error_of("7..7", "holds no cycle");
    error_of("..5", "'' is no whole number");
    error_of("-1..5", "'-1' is no whole number");
    error_of("1..99999999999999999999", "is no whole number");
    error_of("layer:0", "layer 0 does not exist");
    error_of("token:3", "token 3 is not simulated whole");
    error_of("token:1,token:2", "a token is named twice");
    error_of("token:1,", "got ''");
    error_of("layer:x", "'x' is no whole number");
}

}  // namespace
}  // namespace lpusim
