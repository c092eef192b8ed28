#include "hw_models/core/vector_pipe.h"

#include <gtest/gtest.h>

#include "tests/support/bench.h"
#include "tests/support/instructions.h"
#include "tests/support/vector_ends.h"

namespace lpusim::test {
namespace {

TEST(VectorPipe, LetsAVectorOutAfterItsLatency) {
    const isa::Instruction it = instruction(compute(1, 0));
    VectorPipe pipe(Cycles(5), 2);
    EXPECT_EQ(pipe.next_leaves_at(), kNever);
    pipe.push(Cycles(10), it, true);
    EXPECT_EQ(pipe.next_leaves_at(), Cycles(16));
    EXPECT_EQ(pipe.front(Cycles(15)), nullptr);
    ASSERT_NE(pipe.front(Cycles(16)), nullptr);
    EXPECT_EQ(pipe.front(Cycles(16))->compute, &it);
    EXPECT_TRUE(pipe.front(Cycles(16))->last_vector);
    pipe.pop(Cycles(16));
    EXPECT_TRUE(pipe.empty());
}

TEST(VectorPipe, HasRoomForItsLatencyAndTheQueueBehindIt) {
    const isa::Instruction it = instruction(compute(1, 0));
    VectorPipe pipe(Cycles(3), 2);
    for (std::uint64_t t = 0; t < 5; ++t) {
        EXPECT_FALSE(pipe.full());
        pipe.push(Cycles(t), it, false);
    }
    EXPECT_TRUE(pipe.full());
}

TEST(VectorPipe, EndsWhenTheLastVectorHasLeft) {
    const isa::Instruction it = instruction(compute(1, 0));
    VectorPipe pipe(Cycles(0), 2);
    pipe.push(Cycles(0), it, true);
    pipe.end(Cycles(0));
    EXPECT_FALSE(pipe.ended());
    pipe.pop(Cycles(1));
    EXPECT_TRUE(pipe.ended());
}

using VectorPipeTest = EachClocking;
INSTANTIATE_TEST_SUITE_P(Clocked, VectorPipeTest, kEachClocking, testing::PrintToStringParamName());

TEST_P(VectorPipeTest, TakesAVectorPerCycleWithTwoPlacesMoreThanItsLatency) {
    for (const std::uint64_t latency : {0U, 1U, 7U}) {
        Bench bench(GetParam());
        VectorPipe pipe{Cycles(latency), 2};
        VectorSource source(pipe, repeat(10, instruction(compute(10, 0))));
        VectorSink sink(pipe);
        pipe.connect(bench.attach(source), bench.attach(sink));
        bench.run();
        // Vector i is pushed in cycle i and leaves in i + 1 + latency.
        ASSERT_EQ(sink.received_at().size(), 100U);
        EXPECT_EQ(sink.received_at().front(), 1 + latency);
        EXPECT_EQ(sink.received_at().back(), 100 + latency);
        EXPECT_EQ(sink.last_vectors(), 10U);
    }
}

TEST_P(VectorPipeTest, StopsTheProducerInsteadOfLosingVectors) {
    Bench bench(GetParam());
    VectorPipe pipe(Cycles(4), 2);
    VectorSource source(pipe, repeat(20, instruction(compute(5, 0))), Pacer::random(1, 70));
    VectorSink sink(pipe, Pacer::random(2, 30));
    pipe.connect(bench.attach(source), bench.attach(sink));
    bench.run();
    EXPECT_EQ(sink.received_at().size(), 100U);
    EXPECT_EQ(sink.last_vectors(), 20U);
}

}  // namespace
}  // namespace lpusim::test
