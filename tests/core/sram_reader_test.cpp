#include "hw_models/core/sram_reader.h"

#include <numeric>

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "hw_models/units/sram_banks.h"
#include "tests/support/bench.h"
#include "tests/support/channel_ends.h"
#include "tests/support/contending_client.h"
#include "tests/support/instructions.h"
#include "tests/support/pick.h"
#include "tests/support/scripted_source.h"

namespace lpusim::test {
namespace {

using testing::ElementsAre;

/// A reader alone, as a unit.
class ReaderUnit final : public ClockedUnit {
public:
    ReaderUnit(std::uint64_t rate, SramPort& port, InstructionSource& source, Channel& output)
        : reader_(Bytes(rate), port, source, output, [](const isa::Instruction& it) {
              return std::get<isa::KvReadTile>(it.payload).bytes;
          }) {}

    const CycleAccount& account() const { return account_; }

    void settle(Cycles from, Cycles to) override { reader_.settle((to - from).count(), account_); }
    void evaluate(Cycles now) override { reader_.evaluate(now); }
    Cycles update(Cycles now) override { return reader_.update(now, account_).wake; }

private:
    SramReader reader_;
    CycleAccount account_{"reader", "Reader", 1};
};

SramBanksParams banks(std::uint32_t count, std::uint64_t width, std::uint32_t interleave = 1) {
    SramBanksParams params;
    params.banks = count;
    params.width = Bytes(width);
    params.interleave_words = interleave;
    return params;
}

std::vector<isa::Instruction> reads(const std::vector<std::uint64_t>& sizes) {
    std::vector<isa::Instruction> script;
    script.reserve(sizes.size());
    for (const std::uint64_t bytes : sizes) script.push_back(instruction(kv_read(bytes)));
    return script;
}

/// Source - reader - sink, with room for everything unless told otherwise.
struct Rig {
    Rig(Clocking clocking, const SramBanksParams& sram, std::uint64_t rate,
        const std::vector<std::uint64_t>& sizes, std::uint64_t capacity = 1 << 20,
        Pacer issue = Pacer::always(), Pacer drain = Pacer::always())
        : bench(clocking),
          memory(sc_core::sc_gen_unique_name("sram_banks"), sram),
          source(reads(sizes), issue),
          channel(capacity, Cycles(0)),
          reader(rate, memory.port(SramClient::KvRead), source, channel),
          sink(channel, capacity, drain) {
        bench.attach(memory);
        const Waker waker = bench.attach(reader);
        memory.connect(SramClient::KvRead, waker);
        channel.connect(waker, bench.attach(sink));
    }

