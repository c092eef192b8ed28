// The reader inside is tested by tests/core/sram_reader_test.cpp.
#include "hw_models/units/kv_reader.h"

#include <gmock/gmock.h>

#include "hw_models/units/sram_banks.h"
#include "tests/support/bench.h"
#include "tests/support/channel_ends.h"
#include "tests/support/instructions.h"
#include "tests/support/scripted_source.h"

namespace lpusim::test {
namespace {

using testing::ElementsAre;
using KvReaderTest = EachClocking;
INSTANTIATE_TEST_SUITE_P(Clocked, KvReaderTest, kEachClocking, testing::PrintToStringParamName());

TEST_P(KvReaderTest, ReadsATileAtTheWidthOfTheLoadPort) {
    SramBanksParams sram;
    sram.banks = 8;
    sram.width = Bytes(16);
    Bench bench(GetParam());
    SramBanks memory(sc_core::sc_gen_unique_name("sram_banks"), sram);
    ScriptedSource source(repeat(3, instruction(kv_read(320))));
    Channel channel(1000, Cycles(2));
    KvReader reader(sc_core::sc_gen_unique_name("kv_reader"), Bytes(64), source,
                    memory.port(SramClient::KvRead), channel, 1);
    ByteSink sink(channel, 1000);
    bench.attach(memory);
    const Waker waker = bench.attach(reader);
    memory.connect(SramClient::KvRead, waker);
    channel.connect(waker, bench.attach(sink));

    bench.run_until(20);
    // 20 words, four per cycle: cycles 1-5, and without a gap 6-10 and 11-15; visible 1 + 2 cycles
    // later.
    EXPECT_THAT(source.signals(), ElementsAre(5, 10, 15));
    EXPECT_EQ(sink.first_at(), 4U);
    EXPECT_EQ(sink.last_at(), 18U);
    EXPECT_EQ(sink.received(), 960U);
    EXPECT_EQ(states(reader.account()), (States{15, 0, 0, 1, 4}));
    EXPECT_EQ(memory.port(SramClient::KvRead).words(), 60U);
}

}  // namespace
}  // namespace lpusim::test
