#include "hw_models/core/clock_domain.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "hw_models/core/channel.h"
#include "tests/support/bench.h"
#include "tests/support/channel_ends.h"

namespace lpusim::test {
namespace {

using testing::ElementsAre;

constexpr Hertz kClock(1'000'000'000);

/// Writes down what the domain does with it, and wakes in the cycles it is told.
class Recorder final : public ClockedUnit {
public:
    Recorder(std::string name, std::vector<std::string>& log, std::vector<std::uint64_t> wakes)
        : name_(std::move(name)), log_(log), wakes_(std::move(wakes)) {}

    void settle(Cycles from, Cycles to) override {
        EXPECT_LT(from, to);
        EXPECT_EQ(from.count(), accounted_) << name_ << ": a gap or an overlap";
        accounted_ = to.count();
        log_.push_back(name_ + " settles " + std::to_string(from.count()) + ".." +
                       std::to_string(to.count() - 1));
    }
    void evaluate(Cycles now) override {
        EXPECT_EQ(now.count(), accounted_) << name_ << ": a gap or an overlap";
        accounted_ = now.count() + 1;
        log_.push_back(name_ + " evaluates " + std::to_string(now.count()));
    }
    Cycles update(Cycles now) override {
        log_.push_back(name_ + " updates " + std::to_string(now.count()));
        const auto later = std::upper_bound(wakes_.begin(), wakes_.end(), now.count());
        return later == wakes_.end() ? kNever : Cycles(*later);
    }

    /// First cycle that has been neither settled nor evaluated.
    std::uint64_t accounted() const { return accounted_; }

private:
    std::string name_;
    std::vector<std::string>& log_;
    std::vector<std::uint64_t> wakes_;
    std::uint64_t accounted_ = 0;
};

class RecordingArbiter final : public Arbiter {
public:
    explicit RecordingArbiter(std::vector<std::string>& log) : log_(log) {}
    void resolve(Cycles now) override { log_.push_back("resolves " + std::to_string(now.count())); }

private:
    std::vector<std::string>& log_;
};

class ClockDomainTest : public testing::Test {
protected:
    ClockDomain& domain(Clocking clocking) {
        domain_.emplace(sc_core::sc_gen_unique_name("domain"), kClock,
                        clocking == Clocking::EveryCycle);
        return *domain_;
    }

    std::vector<std::string> log_;

private:
    std::optional<ClockDomain> domain_;
};

TEST_F(ClockDomainTest, EvaluatesAllThenResolvesThenUpdatesAll) {
    ClockDomain& d = domain(Clocking::Sleeping);
    Recorder a("a", log_, {});
    Recorder b("b", log_, {});
    RecordingArbiter arbiter(log_);
    d.attach(a);
    d.attach(b);
    d.attach(arbiter);
    EXPECT_TRUE(d.step());
    EXPECT_THAT(log_, ElementsAre("a evaluates 0", "b evaluates 0", "resolves 0", "a updates 0",
                                  "b updates 0"));
}

TEST_F(ClockDomainTest, SkipsToTheEarliestWakeAndSettlesOnlyWhoWakes) {
    ClockDomain& d = domain(Clocking::Sleeping);
    Recorder a("a", log_, {5, 9});
    Recorder b("b", log_, {9});
    d.attach(a);
    d.attach(b);
    d.step();
    log_.clear();
    EXPECT_EQ(d.next_wake(), Cycles(5));
    d.step();
    EXPECT_EQ(d.now(), Cycles(5));
    EXPECT_THAT(log_, ElementsAre("a settles 1..4", "a evaluates 5", "a updates 5"));
    log_.clear();
    d.step();
    EXPECT_THAT(log_, ElementsAre("a settles 6..8", "b settles 1..8", "a evaluates 9",
                                  "b evaluates 9", "a updates 9", "b updates 9"));
    EXPECT_FALSE(d.step());
    EXPECT_EQ(d.next_wake(), kNever);
    EXPECT_EQ(d.evaluations(), 5U);
}

TEST_F(ClockDomainTest, EvaluatesEachUnitInTheCyclesThatItPlans) {
    ClockDomain& d = domain(Clocking::Sleeping);
    const std::vector<std::vector<std::uint64_t>> plans = {
        {1, 2, 3, 9, 10}, {3, 5, 6, 10}, {1, 100}, {}, {2, 4, 5, 6, 7, 8, 99, 100, 101}};
    std::vector<std::unique_ptr<Recorder>> units;
    std::map<std::uint64_t, std::vector<std::string>> expected;
    for (std::size_t i = 0; i < plans.size(); ++i) {
        const std::string name(1, static_cast<char>('a' + i));
        units.push_back(std::make_unique<Recorder>(name, log_, plans[i]));
        d.attach(*units.back());
        expected[0].push_back(name + " evaluates 0");
        for (const std::uint64_t at : plans[i]) {
            expected[at].push_back(name + " evaluates " + std::to_string(at));
        }
    }
    for (const auto& [at, lines] : expected) {
        log_.clear();
        ASSERT_TRUE(d.step());
        EXPECT_EQ(d.now(), Cycles(at));
        const auto other = [](const std::string& line) {
            return line.find("evaluates") == std::string::npos;
        };
        log_.erase(std::remove_if(log_.begin(), log_.end(), other), log_.end());
        EXPECT_EQ(log_, lines);
    }
    EXPECT_FALSE(d.step());
}

TEST_F(ClockDomainTest, RefusesMoreUnitsThanItKeepsTrackOf) {
    ClockDomain& d = domain(Clocking::Sleeping);
    std::vector<std::unique_ptr<Recorder>> units;
    const auto attach_one = [&] {
        units.push_back(std::make_unique<Recorder>("u", log_, std::vector<std::uint64_t>{}));
        d.attach(*units.back());
    };
    for (std::size_t i = 0; i < ClockDomain::kMostUnits; ++i) attach_one();
    EXPECT_THROW(attach_one(), std::length_error);
    EXPECT_TRUE(d.step());
    EXPECT_EQ(d.evaluations(), ClockDomain::kMostUnits);
}

TEST_F(ClockDomainTest, WakesEarlierThanPlannedButNeverLater) {
    ClockDomain& d = domain(Clocking::Sleeping);
    Recorder a("a", log_, {20});
    const Waker waker = d.attach(a);
    d.step();
    waker.wake(Cycles(30));
    EXPECT_EQ(d.next_wake(), Cycles(20));
    waker.wake(Cycles(7));
    EXPECT_EQ(d.next_wake(), Cycles(7));
    log_.clear();
    d.step();
    // Its own plan is made anew: it still returns 20.
    EXPECT_THAT(log_, ElementsAre("a settles 1..6", "a evaluates 7", "a updates 7"));
    EXPECT_EQ(d.next_wake(), Cycles(20));
    Waker().wake(Cycles(1));  // connected to nothing
}

TEST_F(ClockDomainTest, EvaluatesEveryUnitInEveryCycleWhenTold) {
    ClockDomain& d = domain(Clocking::EveryCycle);
    Recorder a("a", log_, {5});
    Recorder b("b", log_, {});
    d.attach(a);
    d.attach(b);
    int steps = 0;
    while (d.step()) ++steps;
    EXPECT_EQ(steps, 6);  // cycles 0..5
    EXPECT_EQ(a.accounted(), 6U);
    EXPECT_EQ(b.accounted(), 6U);
    EXPECT_EQ(d.evaluations(), 12U);
}

TEST_F(ClockDomainTest, SettlesAllUnitsToAnyCycleBeforeTheNextWake) {
    ClockDomain& d = domain(Clocking::Sleeping);
    Recorder a("a", log_, {10});
    Recorder b("b", log_, {});
    d.attach(a);
    d.attach(b);
    d.step();
    EXPECT_TRUE(d.reaches(Cycles(10)));
    EXPECT_FALSE(d.reaches(Cycles(11)));
    d.settle_all(Cycles(4));
    d.settle_all(Cycles(4));  // nothing is left to do
    d.settle_all(Cycles(10));
    EXPECT_EQ(a.accounted(), 10U);
    EXPECT_EQ(b.accounted(), 10U);
    d.step();
    d.settle_all(Cycles(25));
    EXPECT_EQ(a.accounted(), 25U);
    EXPECT_EQ(b.accounted(), 25U);
}

/// Moves bytes from one channel to the next, up to three at a time.
class Relay final : public ClockedUnit {
public:
    Relay(Channel& from, Channel& to) : from_(from), to_(to) {}
    void settle(Cycles, Cycles) override {}
    void evaluate(Cycles now) override {
        amount_ = std::min({std::uint64_t{3}, from_.available(now), to_.room()});
    }
    Cycles update(Cycles now) override {
        if (amount_ > 0) {
            from_.pop(now, amount_);
            to_.push(now, amount_);
        }
        const Cycles next = now + Cycles(1);
        return from_.available(next) > 0 && to_.room() > 0 ? next : from_.next_arrival(next);
    }

private:
    Channel& from_;
    Channel& to_;
    std::uint64_t amount_ = 0;
};

/// A source, two relays and a sink; attached in the given order.
std::vector<std::uint64_t> relay(Clocking clocking, const std::vector<std::size_t>& order) {
    Bench bench(clocking);
    Channel a(4, Cycles(0));
    Channel b(3, Cycles(2));
    Channel c(5, Cycles(1));
    ByteSource source(a, 200, 2, Pacer::random(1, 60));
    Relay first(a, b);
    Relay second(b, c);
    ByteSink sink(c, 4, Pacer::bursts(3, 4));
    ClockedUnit* const units[] = {&source, &first, &second, &sink};
    Waker wakers[4];
    for (const std::size_t i : order) wakers[i] = bench.attach(*units[i]);
    a.connect(wakers[0], wakers[1]);
    b.connect(wakers[1], wakers[2]);
    c.connect(wakers[2], wakers[3]);
    bench.run();
    return {sink.received(), sink.first_at(), sink.last_at()};
}

TEST_F(ClockDomainTest, GivesTheSameResultInAnyOrderOfUnits) {
    std::vector<std::size_t> order = {0, 1, 2, 3};
    const std::vector<std::uint64_t> expected = relay(Clocking::EveryCycle, order);
    EXPECT_EQ(expected[0], 200U);
    do {
        EXPECT_EQ(relay(Clocking::EveryCycle, order), expected);
        EXPECT_EQ(relay(Clocking::Sleeping, order), expected);
    } while (std::next_permutation(order.begin(), order.end()));
}

/// A unit with something to do in each cycle up to `last`.
class Counting final : public ClockedUnit {
public:
    explicit Counting(std::uint64_t last) : last_(last) {}
    void settle(Cycles, Cycles) override {}
    void evaluate(Cycles) override {}
    Cycles update(Cycles now) override { return now < last_ ? now + Cycles(1) : kNever; }

private:
    Cycles last_;
};

// The SystemC kernel runs once per process: these tests run it in a child.
using KernelDeathTest = ClockDomainTest;

TEST_F(KernelDeathTest, StopsWhenTheConditionHolds) {
    const auto simulate = [this] {
        ClockDomain& d = domain(Clocking::Sleeping);
        Counting unit(1'000'000);
        d.attach(unit);
        int progress = 0;
        d.on_progress([&progress] { ++progress; });
        d.stop_when([&d] { return d.now() == Cycles(200'000); });
        sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
        sc_core::sc_start();
        // 200'001 evaluated cycles are three whole quanta of 65'536 and a part.
        const bool good = d.now() == Cycles(200'000) && !d.deadlocked() && progress == 3 &&
                          sc_core::sc_time_stamp() == sc_core::sc_time(196'607, sc_core::SC_NS);
        std::exit(good ? 0 : 1);
    };
    EXPECT_EXIT(simulate(), testing::ExitedWithCode(0), "");
}

TEST_F(KernelDeathTest, ReportsAStandstill) {
    const auto simulate = [this] {
        ClockDomain& d = domain(Clocking::Sleeping);
        Counting unit(10);
        d.attach(unit);
        d.stop_when([] { return false; });
        sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
        sc_core::sc_start();
        std::exit(d.deadlocked() && d.now() == Cycles(10) ? 0 : 1);
    };
    EXPECT_EXIT(simulate(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace lpusim::test
