// What the writers make of a handful of changes, to the byte.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/trace/perfetto_writer.h"
#include "sim/trace/vcd_writer.h"
#include "tests/support/trace_reader.h"

namespace lpusim {
namespace {

using Kind = TraceTrack::Kind;

const std::vector<TraceTrack> kTracks = {{Kind::State, "WeightStream", "weight_stream", {}},
                                         {Kind::Instructions, "WeightStream", "transfers 1", {}},
                                         {Kind::Level, "Unpack", "packed, before", "bytes"}};

TraceHeader header() {
    TraceHeader header;
    header.title = "a \"model\" $end <on> a chip";
    header.clock = Hertz(915'500'000);
    header.operators = {"q_proj", "norm \"1\""};
    header.facts = {{"batch", "1"}};
    return header;
}

TraceSlice state(EngineState state, std::uint16_t op = 0) {
    TraceSlice slice;
    slice.state = state;
    slice.label.op = op;
    return slice;
}

/// Busy, starved and skipped, one transfer, and a level that changes twice in cycle 12.
template <class Writer>
std::string written() {
    std::string text;
    Writer writer([&](std::string_view piece) { text += piece; });
    isa::Instruction transfer;
    transfer.payload = isa::StreamTransfer{isa::Traffic::Weights, Bytes(60), Bytes(4)};
    TraceSlice instruction;
    instruction.kind = TraceSlice::Kind::Instruction;
    instruction.instruction = &transfer;
    instruction.label = {0, 1, 2, 3};
    TraceSlice skipped;
    skipped.kind = TraceSlice::Kind::Skipped;
    skipped.periods = 3;
    skipped.spent = {{20, 5, 3, 2, 0}};

    writer.start(header(), kTracks, Cycles(10));
    writer.begin(Cycles(10), 0, state(EngineState::Busy, 1));
    writer.begin(Cycles(10), 1, instruction);
    writer.level(Cycles(12), 2, 64);
    writer.level(Cycles(12), 2, 5);
    writer.end(Cycles(15), 0);
    writer.begin(Cycles(15), 0, state(EngineState::Starved));
    writer.end(Cycles(20), 0);
    writer.begin(Cycles(20), 0, skipped);
    writer.end(Cycles(50), 0);
    writer.end(Cycles(50), 1);
    TraceSummary summary;
    summary.from = Cycles(10);
    summary.to = Cycles(50);
    summary.limit_reached = true;
    writer.finish(summary);
    return text;
}

TEST(PerfettoWriter, WritesSlicesCountersAndNames) {
    const test::PerfettoTrace trace(written<PerfettoWriter>());
    const auto& slices = trace.slices();
    ASSERT_EQ(slices.size(), 4U);
    EXPECT_EQ(slices[0].thread, "weight_stream");
    EXPECT_EQ(slices[0].name, "busy");
    EXPECT_EQ(slices[0].arguments.at("operator"), "norm \"1\"");
    EXPECT_EQ(slices[1].name, "starved");
    EXPECT_EQ(slices[1].from, 15U);
    EXPECT_EQ(slices[1].to, 20U);
    EXPECT_EQ(slices[2].category, "skipped");
    EXPECT_EQ(slices[2].arguments.dump(),
              R"({"blocked":3,"busy":20,"idle":0,"periods":3,"starved":5,"waiting":2})");
    EXPECT_EQ(slices[3].name, "q_proj");
    EXPECT_EQ(slices[3].arguments.dump(),
              R"({"bytes":64,"layer":3,"moves":"weights","number":4,"token":2})");
    const auto& level = trace.levels().at("Unpack packed, before");
    ASSERT_EQ(level.size(), 2U);
    EXPECT_EQ(level[1].value, 5U);
    EXPECT_EQ(trace.facts().at("title"), header().title);
    EXPECT_EQ(trace.facts().at("recorded").dump(), "[10,50]");
    EXPECT_EQ(trace.facts().at("limit_reached"), true);
    EXPECT_EQ(trace.facts().at("interrupted"), false);
    EXPECT_FALSE(trace.facts().contains("result"));
}

TEST(VcdWriter, WritesOneChangePerCycleAndVariable) {
    EXPECT_EQ(written<VcdWriter>(),
              "$comment a \"model\"  end <on> a chip $end\n"
              "$comment batch: 1 $end\n"
              "$comment one unit of time is one cycle of 915500000 Hz $end\n"
              "$timescale 1 ns $end\n"
              "$scope module WeightStream $end\n"
              "$var string 1 ! weight_stream_state $end\n"
              "$var string 1 \" transfers_1 $end\n"
              "$upscope $end\n"
              "$scope module Unpack $end\n"
              "$var wire 64 # packed_before_bytes $end\n"
              "$upscope $end\n"
              "$enddefinitions $end\n"
              "#10\n"
              "sbusy:norm_1_ !\n"
              "sq_proj:layer_3:4 \"\n"
              "#12\n"
              "b101 #\n"
              "#15\n"
              "sstarved !\n"
              "#20\n"
              "sskipped !\n"
              "#50\n"
              "s- !\n"
              "s- \"\n"
              "$comment the limit of events was reached $end\n");
}

TEST(PerfettoReader, RejectsWhatBreaksTheFormat) {
    const auto read = [](const std::string& events) {
        test::PerfettoTrace(R"({"displayTimeUnit":"ns","traceEvents":[)" + events +
                            R"(],"otherData":{}})");
    };
    const std::string names =
        R"({"ph":"M","pid":1,"tid":1,"name":"thread_name","args":{"name":"a"}},)";
    const std::string slice =
        R"({"ph":"X","pid":1,"tid":1,"ts":5,"dur":5,"cat":"state","name":"x"})";
    EXPECT_NO_THROW(read(names + slice));
    EXPECT_ANY_THROW(read(slice));
    EXPECT_ANY_THROW(read(names + slice + "," + slice));
    EXPECT_ANY_THROW(read(R"({"ph":"Q","pid":1,"tid":1})"));
    EXPECT_ANY_THROW(read(names + R"({"ph":"X","pid":1,"tid":1,"ts":1.5,"dur":5,"name":"x"})"));
}

}  // namespace
}  // namespace lpusim
