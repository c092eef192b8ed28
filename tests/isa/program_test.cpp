#include "hw_models/isa/program.h"

#include <functional>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/isa/programs.h"

namespace lpusim::isa {
namespace {

constexpr std::uint16_t kFree = 0;
constexpr std::uint16_t kReady = 1;

/// Stream fills a slot, unpack empties it, four times; the other queues stay empty.
Program small_program() {
    ProgramBuilder builder;
    builder.add_semaphore("slot_free", SemaphoreKind::Space, 2);
    builder.add_semaphore("weight_ready", SemaphoreKind::Data, 0);
    builder.add_operator("q_proj");
    builder.add_layout(byte_layout(4));
    builder.loop(4, [&] {
        Instruction transfer = instruction_for(Queue::Stream);
        transfer.waits = {{kFree, 1}};
        transfer.signals = {{kReady, 1}};
        builder.emit(transfer);
        Instruction unpack = instruction_for(Queue::Unpack);
        unpack.waits = {{kReady, 1}};
        unpack.signals = {{kFree, 1}};
        builder.emit(unpack);
    });
    return builder.finish();
}

Instruction& instruction_at(Program& program, Queue queue, std::size_t entry) {
    return std::get<Instruction>(program.queue(queue).at(entry));
}

struct Defect {
    const char* name;
    std::function<void(Program&)> make;
    const char* message;
};

class DefectivePrograms : public testing::TestWithParam<Defect> {};

TEST_P(DefectivePrograms, AreRejectedByName) {
    Program program = small_program();
    GetParam().make(program);
    try {
        validate(program);
        FAIL() << "no error";
    } catch (const std::invalid_argument& error) {
        EXPECT_STREQ(error.what(), GetParam().message);
    }
}

Defect loop_defect(const char* name, const QueueProgram& entries, const char* message) {
    return {name, [entries](Program& program) { program.queue(Queue::Stream) = entries; }, message};
}

QueueProgram loops_too_deep() {
    QueueProgram entries;
    for (std::uint32_t i = 0; i <= kMaxLoopDepth; ++i) entries.emplace_back(LoopBegin{2});
    entries.emplace_back(instruction_for(Queue::Stream));
    for (std::uint32_t i = 0; i <= kMaxLoopDepth; ++i) {
        entries.emplace_back(LoopEnd{static_cast<std::uint32_t>(kMaxLoopDepth) - i});
    }
    return entries;
}

INSTANTIATE_TEST_SUITE_P(
    Loops, DefectivePrograms,
    testing::Values(
        loop_defect("unclosed", {LoopBegin{2}, instruction_for(Queue::Stream)},
                    "queue stream, entry 0: loop is never closed"),
        loop_defect("unopened", {instruction_for(Queue::Stream), LoopEnd{0}},
                    "queue stream, entry 1: loop end without a loop"),
        loop_defect("empty", {instruction_for(Queue::Stream), LoopBegin{2}, LoopEnd{1}},
                    "queue stream, entry 2: loop is empty"),
        loop_defect("zero_iterations", {LoopBegin{0}, instruction_for(Queue::Stream), LoopEnd{0}},
                    "queue stream, entry 0: loop of 0 iterations"),
        loop_defect("crossed",
                    {LoopBegin{2}, LoopBegin{2}, instruction_for(Queue::Stream), LoopEnd{0},
                     LoopEnd{1}},
                    "queue stream, entry 3: loop end names entry 0, but the innermost open loop "
                    "begins at entry 1"),
        loop_defect("too_deep", loops_too_deep(),
                    "queue stream, entry 8: loops nest more than 8 deep")),
    [](const auto& instance) { return std::string(instance.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Instructions, DefectivePrograms,
    testing::Values(
        Defect{"foreign_payload",
               [](Program& program) {
                   program.queue(Queue::Kv).emplace_back(instruction_for(Queue::Vector));
               },
               "queue kv, entry 0: payload belongs to queue vector"},
        Defect{"operator",
               [](Program& program) { instruction_at(program, Queue::Stream, 1).op = 1; },
               "queue stream, entry 1: operator 1 does not exist: the program has 1"},
        Defect{"layout",
               [](Program& program) {
                   std::get<UnpackTile>(instruction_at(program, Queue::Unpack, 1).payload).layout =
                       7;
               },
               "queue unpack, entry 1: layout 7 does not exist: the program has 1"},
        Defect{"wait_index",
               [](Program& program) {
                   instruction_at(program, Queue::Stream, 1).waits = {{2, 1}};
               },
               "queue stream, entry 1: semaphore 2 does not exist: the program has 2"},
        Defect{"signal_index",
               [](Program& program) {
                   instruction_at(program, Queue::Stream, 1).signals = {{9, 1}};
               },
               "queue stream, entry 1: semaphore 9 does not exist: the program has 2"},
        Defect{"zero_count",
               [](Program& program) {
                   instruction_at(program, Queue::Stream, 1).waits = {{kFree, 0}};
               },
               "queue stream, entry 1: waits for 0 of semaphore slot_free"},
        Defect{"repeated_semaphore",
               [](Program& program) {
                   instruction_at(program, Queue::Unpack, 1).signals = {{kFree, 1}, {kFree, 2}};
               },
               "queue unpack, entry 1: signals semaphore slot_free twice"},
        Defect{"two_waiting_queues",
               [](Program& program) {
                   instruction_at(program, Queue::Unpack, 1).waits = {{kFree, 1}};
               },
               "queue unpack, entry 1: waits for semaphore slot_free, which queue stream already "
               "waits for"}),
    [](const auto& instance) { return std::string(instance.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Layouts, DefectivePrograms,
    testing::Values(Defect{"no_rows", [](Program& program) { program.layouts[0].rows = 0; },
                           "layout 0: no rows"},
                    Defect{"prefix_count", [](Program& program) { program.layouts[0].rows = 5; },
                           "layout 0: 5 prefixes for 5 rows, expected one more than rows"},
                    Defect{"descending",
                           [](Program& program) { program.layouts[0].prefix_bytes[1] = 3; },
                           "layout 0: prefixes do not ascend"},
                    Defect{"column_bytes",
                           [](Program& program) { program.layouts[0].column_bytes = Bytes(5); },
                           "layout 0: last prefix is 4 B, the column has 5 B"}),
    [](const auto& instance) { return std::string(instance.param.name); });

TEST(Validate, AcceptsAQueueThatWaitsTwiceForItsSemaphore) {
    Program program = small_program();
    program.queue(Queue::Stream).push_back(program.queue(Queue::Stream).at(1));
    EXPECT_NO_THROW(validate(program));
}

TEST(Validate, AcceptsAnEmptyProgram) { EXPECT_NO_THROW(validate(Program{})); }

TEST(QueueOf, EveryPayloadHasItsOwnQueue) {
    for (std::size_t q = 0; q < kQueueCount; ++q) {
        const auto queue = static_cast<Queue>(q);
        EXPECT_EQ(queue_of(instruction_for(queue).payload), queue) << name_of(queue);
    }
}

TEST(ProgramBuilder, DropsLoopsWhereTheyStayEmpty) {
    ProgramBuilder builder;
    builder.add_operator("op");
    builder.loop(2, [&] {
        builder.loop(3, [&] { builder.emit(instruction_for(Queue::Stream)); });
        builder.emit(instruction_for(Queue::Vector));
        builder.loop(5, [] {});
    });
    const Program program = builder.finish();
    EXPECT_EQ(program.queue(Queue::Stream).size(), 5u);
    EXPECT_EQ(program.queue(Queue::Vector).size(), 3u);
    EXPECT_TRUE(program.queue(Queue::Compute).empty());
}

TEST(ProgramBuilder, WritesNoLoopForOneIterationAndNothingForNone) {
    ProgramBuilder builder;
    builder.add_operator("op");
    builder.loop(1, [&] { builder.emit(instruction_for(Queue::Stream)); });
    builder.loop(0, [&] { builder.emit(instruction_for(Queue::Stream)); });
    EXPECT_EQ(builder.finish().queue(Queue::Stream).size(), 1u);
}

TEST(ProgramBuilder, SharesEqualLayouts) {
    ProgramBuilder builder;
    EXPECT_EQ(builder.add_layout(byte_layout(3)), 0u);
    EXPECT_EQ(builder.add_layout(byte_layout(4)), 1u);
    EXPECT_EQ(builder.add_layout(byte_layout(3)), 0u);
    TileLayout with_header = byte_layout(3);
    with_header.header_bits_per_column = 16;
    EXPECT_EQ(builder.add_layout(with_header), 2u);
    EXPECT_EQ(builder.finish().layouts.size(), 3u);
}

TEST(ProgramBuilder, RefusesUnbalancedLoops) {
    ProgramBuilder builder;
    EXPECT_THROW(builder.end_loop(), std::invalid_argument);
    builder.begin_loop(2);
    EXPECT_THROW(builder.finish(), std::invalid_argument);
}

TEST(ProgramBuilder, RefusesMoreOperatorsThanAnInstructionCanName) {
    ProgramBuilder builder;
    for (int i = 0; i < 65536; ++i) builder.add_operator("op");
    EXPECT_THROW(builder.add_operator("op"), std::invalid_argument);
}

TEST(ProgramBuilder, ValidatesWhatItHandsOver) {
    ProgramBuilder builder;
    builder.emit(instruction_for(Queue::Stream));
    EXPECT_THROW(builder.finish(), std::invalid_argument);
}

TEST(ProgramBuilder, StartsAfreshAfterFinish) {
    ProgramBuilder builder;
    builder.add_operator("op");
    builder.emit(instruction_for(Queue::Stream));
    builder.finish();
    const Program second = builder.finish();
    EXPECT_TRUE(second.operators.empty());
    EXPECT_TRUE(second.queue(Queue::Stream).empty());
}

}  // namespace
}  // namespace lpusim::isa
