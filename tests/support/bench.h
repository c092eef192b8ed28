#pragma once

#include <array>
#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "hw_models/core/clock_domain.h"
#include "hw_models/core/cycle_account.h"

namespace lpusim::test {

/// The two ways to run, which must give the same results.
enum class Clocking : std::uint8_t { Sleeping, EveryCycle };

inline std::ostream& operator<<(std::ostream& out, Clocking clocking) {
    return out << (clocking == Clocking::Sleeping ? "Sleeping" : "EveryCycle");
}

/// A test with this fixture runs once with units that sleep and once with each unit evaluated in
/// each cycle:
///   using MyTest = EachClocking;
///   INSTANTIATE_TEST_SUITE_P(Clocked, MyTest, kEachClocking, testing::PrintToStringParamName());
///   TEST_P(MyTest, Name) { Bench bench(GetParam()); ... }
using EachClocking = testing::TestWithParam<Clocking>;
inline const auto kEachClocking = testing::Values(Clocking::Sleeping, Clocking::EveryCycle);

/// A clock domain for a few units, driven without the SystemC kernel.
class Bench {
public:
    explicit Bench(Clocking clocking)
        // SystemC keeps the method of a domain that is gone, name and all.
        : domain_(sc_core::sc_gen_unique_name("domain"), Hertz(1'000'000'000),
                  clocking == Clocking::EveryCycle) {}

    Waker attach(ClockedUnit& unit) { return domain_.attach(unit); }
    void attach(Arbiter& arbiter) { domain_.attach(arbiter); }
    const ClockDomain& domain() const { return domain_; }

    /// Runs until all units sleep for good; all accounts stand at the end of the last evaluated
    /// cycle. Returns the number of cycles.
    std::uint64_t run() {
        while (domain_.step()) {
            if (domain_.now() > kLimit) {
                ADD_FAILURE() << "still running in cycle " << domain_.now().count();
                break;
            }
        }
        const Cycles end = domain_.now() + Cycles(1);
        domain_.settle_all(end);
        return end.count();
    }

    /// Runs the cycles before `until`; all accounts stand at its start.
    void run_until(std::uint64_t until) {
        while (!domain_.reaches(Cycles(until)) && domain_.step()) {
        }
        domain_.settle_all(Cycles(until));
    }

private:
    static constexpr Cycles kLimit{10'000'000};

    ClockDomain domain_;
};

/// Cycles of an engine: {busy, starved, blocked, waiting, idle}.
using States = std::array<std::uint64_t, kEngineStateCount>;

inline States states(const CycleAccount& account) {
    States counts{};
    for (std::size_t i = 0; i < counts.size(); ++i) {
        counts[i] = account.in(static_cast<EngineState>(i)).count();
    }
    return counts;
}

inline std::uint64_t total(const CycleAccount& account) {
    std::uint64_t sum = 0;
    for (const std::uint64_t cycles : states(account)) sum += cycles;
    return sum;
}

inline std::uint64_t busy(const CycleAccount& account) {
    return account.in(EngineState::Busy).count();
}

}  // namespace lpusim::test
