// The reader inside is tested by tests/core/sram_reader_test.cpp.
#include "hw_models/units/kv_reader.h"

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
using KvReaderTest = EachClocking;
INSTANTIATE_TEST_SUITE_P(Clocked, KvReaderTest, kEachClocking, testing::PrintToStringParamName());

constexpr std::uint64_t kPortBytes = 64;

struct Ends {
    SramBanksParams sram = [] {
        SramBanksParams params;
        params.banks = 8;
        params.width = Bytes(16);
        return params;
    }();
    std::uint64_t capacity = 1000;
    Pacer issue = Pacer::always();
    Pacer drain = Pacer::always();
};

/// Source - reader - sink in place of the load port.
struct Rig {
    Rig(Clocking clocking, const std::vector<isa::Instruction>& script, const Ends& ends = {})
        : bench(clocking),
          memory(sc_core::sc_gen_unique_name("sram_banks"), ends.sram),
          source(script, ends.issue),
          channel(ends.capacity, Cycles(2)),
          reader(sc_core::sc_gen_unique_name("kv_reader"), Bytes(kPortBytes), source,
                 memory.port(SramClient::KvRead), channel, 1),
          sink(channel, ends.capacity, ends.drain) {
        bench.attach(memory);
        const Waker waker = bench.attach(reader);
        memory.connect(SramClient::KvRead, waker);
        channel.connect(waker, bench.attach(sink));
    }

    Bench bench;
    SramBanks memory;
    ScriptedSource source;
    Channel channel;
    KvReader reader;
    ByteSink sink;
};

TEST_P(KvReaderTest, ReadsATileAtTheWidthOfTheLoadPort) {
    Rig rig(GetParam(), repeat(3, instruction(kv_read(320))));
    rig.bench.run_until(20);
    // 20 words, four per cycle: cycles 1-5, and without a gap 6-10 and 11-15; visible 1 + 2 cycles
    // later.
    EXPECT_THAT(rig.source.signals(), ElementsAre(5, 10, 15));
    EXPECT_EQ(rig.sink.first_at(), 4U);
    EXPECT_EQ(rig.sink.last_at(), 18U);
    EXPECT_EQ(rig.sink.received(), 960U);
    EXPECT_EQ(states(rig.reader.account()), (States{15, 0, 0, 1, 4}));
    EXPECT_EQ(rig.memory.port(SramClient::KvRead).words(), 60U);
}

RC_GTEST_PROP(KvReader, LosesNothingUnderRandomStalls, ()) {
    Ends ends;
    ends.sram.banks = pick<std::uint32_t>(1, 9);
    ends.sram.width = Bytes(std::uint64_t{1} << pick(0, 7));
    ends.sram.interleave_words = chance(30) ? 2 : 1;
    ends.capacity = 2 * kPortBytes + pick(0, 200);
    ends.issue = Pacer::random(pick(0, 1000), pick<std::uint32_t>(10, 101));
    ends.drain = Pacer::random(pick(0, 1000), pick<std::uint32_t>(5, 101));
    const Pacer contend = Pacer::random(pick(0, 1000), pick<std::uint32_t>(10, 90));
    std::vector<isa::Instruction> script;
    std::uint64_t bytes = 0;
    std::uint64_t words = 0;
    const auto count = pick(1, 8);
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t tile = pick(1, 400);
        script.push_back(instruction(kv_read(tile)));
        bytes += tile;
        words += ceil_div(tile, ends.sram.width.count());
    }

    std::vector<std::uint64_t> signals;
    States account{};
    for (const Clocking clocking : {Clocking::EveryCycle, Clocking::Sleeping}) {
        Rig rig(clocking, script, ends);
        ContendingClient other(rig.memory.port(SramClient::StreamWrite), 0, 1, 500, contend);
        rig.memory.connect(SramClient::StreamWrite, rig.bench.attach(other));
        rig.bench.run_until(20'000);

        RC_ASSERT(rig.sink.received() == bytes);
        RC_ASSERT(rig.memory.port(SramClient::KvRead).words() == words);
        RC_ASSERT(rig.channel.room() == ends.capacity);
        RC_ASSERT(rig.source.signals().size() == count);
        RC_ASSERT(total(rig.reader.account()) == 20'000U);
        if (clocking == Clocking::EveryCycle) {
            signals = rig.source.signals();
            account = states(rig.reader.account());
        }
        RC_ASSERT(signals == rig.source.signals());
        RC_ASSERT(account == states(rig.reader.account()));
    }
}

}  // namespace
}  // namespace lpusim::test
