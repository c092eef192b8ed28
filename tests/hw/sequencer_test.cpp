#include "hw_models/units/sequencer.h"

#include <gmock/gmock.h>

#include "tests/support/bench.h"
#include "tests/support/instructions.h"

namespace lpusim::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

SequencerParams sequencer_of(std::uint32_t queue_depth, std::uint64_t issue_latency) {
    SequencerParams params;
    params.queue_depth = queue_depth;
    params.issue_latency = Cycles(issue_latency);
    return params;
}

isa::Instruction vector_instruction(isa::SemaphoreUses waits = {},
                                    isa::SemaphoreUses signals = {}) {
    return instruction(vector_op(isa::VectorClass::Copy, 1), std::move(waits), std::move(signals));
}

isa::Program vector_program(std::uint64_t instructions) {
    isa::ProgramBuilder builder;
    builder.add_operator("op");
    builder.loop(instructions, [&] { builder.emit(vector_instruction()); });
    return builder.finish();
}

/// A sequencer and the source of its vector queue.
struct Rig {
    Rig(const SequencerParams& params, isa::Program it)
        : program(std::move(it)),
          sequencer(sc_core::sc_gen_unique_name("sequencer"), params, program),
          source(sequencer.source(isa::Queue::Vector)) {}

    bool ready(std::uint64_t cycle) const { return source.ready(Cycles(cycle)) != nullptr; }
    EngineState stall(std::uint64_t cycle) const { return source.stall(Cycles(cycle)); }

    isa::Program program;
    Sequencer sequencer;
    InstructionSource& source;
};

/// Takes each instruction as soon as it is ready; returns when the last one was taken.
std::uint64_t take_all(Rig& rig, std::uint64_t instructions) {
    std::uint64_t now = 0;
    std::uint64_t last = 0;
    for (std::uint64_t taken = 0; taken < instructions; ++now) {
        if (!rig.ready(now)) continue;
        rig.source.start(Cycles(now));
        last = now;
        ++taken;
    }
    return last;
}

TEST(Sequencer, IssuesAfterFetchAndLatency) {
    for (const std::uint64_t latency : {0U, 1U, 7U}) {
        Rig rig(sequencer_of(4, latency), vector_program(1));
        EXPECT_EQ(rig.source.next_issue(Cycles(0)), Cycles(1 + latency));
        EXPECT_EQ(rig.stall(0), EngineState::Waiting);
        EXPECT_FALSE(rig.ready(latency));
        EXPECT_TRUE(rig.ready(1 + latency));
        EXPECT_EQ(rig.source.next_issue(Cycles(1 + latency)), kNever);
        EXPECT_FALSE(rig.sequencer.finished(isa::Queue::Vector));
        rig.source.start(Cycles(1 + latency));
        EXPECT_TRUE(rig.sequencer.finished(isa::Queue::Vector));
        EXPECT_EQ(rig.stall(2 + latency), EngineState::Idle);
        EXPECT_EQ(rig.source.next_issue(Cycles(2 + latency)), kNever);
        EXPECT_FALSE(rig.ready(1'000'000));
    }
}

TEST(Sequencer, FetchesOnePerCycle) {
    // Taken only in cycle 100, four have long been issued; the fifth is fetched in 101 and ready in
    // 101 + 1 + 3.
    Rig rig(sequencer_of(4, 3), vector_program(10));
    for (std::uint64_t t = 100; t < 104; ++t) {
        ASSERT_TRUE(rig.ready(t));
        rig.source.start(Cycles(t));
    }
    EXPECT_FALSE(rig.ready(104));
    EXPECT_TRUE(rig.ready(105));
    // At the start the fetches were in cycles 0, 1, 2, 3.
    Rig fresh(sequencer_of(4, 3), vector_program(10));
    fresh.source.start(Cycles(4));
    EXPECT_TRUE(fresh.ready(5));
}

TEST(Sequencer, TakesOnePerCycleWhenTheQueueCoversTheLatency) {
    // A place is taken for issue_latency + 2 cycles: from the fetch to the cycle after the
    // instruction was taken.
    struct Case {
        std::uint32_t depth;
        std::uint64_t latency;
        std::uint64_t last;
    };
    const Case cases[] = {
        {2, 0, 1 + 99},          // 2 places cover 2 cycles
        {1, 0, 1 + 99 * 2},      // every other cycle
        {5, 3, 4 + 99},          // 5 places cover 5 cycles
        {1, 3, 4 + 99 * 5},      // one in 5
        {4, 3, 4 + 24 * 5 + 3},  // 4 in 5: 100 are 25 rounds
    };
    for (const Case& c : cases) {
        Rig rig(sequencer_of(c.depth, c.latency), vector_program(100));
        EXPECT_EQ(take_all(rig, 100), c.last) << c.depth << " deep, latency " << c.latency;
    }
}

TEST(Sequencer, TakesAllItsSemaphoresTogether) {
    isa::ProgramBuilder builder;
    builder.add_operator("op");
    const std::uint16_t a = builder.add_semaphore("a", isa::SemaphoreKind::Data, 2);
    const std::uint16_t b = builder.add_semaphore("b", isa::SemaphoreKind::Data, 0);
    builder.emit(vector_instruction({{a, 2}, {b, 3}}));
    builder.emit(vector_instruction({{a, 1}}));
    Rig rig(sequencer_of(4, 0), builder.finish());

    EXPECT_FALSE(rig.ready(10));
    rig.source.signal(Cycles(10), {{b, 2}});
    EXPECT_FALSE(rig.ready(11));
    rig.source.signal(Cycles(11), {{b, 2}});
    EXPECT_TRUE(rig.ready(12));
    rig.source.start(Cycles(12));
    EXPECT_FALSE(rig.ready(13));  // a is used up
    rig.source.signal(Cycles(13), {{a, 1}});
    EXPECT_TRUE(rig.ready(14));
}