    Bench bench;
    SramBanks memory;
    ScriptedSource source;
    Channel channel;
    ReaderUnit reader;
    ByteSink sink;
};

using SramReaderTest = EachClocking;
INSTANTIATE_TEST_SUITE_P(Clocked, SramReaderTest, kEachClocking, testing::PrintToStringParamName());

struct RateCase {
    std::uint32_t banks;
    std::uint64_t width;
    std::uint32_t interleave;
    std::uint64_t rate;
    std::uint64_t bytes;
    std::uint64_t cycles;
};

TEST_P(SramReaderTest, ReadsWholeWordsAtItsRate) {
    const RateCase cases[] = {
        {4, 16, 1, 32, 160, 5},   // 10 words, two per cycle
        {4, 16, 1, 24, 160, 7},   // 7 x 24 = 168 = 10.5 words
        {4, 16, 1, 4, 48, 12},    // a word in four cycles
        {4, 16, 1, 32, 150, 5},   // the last of 10 words is not full
        {2, 16, 1, 64, 160, 5},   // no more than a word of each of the two banks
        {4, 16, 2, 64, 160, 10},  // neighbours lie in one bank: one word per cycle
        {4, 16, 1, 32, 1, 1},
    };
    for (const RateCase& c : cases) {
        Rig s(GetParam(), banks(c.banks, c.width, c.interleave), c.rate, {c.bytes});
        const std::uint64_t cycles = s.bench.run();
        // Taken in cycle 0, read in cycles 1..n.
        EXPECT_THAT(s.source.signals(), ElementsAre(c.cycles)) << c.rate << " B/cycle";
        EXPECT_EQ(s.sink.received(), c.bytes);
        EXPECT_EQ(s.sink.last_at(), c.cycles + 1);
        EXPECT_EQ(s.memory.port(SramClient::KvRead).words(), ceil_div(c.bytes, c.width));
        // Waiting only for its own rate is busy; then there is no instruction left.
        EXPECT_EQ(states(s.reader.account()), (States{c.cycles, 0, 0, 1, cycles - c.cycles - 1}));
    }
}

TEST_P(SramReaderTest, ReadsOneBufferAfterTheOtherWithoutAGap) {
    Rig s(GetParam(), banks(4, 16), 32, {160, 160, 32});
    s.bench.run();
    EXPECT_THAT(s.source.starts(), ElementsAre(0, 5, 10));
    EXPECT_THAT(s.source.signals(), ElementsAre(5, 10, 11));
}

TEST_P(SramReaderTest, IsStarvedWhileItIsRefused) {
    Rig s(GetParam(), banks(1, 16), 16, {64});
    ContendingClient other(s.memory.port(SramClient::ActivationRead), 0, 1, 10);
    s.memory.connect(SramClient::ActivationRead, s.bench.attach(other));
    const std::uint64_t cycles = s.bench.run();
    // The other client goes first and asks in cycles 1..9; then come the four words, in
    // cycles 10..13.
    EXPECT_THAT(s.source.signals(), ElementsAre(13));
    EXPECT_EQ(other.granted(), 9U);
    EXPECT_EQ(s.memory.stats().conflicts, 9U);
    EXPECT_EQ(s.memory.stats().contended_cycles, 9U);
    EXPECT_EQ(states(s.reader.account()), (States{4, 9, 0, 1, cycles - 14}));
}

TEST_P(SramReaderTest, IsBlockedWhileTheChannelIsFull) {
    Rig s(GetParam(), banks(4, 16), 16, {64}, 32, Pacer::always(), Pacer::every(10));
    const std::uint64_t cycles = s.bench.run();
    // Words in cycles 1 and 2 fill the channel. The sink empties it in cycle 10: words in 11 and
    // 12, gone in 20.
    EXPECT_THAT(s.source.signals(), ElementsAre(12));
    EXPECT_EQ(s.sink.last_at(), 20U);
    EXPECT_EQ(states(s.reader.account()), (States{4, 0, 8, 1, cycles - 13}));
}

TEST_P(SramReaderTest, DoesNotCatchUpMoreThanAWord) {
    Rig s(GetParam(), banks(4, 16), 24, {16 * 100});
    ContendingClient other(s.memory.port(SramClient::ActivationRead), 0, 4, 31);
    s.memory.connect(SramClient::ActivationRead, s.bench.attach(other));
    s.bench.run();
    // Refused in cycles 1..30. After a refusal no more than 24 + 15 B count: 2 words in cycle 31,
    // and 7 B stay. Then floor((7 + 24 n) / 16) words in n cycles: 98 after 65 (7 + 1560 = 97.9),
    // so after 66.
    EXPECT_THAT(s.source.signals(), ElementsAre(31 + 66));
}

RC_GTEST_PROP(SramReader, LosesNothingUnderRandomStalls, ()) {
    SramBanksParams sram =
        banks(pick<std::uint32_t>(1, 5), std::uint64_t{1} << pick(0, 5), pick<std::uint32_t>(1, 3));
    sram.ports = pick<std::uint32_t>(1, 3);
    if (chance(50)) sram.arbitration = Arbitration::RoundRobin;
    const std::uint64_t rate = pick(1, 50);
    std::vector<std::uint64_t> sizes(pick(1, 6));
    for (std::uint64_t& bytes : sizes) bytes = pick(1, 200);
    const std::uint64_t step = rate + 2 * sram.width.count();
    const std::uint64_t capacity = step + pick(0, 2 * step);
    const Pacer issue = Pacer::random(pick(0, 1000), pick<std::uint32_t>(10, 101));
    const Pacer drain = Pacer::random(pick(0, 1000), pick<std::uint32_t>(10, 101));
    const Pacer contend = Pacer::random(pick(0, 1000), pick<std::uint32_t>(10, 101));
    const auto words = pick<std::uint32_t>(1, sram.interleave_words == 1 ? sram.banks + 1 : 2);

    std::vector<std::uint64_t> signals;
    States account{};
    for (const Clocking clocking : {Clocking::EveryCycle, Clocking::Sleeping}) {
        Rig s(clocking, sram, rate, sizes, capacity, issue, drain);
        ContendingClient other(s.memory.port(SramClient::VectorAccess), 0, words, 150, contend);
        s.memory.connect(SramClient::VectorAccess, s.bench.attach(other));
        s.bench.run_until(20'000);

        std::uint64_t expected_words = 0;
        for (const std::uint64_t bytes : sizes) {
            expected_words += ceil_div(bytes, sram.width.count());
        }
        RC_ASSERT(s.sink.received() == std::accumulate(sizes.begin(), sizes.end(), 0ULL));
        RC_ASSERT(s.memory.port(SramClient::KvRead).words() == expected_words);
        RC_ASSERT(s.source.signals().size() == sizes.size());
        RC_ASSERT(total(s.reader.account()) == 20'000U);
        if (clocking == Clocking::EveryCycle) {
            signals = s.source.signals();
            account = states(s.reader.account());
        }
        RC_ASSERT(signals == s.source.signals());
        RC_ASSERT(account == states(s.reader.account()));
    }
}

}  // namespace
}  // namespace lpusim::test
