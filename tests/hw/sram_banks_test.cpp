#include "hw_models/units/sram_banks.h"

#include <array>
#include <numeric>

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "tests/support/bench.h"
#include "tests/support/contending_client.h"
#include "tests/support/pick.h"

namespace lpusim::test {
namespace {

using testing::ElementsAre;

SramBanksParams params_of(std::uint32_t banks, std::uint32_t ports, std::uint32_t interleave = 1,
                          Arbitration arbitration = Arbitration::FixedPriority) {
    SramBanksParams params;
    params.banks = banks;
    params.width = Bytes(16);
    params.ports = ports;
    params.interleave_words = interleave;
    params.arbitration = arbitration;
    return params;
}

struct Request {
    SramClient client;
    std::uint64_t first;
    std::uint32_t words;
};

/// Makes its requests in one cycle and tells what each was granted.
class Memory {
public:
    explicit Memory(const SramBanksParams& params)
        : banks_(sc_core::sc_gen_unique_name("sram_banks"), params) {}

    std::vector<std::uint32_t> grants(const std::vector<Request>& requests) {
        for (const Request& r : requests) banks_.port(r.client).set_active(Cycles(now_), true);
        ++now_;
        for (const Request& r : requests) banks_.port(r.client).request(r.first, r.words);
        banks_.resolve(Cycles(now_));
        std::vector<std::uint32_t> result;
        for (const Request& r : requests) {
            result.push_back(banks_.port(r.client).granted());
            banks_.port(r.client).set_active(Cycles(now_), false);
        }
        return result;
    }

