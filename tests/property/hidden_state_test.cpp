// Would it be noticed if a unit forgot one of its variables? Each word of the state in turn is
// hidden from fast-forward, which must then give a wrong result, or none at all, for some random
// machine. For every part of the machine there is a word for which it does.

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/property/skipping_machine.h"
#include "tests/support/chip_run.h"

namespace lpusim::test {
namespace {

/// What hiding a word led to.
enum class Outcome : std::uint8_t { NotHidden, Same, Different };

/// A wrong skip may break the machine altogether; that is noticed, too.
constexpr unsigned kLongestSeconds = 20;
constexpr std::size_t kCases = 16;
/// All units sleep for good long before.
constexpr std::uint64_t kMargin = 1000;

struct Case {
    ChipParams chip;
    isa::Program program;
    std::uint64_t end = 0;
    Counts counts;
};

/// Machines of which something is skipped, with what comes out without skipping.
std::vector<Case> skipping_cases() {
    std::vector<Case> cases;
    rc::Random random(20240229);
    for (int i = 0; cases.size() < kCases; ++i) {
        const auto machines = rc::gen::exec(i % 2 == 0 ? &deep_machine : &held_back_machine);
        Case it;
        try {
            const CompiledMachine machine = machines(random.split(), rc::kNominalSize).value();
            it.chip = machine.input.chip;
            it.program = machine.compiled.program;
        } catch (...) {
            continue;  // rapidcheck's way to say that it does not compile
        }
        ChipRun whole(it.chip, it.program, Clocking::Sleeping);
        it.end = whole.run() + kMargin;
        if (it.end > ChipRun::kLongestRun.count() / 20) continue;
        whole.settle(it.end);
        it.counts = whole.counts();
        std::uint64_t skipped = 0;
        ChipRun skipping(it.chip, it.program, Clocking::Sleeping);
        skipping.run_fast_forward(skipped);
        if (skipped > 0) cases.push_back(std::move(it));
    }
    return cases;
}

Outcome outcome_of(const Case& it, const HiddenWord& hidden) {
    ChipRun skipping(it.chip, it.program, Clocking::Sleeping);
    std::uint64_t skipped = 0;
    const std::uint64_t end = skipping.run_fast_forward(skipped, &hidden);
    if (hidden.hidden == 0) return Outcome::NotHidden;
    if (end > it.end) return Outcome::Different;
    skipping.settle(it.end);
    return differences(it.counts, skipping.counts()).empty() ? Outcome::Same : Outcome::Different;
}

/// In a process of its own.
Outcome outcome_of_all(const std::vector<Case>& cases, std::string_view part, std::size_t word) {
    const pid_t child = fork();
    if (child == 0) {
        alarm(kLongestSeconds);
        Outcome worst = Outcome::NotHidden;
        for (const Case& it : cases) {
            worst = std::max(worst, outcome_of(it, HiddenWord{part, word}));
            if (worst == Outcome::Different) break;
        }
        _exit(static_cast<int>(worst));
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) std::abort();
    return WIFEXITED(status) ? static_cast<Outcome>(WEXITSTATUS(status)) : Outcome::Different;
}

class HiddenState : public testing::TestWithParam<const char*> {};

TEST_P(HiddenState, IsNoticed) {
    const std::vector<Case> cases = skipping_cases();
    std::size_t noticed = 0;
    std::size_t word = 0;
    std::string unnoticed;
    for (;; ++word) {
        const Outcome outcome = outcome_of_all(cases, GetParam(), word);
        if (outcome == Outcome::NotHidden) break;
        if (outcome == Outcome::Different) {
            ++noticed;
        } else {
            unnoticed += " " + std::to_string(word);
        }
    }
    std::cout << GetParam() << ": " << noticed << " of " << word
              << " words noticed; not:" << unnoticed << '\n';
    EXPECT_GT(noticed, 0U) << "no test would notice a variable that is forgotten there";
}

// Of other parts no single word is ever missed: the words of a machine say most things twice.
INSTANTIATE_TEST_SUITE_P(Parts, HiddenState, testing::Values("weight_stream"),
                         [](const auto& part) { return std::string(part.param); });

}  // namespace
}  // namespace lpusim::test
