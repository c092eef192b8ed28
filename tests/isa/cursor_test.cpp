#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "hw_models/isa/program.h"
#include "tests/isa/programs.h"

namespace lpusim::isa {
namespace {

using Visits = std::vector<std::uint16_t>;

/// Operators of the instructions in the order in which a cursor meets them.
Visits visits_of(const QueueProgram& program) {
    Visits visits;
    for (Cursor cursor(program); !cursor.at_end(); cursor.advance(program)) {
        visits.push_back(std::get<Instruction>(program[cursor.position()]).op);
    }
    return visits;
}

/// The whole range from the first case on: rapidcheck would start with the smallest values.
std::uint64_t pick(std::uint64_t begin, std::uint64_t end) {
    return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(begin, end));
}

/// Builds a random loop program and, beside it, what it means when it is written out.
class RandomProgram {
public:
    RandomProgram() { unrolled_ = body(0); }

    Program finish() { return builder_.finish(); }
    const Visits& unrolled(Queue queue) const { return unrolled_[static_cast<std::size_t>(queue)]; }

private:
    using Unrolled = std::array<Visits, kQueueCount>;

    Unrolled body(std::size_t depth) {
        Unrolled all;
        // Loops may be empty; the program should not.
        const auto statements = pick(depth == 0 ? 2 : 0, 5);
        for (std::uint64_t i = 0; i < statements; ++i) {
            const bool nest = depth < 4 && pick(0, 2) == 1;
            append(all, nest ? loop(depth) : instruction());
        }
        return all;
    }

    Unrolled loop(std::size_t depth) {
        const auto count = pick(1, 4);
        builder_.begin_loop(count);
        const Unrolled once = body(depth + 1);
        builder_.end_loop();
        Unrolled all;
        for (std::uint64_t i = 0; i < count; ++i) append(all, once);
        return all;
    }

    Unrolled instruction() {
        const auto q = pick(0, kQueueCount);
        const std::uint16_t op = builder_.add_operator("op");
        Instruction instruction = instruction_for(static_cast<Queue>(q), op);
        if (auto* unpack = std::get_if<UnpackTile>(&instruction.payload)) {
            unpack->layout = builder_.add_layout(byte_layout(1));
        }
        builder_.emit(instruction);
        Unrolled all;
        all[q].push_back(op);
        return all;
    }

    static void append(Unrolled& all, const Unrolled& more) {
        for (std::size_t q = 0; q < kQueueCount; ++q) {
            all[q].insert(all[q].end(), more[q].begin(), more[q].end());
        }
    }

    ProgramBuilder builder_;
    Unrolled unrolled_;
};

RC_GTEST_PROP(Cursor, VisitsWhatUnrollingVisits, ()) {
    RandomProgram random;
    const Program program = random.finish();
    for (std::size_t q = 0; q < kQueueCount; ++q) {
        const auto queue = static_cast<Queue>(q);
        RC_ASSERT(visits_of(program.queue(queue)) == random.unrolled(queue));
    }
}

TEST(Cursor, IsAtEndOfAnEmptyQueue) { EXPECT_TRUE(Cursor(QueueProgram{}).at_end()); }

TEST(Cursor, FollowsNestedLoopsThatBeginAndEndTogether) {
    ProgramBuilder builder;
    const std::uint16_t a = builder.add_operator("a");
    const std::uint16_t b = builder.add_operator("b");
    builder.loop(2, [&] {
        builder.loop(3, [&] { builder.emit(instruction_for(Queue::Stream, a)); });
        builder.loop(2, [&] { builder.emit(instruction_for(Queue::Stream, b)); });
    });
    const Program program = builder.finish();
    EXPECT_EQ(visits_of(program.queue(Queue::Stream)), (Visits{a, a, a, b, b, a, a, a, b, b}));
}

TEST(Cursor, ReachesTheDeepestLoop) {
    ProgramBuilder builder;
    const std::uint16_t op = builder.add_operator("op");
    for (std::size_t depth = 0; depth < kMaxLoopDepth; ++depth) builder.begin_loop(2);
    builder.emit(instruction_for(Queue::Vector, op));
    for (std::size_t depth = 0; depth < kMaxLoopDepth; ++depth) builder.end_loop();
    const Program program = builder.finish();
    EXPECT_EQ(visits_of(program.queue(Queue::Vector)).size(), std::size_t{1} << kMaxLoopDepth);
}

TEST(Cursor, HoldsTripCountsBeyond32Bits) {
    ProgramBuilder builder;
    builder.add_operator("op");
    builder.begin_loop(std::uint64_t{1} << 40);
    builder.emit(instruction_for(Queue::Stream));
    builder.end_loop();
    const Program program = builder.finish();
    const QueueProgram& queue = program.queue(Queue::Stream);
    Cursor cursor(queue);
    for (int i = 0; i < 1000; ++i) {
        ASSERT_FALSE(cursor.at_end());
        ASSERT_EQ(cursor.position(), 1u);
        cursor.advance(queue);
    }
}

}  // namespace
}  // namespace lpusim::isa