TEST(Sequencer, IsBlockedOnSpaceAndWaitsForAnythingElse) {
    isa::ProgramBuilder builder;
    builder.add_operator("op");
    const std::uint16_t slots = builder.add_semaphore("slots", isa::SemaphoreKind::Space, 0);
    const std::uint16_t data = builder.add_semaphore("data", isa::SemaphoreKind::Data, 0);
    builder.emit(vector_instruction({{slots, 1}, {data, 1}}));
    Rig rig(sequencer_of(1, 5), builder.finish());

    EXPECT_EQ(rig.stall(5), EngineState::Waiting);  // not yet issued
    EXPECT_EQ(rig.stall(6), EngineState::Blocked);
    EXPECT_THAT(rig.sequencer.describe_stalls(), HasSubstr("vector waits for slots"));
    rig.source.signal(Cycles(6), {{slots, 1}});
    EXPECT_EQ(rig.stall(7), EngineState::Waiting);
    EXPECT_THAT(rig.sequencer.describe_stalls(), HasSubstr("vector waits for data"));
    rig.source.signal(Cycles(7), {{data, 1}});
    EXPECT_TRUE(rig.ready(8));
    EXPECT_EQ(rig.sequencer.describe_stalls(), "");
}

/// Takes what is ready and finishes it in the same cycle.
class Taker final : public ClockedUnit {
public:
    explicit Taker(InstructionSource& source) : source_(source) {}
    const std::vector<std::uint64_t>& taken() const { return taken_; }

    void settle(Cycles, Cycles) override {}
    void evaluate(Cycles now) override { next_ = source_.ready(now); }
    Cycles update(Cycles now) override {
        if (next_ != nullptr) {
            taken_.push_back(now.count());
            source_.start(now);
            source_.signal(now, next_->signals);
        }
        const Cycles next = now + Cycles(1);
        return source_.ready(next) != nullptr ? next : source_.next_issue(now);
    }

private:
    InstructionSource& source_;
    const isa::Instruction* next_ = nullptr;
    std::vector<std::uint64_t> taken_;
};

using SequencerTest = EachClocking;
INSTANTIATE_TEST_SUITE_P(Clocked, SequencerTest, kEachClocking, testing::PrintToStringParamName());

TEST_P(SequencerTest, ShowsASignalInTheNextCycleInAnyOrderOfUnits) {
    // Two queues take turns: each instruction of one lets the other take its next.
    for (const bool vector_first : {true, false}) {
        isa::ProgramBuilder builder;
        builder.add_operator("op");
        const std::uint16_t ping = builder.add_semaphore("ping", isa::SemaphoreKind::Data, 1);
        const std::uint16_t pong = builder.add_semaphore("pong", isa::SemaphoreKind::Data, 0);
        builder.loop(4, [&] {
            builder.emit(vector_instruction({{ping, 1}}, {{pong, 1}}));
            builder.emit(instruction(kv_read(1), {{pong, 1}}, {{ping, 1}}));
        });
        const isa::Program program = builder.finish();
        Sequencer sequencer(sc_core::sc_gen_unique_name("sequencer"), sequencer_of(4, 0), program);
        Taker vector(sequencer.source(isa::Queue::Vector));
        Taker kv(sequencer.source(isa::Queue::Kv));
        Bench bench(GetParam());
        if (vector_first) sequencer.connect(isa::Queue::Vector, bench.attach(vector));
        sequencer.connect(isa::Queue::Kv, bench.attach(kv));
        if (!vector_first) sequencer.connect(isa::Queue::Vector, bench.attach(vector));
        bench.run();
        EXPECT_THAT(vector.taken(), ElementsAre(1, 3, 5, 7));
        EXPECT_THAT(kv.taken(), ElementsAre(2, 4, 6, 8));
    }
}

TEST_P(SequencerTest, KeepsQueuesIndependent) {
    isa::ProgramBuilder builder;
    builder.add_operator("op");
    const std::uint16_t never = builder.add_semaphore("never", isa::SemaphoreKind::Data, 0);
    builder.emit(vector_instruction({{never, 1}}));
    builder.loop(3, [&] { builder.emit(instruction(kv_read(1))); });
    const isa::Program program = builder.finish();
    Sequencer sequencer(sc_core::sc_gen_unique_name("sequencer"), sequencer_of(2, 0), program);
    Taker vector(sequencer.source(isa::Queue::Vector));
    Taker kv(sequencer.source(isa::Queue::Kv));
    Bench bench(GetParam());
    sequencer.connect(isa::Queue::Vector, bench.attach(vector));
    sequencer.connect(isa::Queue::Kv, bench.attach(kv));
    bench.run();
    EXPECT_TRUE(vector.taken().empty());
    EXPECT_THAT(kv.taken(), ElementsAre(1, 2, 3));
    EXPECT_FALSE(sequencer.finished(isa::Queue::Vector));
    EXPECT_TRUE(sequencer.finished(isa::Queue::Kv));
    EXPECT_TRUE(sequencer.finished(isa::Queue::Stream));  // has no program
}

}  // namespace
}  // namespace lpusim::test
