#include "tests/support/chip_run.h"

#include <random>
#include <stdexcept>

namespace lpusim::test {

namespace {

/// stream, KV reader, unpack unit, array, rescaler and vector unit.
constexpr std::size_t kUnits = 6;

const char* name_of(EngineState state) {
    switch (state) {
        case EngineState::Busy:
            return "busy";
        case EngineState::Starved:
            return "starved";
        case EngineState::Blocked:
            return "blocked";
        case EngineState::Waiting:
            return "waiting";
        case EngineState::Idle:
            return "idle";
    }
    return "?";
}

void add_account(Counts& counts, const CycleAccount& account) {
    for (std::size_t i = 0; i < kEngineStateCount; ++i) {
        const auto state = static_cast<EngineState>(i);
        counts[account.engine() + " " + name_of(state)] = account.in(state).count();
    }
    const auto& by_operator = account.busy_by_operator();
    for (std::size_t op = 0; op < by_operator.size(); ++op) {
        counts[account.engine() + " busy for op " + std::to_string(op)] = by_operator[op];
    }
}

void add_stream(Counts& counts, const WeightStream::Stats& stats) {
    for (std::size_t i = 0; i < isa::kTrafficCount; ++i) {
        const auto traffic = static_cast<isa::Traffic>(i);
        counts[std::string("weight_stream bytes of ") + isa::name_of(traffic)] =
            stats.payload_bytes[i];
    }
    counts["weight_stream padding"] = stats.padding_bytes;
    counts["weight_stream delivered"] = stats.delivered_bytes;
    for (std::size_t op = 0; op < stats.bytes_by_operator.size(); ++op) {
        counts["weight_stream bytes for op " + std::to_string(op)] = stats.bytes_by_operator[op];
    }
}

}  // namespace

std::string differences(const Counts& a, const Counts& b) {
    std::string text;
    const auto value = [](const Counts& counts, const std::string& name) {
        const auto found = counts.find(name);
        return found == counts.end() ? std::string("none") : std::to_string(found->second);
    };
    Counts all = a;
    all.insert(b.begin(), b.end());
    for (const auto& [name, ignored] : all) {
        const std::string in_a = value(a, name);
        const std::string in_b = value(b, name);
        if (in_a == in_b) continue;
        text += name;
        text += ": " + in_a;
        text += ", " + in_b;
        text += '\n';
    }
    return text;
}

ChipRun::ChipRun(const ChipParams& params, const isa::Program& program, Clocking clocking)
    : chip_(sc_core::sc_gen_unique_name("chip"), params, program,
            clocking == Clocking::EveryCycle) {}

std::uint64_t ChipRun::run() {
    ClockDomain& domain = chip_.clock_domain();
    while (domain.step() && domain.now() < kLongestRun) {
    }
    return domain.now().count() + 1;
}

void ChipRun::run_until(std::uint64_t until) {
    ClockDomain& domain = chip_.clock_domain();
    while (!domain.reaches(Cycles(until)) && domain.step()) {
    }
    settle(until);
}

std::uint64_t ChipRun::run_disturbed(std::uint64_t seed) {
    ClockDomain& domain = chip_.clock_domain();
    std::mt19937_64 random(seed);
    while (domain.step() && domain.now() < kLongestRun) {
        if (domain.next_wake() == kNever) continue;  // the end
        const std::uint64_t now = domain.now().count();
        if (random() % 4 == 0) domain.wake(random() % kUnits, Cycles(now + 1 + random() % 16));
        if (random() % 4 == 0) {
            const std::uint64_t until = std::min(domain.next_wake().count(), now + random() % 64);
            if (until > now) domain.settle_all(Cycles(until));
        }
    }
    return domain.now().count() + 1;
}

std::uint64_t ChipRun::run_fast_forward(std::uint64_t& skipped, const HiddenWord* hidden,
                                        const FastForward::OnSkip& after_skip) {
    ClockDomain& domain = chip_.clock_domain();
    FastForward fast_forward(chip_, hidden);
    if (after_skip) fast_forward.on_skip({}, after_skip);
    while (domain.step() && domain.now() < kLongestRun) fast_forward.after_cycle();
    skipped += fast_forward.skipped().count();
    return domain.now().count() + 1;
}

bool ChipRun::finished() {
    if (chip_.clock_domain().next_wake() != kNever) return false;
    for (std::size_t i = 0; i < isa::kQueueCount; ++i) {
        if (!chip_.sequencer().finished(static_cast<isa::Queue>(i))) return false;
    }
    return true;
}

const CycleAccount& ChipRun::account(const std::string& engine) const {
    for (const CycleAccount* account : chip_.accounts()) {
        if (account->engine() == engine) return *account;
    }
    throw std::invalid_argument("no engine " + engine);
}

Counts counts_of(const LpuChip& chip) {
    Counts counts;
    for (const CycleAccount* account : chip.accounts()) add_account(counts, *account);
    add_stream(counts, chip.weight_stream().stats());
    counts["sram_banks words"] = chip.sram_banks().words();
    counts["sram_banks conflicts"] = chip.sram_banks().stats().conflicts;
    counts["sram_banks contended cycles"] = chip.sram_banks().stats().contended_cycles;
    counts["unpack_unit weights"] = chip.unpack_unit().stats().weights;
    counts["unpack_unit operand bytes"] = chip.unpack_unit().stats().operand_bytes;
    counts["unpack_unit packed bytes"] = chip.unpack_unit().stats().packed_bytes;
    counts["mac_array port bytes"] = chip.mac_array().stats().port_bytes;
    counts["mac_array installed bytes"] = chip.mac_array().stats().installed_operand_bytes;
    counts["mac_array useful MACs"] = chip.mac_array().stats().useful_macs;
    counts["mac_array tiles"] = chip.mac_array().stats().tiles;
    counts["rescaler rescales"] = chip.rescaler().stats().rescales;
    counts["rescaler result bytes"] = chip.rescaler().stats().result_bytes;
    counts["vector_unit beats"] = chip.vector_unit().stats().beats;

    const RetireLog& retired = chip.retired();
    for (std::size_t op = 0; op < retired.cycles_by_operator().size(); ++op) {
        counts["cycles of op " + std::to_string(op)] = retired.cycles_by_operator()[op];
    }
    for (std::size_t i = 0; i < retired.token_ends().size(); ++i) {
        counts["end of token " + std::to_string(i)] = retired.token_ends()[i].count();
    }
    return counts;
}

}  // namespace lpusim::test