    SramBanks& banks() { return banks_; }

private:
    SramBanks banks_;
    std::uint64_t now_ = 0;
};

constexpr auto kStream = SramClient::StreamWrite;
constexpr auto kActivation = SramClient::ActivationRead;
constexpr auto kResult = SramClient::ResultWrite;
constexpr auto kVector = SramClient::VectorAccess;
constexpr auto kKv = SramClient::KvRead;
constexpr auto kUnpack = SramClient::UnpackRead;

TEST(SramBanks, GrantsAllThatOneClientAsksFor) {
    Memory memory(params_of(4, 1));
    EXPECT_EQ(memory.banks().port(kUnpack).max_words(), 4U);
    EXPECT_EQ(memory.banks().port(kUnpack).width(), Bytes(16));
    EXPECT_THAT(memory.grants({{kUnpack, 3, 4}}), ElementsAre(4));
    EXPECT_EQ(memory.banks().stats().conflicts, 0U);
    EXPECT_EQ(memory.banks().port(kUnpack).words(), 4U);
}

TEST(SramBanks, ServesClientsInTheOrderOfThePaper) {
    // Everybody wants bank 0, which has one port: stream write < activations < vector unit < KV <
    // unpack.
    const std::vector<SramClient> order = {kStream, kActivation, kResult, kVector, kKv, kUnpack};
    for (std::size_t first = 0; first < order.size(); ++first) {
        Memory memory(params_of(4, 1));
        std::vector<Request> requests;
        for (std::size_t i = order.size(); i-- > first;) requests.push_back({order[i], 0, 1});
        std::vector<std::uint32_t> expected(requests.size(), 0);
        expected.back() = 1;
        EXPECT_EQ(memory.grants(requests), expected);
        EXPECT_EQ(memory.banks().stats().conflicts, requests.size() - 1);
        EXPECT_EQ(memory.banks().stats().contended_cycles, requests.size() > 1 ? 1U : 0U);
    }
}

TEST(SramBanks, GivesEachBankAsManyAccessesAsItHasPorts) {
    const std::vector<Request> all = {
        {kStream, 0, 1}, {kActivation, 0, 1}, {kKv, 0, 1}, {kUnpack, 0, 1}};
    EXPECT_THAT(Memory(params_of(4, 1)).grants(all), ElementsAre(1, 0, 0, 0));
    EXPECT_THAT(Memory(params_of(4, 2)).grants(all), ElementsAre(1, 1, 0, 0));
    EXPECT_THAT(Memory(params_of(4, 3)).grants(all), ElementsAre(1, 1, 1, 0));
    EXPECT_THAT(Memory(params_of(4, 4)).grants(all), ElementsAre(1, 1, 1, 1));
}

TEST(SramBanks, LetsClientsOnDifferentBanksPass) {
    Memory memory(params_of(4, 1));
    // Words 0-1 lie in banks 0-1, words 6-7 in banks 2-3.
    EXPECT_THAT(memory.grants({{kStream, 0, 2}, {kUnpack, 6, 2}}), ElementsAre(2, 2));
    EXPECT_EQ(memory.banks().stats().conflicts, 0U);
}

TEST(SramBanks, GrantsThePrefixBeforeTheFirstTakenBank) {
    Memory memory(params_of(4, 1));
    // The stream takes banks 2-3. The unpack unit wants 0-3 and gets 0-1, then 3-0-1 and gets
    // nothing.
    EXPECT_THAT(memory.grants({{kStream, 2, 2}, {kUnpack, 0, 4}}), ElementsAre(2, 2));
    EXPECT_EQ(memory.banks().stats().conflicts, 2U);
    EXPECT_THAT(memory.grants({{kStream, 2, 2}, {kUnpack, 3, 3}}), ElementsAre(2, 0));
    EXPECT_EQ(memory.banks().stats().conflicts, 5U);
    EXPECT_EQ(memory.banks().stats().contended_cycles, 2U);
    EXPECT_EQ(memory.banks().words(), 6U);
}

TEST(SramBanks, LetsARefusedClientLeaveTheRestToOthers) {
    Memory memory(params_of(4, 1));
    // KV wants 1-2 and is refused at bank 1; bank 2 is free for the unpack unit.
    EXPECT_THAT(memory.grants({{kStream, 0, 2}, {kKv, 1, 2}, {kUnpack, 2, 1}}),
                ElementsAre(2, 0, 1));
}

TEST(SramBanks, KeepsBlocksOfWordsInOneBank) {
    Memory memory(params_of(4, 1, 2));
    EXPECT_EQ(memory.banks().port(kUnpack).max_words(), 1U);
    // Words 0-1 lie in bank 0, 2-3 in bank 1, 8-9 in bank 0 again.
    EXPECT_THAT(memory.grants({{kStream, 0, 1}, {kUnpack, 1, 1}}), ElementsAre(1, 0));
    EXPECT_THAT(memory.grants({{kStream, 0, 1}, {kUnpack, 2, 1}}), ElementsAre(1, 1));
    EXPECT_THAT(memory.grants({{kStream, 0, 1}, {kUnpack, 9, 1}}), ElementsAre(1, 0));
}

TEST(SramBanks, GivesEachInTurnARoundRobin) {
    Memory memory(params_of(4, 1, 1, Arbitration::RoundRobin));
    const std::vector<Request> three = {{kStream, 0, 1}, {kVector, 0, 1}, {kUnpack, 0, 1}};
    EXPECT_THAT(memory.grants(three), ElementsAre(1, 0, 0));
    EXPECT_THAT(memory.grants(three), ElementsAre(0, 1, 0));
    EXPECT_THAT(memory.grants(three), ElementsAre(0, 0, 1));
    EXPECT_THAT(memory.grants(three), ElementsAre(1, 0, 0));
    // The turn stays where it is while nobody is refused.
    EXPECT_THAT(memory.grants({{kUnpack, 0, 1}}), ElementsAre(1));
    EXPECT_THAT(memory.grants(three), ElementsAre(0, 1, 0));
}

TEST(SramBanks, CountsContentionByActiveClientsNotByRequests) {
    SramBanks banks(sc_core::sc_gen_unique_name("sram_banks"), params_of(4, 2));
    SramPort& stream = banks.port(kStream);
    EXPECT_FALSE(stream.contended());
    stream.set_active(Cycles(0), true);
    stream.set_active(Cycles(0), true);  // once is enough
    banks.port(kKv).set_active(Cycles(0), true);
    EXPECT_FALSE(stream.contended());  // two clients, two ports
    banks.port(kUnpack).set_active(Cycles(0), true);
    EXPECT_TRUE(stream.contended());
    banks.port(kKv).set_active(Cycles(1), false);
    EXPECT_FALSE(stream.contended());
}

/// Sleeps for good, and counts how often it is woken.
class Sleeper final : public ClockedUnit {
public:
    void settle(Cycles, Cycles) override {}
    void evaluate(Cycles) override { ++evaluated_; }
    Cycles update(Cycles) override { return kNever; }
    int evaluated() const { return evaluated_; }

private:
    int evaluated_ = 0;
};

TEST(SramBanks, WakesActiveClientsWhenContentionBegins) {
    Bench bench(Clocking::Sleeping);
    SramBanks banks(sc_core::sc_gen_unique_name("sram_banks"), params_of(4, 1));
    Sleeper active;
    Sleeper passive;
    banks.connect(kStream, bench.attach(active));
    banks.connect(kKv, bench.attach(passive));
    banks.port(kStream).set_active(Cycles(0), true);
    ContendingClient other(banks.port(kUnpack), 0, 1, 30, Pacer::bursts(5, 5));
    banks.connect(kUnpack, bench.attach(other));
    bench.attach(banks);
    bench.run();
    // In cycle 0, and at the three bursts that begin in cycles 1, 10 and 20.
    EXPECT_EQ(active.evaluated(), 1 + 3);
    EXPECT_EQ(passive.evaluated(), 1);
}

RC_GTEST_PROP(SramBanks, SharesARoundRobinFairlyAndWastesNothing, ()) {
    const auto clients = pick(2, 7);
    const auto ports = pick<std::uint32_t>(1, 4);
    Memory memory(params_of(1, ports, 1, Arbitration::RoundRobin));
    std::vector<Request> requests;
    for (std::uint64_t i = 0; i < clients; ++i) {
        requests.push_back({static_cast<SramClient>(i), 0, 1});
    }
    std::vector<std::uint64_t> total(clients);
    const std::uint64_t rounds = 12 * clients;
    for (std::uint64_t t = 0; t < rounds; ++t) {
        const std::vector<std::uint32_t> granted = memory.grants(requests);
        for (std::uint64_t i = 0; i < clients; ++i) total[i] += granted[i];
        RC_ASSERT(std::accumulate(granted.begin(), granted.end(), 0ULL) ==
                  std::min<std::uint64_t>(ports, clients));
    }
    const auto [least, most] = std::minmax_element(total.begin(), total.end());
    RC_ASSERT(*most - *least <= 1U);
}

RC_GTEST_PROP(SramBanks, GrantsTheLongestPrefixThatFits, ()) {
    const SramBanksParams params = params_of(pick<std::uint32_t>(1, 7), pick<std::uint32_t>(1, 4),
                                             chance(30) ? pick<std::uint32_t>(2, 4) : 1);
    Memory memory(params);
    std::vector<Request> requests;
    for (std::size_t i = 0; i < kSramClientCount; ++i) {
        if (chance(40)) continue;
        const std::uint32_t most = params.interleave_words == 1 ? params.banks : 1;
        requests.push_back(
            {static_cast<SramClient>(i), pick(0, 30), pick<std::uint32_t>(1, most + 1)});
    }
    const std::vector<std::uint32_t> granted = memory.grants(requests);

    std::vector<std::uint32_t> used(params.banks);
    const auto bank_of = [&params](std::uint64_t word) {
        return word / params.interleave_words % params.banks;
    };
    for (std::size_t i = 0; i < requests.size(); ++i) {
        const Request& r = requests[i];
        RC_ASSERT(granted[i] <= r.words);
        for (std::uint32_t k = 0; k < granted[i]; ++k) ++used[bank_of(r.first + k)];
        // In order of priority: what stops a client is a bank that those before it, and itself,
        // have filled.
        if (granted[i] < r.words) RC_ASSERT(used[bank_of(r.first + granted[i])] == params.ports);
    }
    for (const std::uint32_t ports : used) RC_ASSERT(ports <= params.ports);
}

}  // namespace
}  // namespace lpusim::test
