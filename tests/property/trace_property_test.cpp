// A trace changes nothing, and what it shows of each engine sums to the engine's account exactly:
// over random machines, whole and with fast-forward.

#include <algorithm>
#include <map>
#include <tuple>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "hw_models/chip/fast_forward.h"
#include "sim/platform/trace_session.h"
#include "tests/property/compiled_machine.h"
#include "tests/support/chip_run.h"
#include "tests/support/pick.h"

namespace lpusim::test {
namespace {

/// Cycles by engine and state.
using StateSums = std::map<std::string, std::map<std::string, std::uint64_t>>;

constexpr std::uint64_t kTokens = 3;

/// Adds up what it is told, and remembers where slices lie.
class SummingWriter : public TraceWriter {
public:
    struct Record {
        StateSums sums;
        /// Ends of the slices of the operators' and the tokens' row, and gaps in the first.
        Cycles operators_end;
        std::uint64_t gaps = 0;
        std::vector<Cycles> token_ends;
        /// Labels of instructions by row and beginning.
        std::map<std::string, TraceLabel> labels;
    };
    explicit SummingWriter(Record& record) : record_(record) {}

    void start(const TraceHeader&, const std::vector<TraceTrack>& tracks, Cycles) override {
        tracks_ = tracks;
        open_.resize(tracks.size());
    }
    void begin(Cycles at, std::size_t track, const TraceSlice& slice) override {
        open_[track] = {at, slice};
        if (slice.kind != TraceSlice::Kind::Instruction) return;
        record_.labels[tracks_[track].name + " at " + std::to_string(at.count())] = slice.label;
    }
    void end(Cycles at, std::size_t track) override {
        const auto& [from, slice] = open_[track];
        auto& sums = record_.sums[tracks_[track].name];
        if (slice.kind == TraceSlice::Kind::State && at > from) {
            sums[lpusim::name_of(slice.state)] += (at - from).count();
        }
        for (std::size_t i = 0; slice.spent && i < kEngineStateCount; ++i) {
            if (slice.spent->at(i) == 0) continue;
            sums[lpusim::name_of(static_cast<EngineState>(i))] += slice.spent->at(i);
        }
        if (sums.empty()) record_.sums.erase(tracks_[track].name);
    }
    void span(Cycles from, Cycles to, std::size_t track, const TraceSlice&) override {
        if (tracks_[track].name == "tokens") record_.token_ends.push_back(to);
        if (tracks_[track].name != "operators") return;
        if (from != record_.operators_end) ++record_.gaps;
        record_.operators_end = to;
    }
    void level(Cycles, std::size_t, std::uint64_t) override {}
    void finish(const TraceSummary&) override {}
    std::uint64_t events() const override { return 0; }

private:
    Record& record_;
    std::vector<TraceTrack> tracks_;
    std::vector<std::pair<Cycles, TraceSlice>> open_;
};

struct Traced {
    SummingWriter::Record record;
    TraceSummary summary;
    Cycles end;
    std::uint64_t skips = 0;
};

/// Runs the chip to its end; accounts stand at least at cycle `settle_at`.
Traced run_traced(LpuChip& chip, const CompiledProgram& compiled, bool fast, Cycles settle_at) {
    Traced traced;
    TraceRequest request;
    request.most_events = 1;
    FastForward fast_forward(chip);
    TraceSession session(chip, fast_forward, request,
                         {&chip.program(), kTokens, compiled.layers, compiled.layer_operators.begin,
                          compiled.layer_operators.end},
                         std::make_unique<SummingWriter>(traced.record));
    ClockDomain& domain = chip.clock_domain();
    while (domain.step() && domain.now() < ChipRun::kLongestRun) {
        session.after_cycle();
        if (fast) fast_forward.after_cycle();
    }
    traced.end = std::max(settle_at, domain.now() + Cycles(1));
    domain.settle_all(traced.end);
    traced.summary = session.finish(traced.end, std::nullopt);
    traced.skips = fast_forward.skips();
    return traced;
}

StateSums sums_of(const LpuChip& chip) {
    constexpr std::array kStates = {EngineState::Busy, EngineState::Starved, EngineState::Blocked,
                                    EngineState::Waiting, EngineState::Idle};
    StateSums sums;
    for (const CycleAccount* account : chip.accounts()) {
        for (const EngineState state : kStates) {
            const std::uint64_t cycles = account->in(state).count();
            if (cycles > 0) sums[account->engine()][lpusim::name_of(state)] = cycles;
        }
    }
    return sums;
}

/// Returns how often something was skipped.
std::uint64_t check(const CompiledMachine& machine, bool fast) {
    const ChipParams& params = machine.input.chip;
    ChipRun plain(params, machine.compiled.program, Clocking::Sleeping);
    const std::uint64_t plain_end = plain.run();
    RC_PRE(plain_end < ChipRun::kLongestRun.count());
    LpuChip chip(sc_core::sc_gen_unique_name("chip"), params, machine.compiled.program, false);
    const Traced traced = run_traced(chip, machine.compiled, fast, Cycles(plain_end));
    plain.settle(traced.end.count());

    RC_ASSERT(differences(plain.counts(), counts_of(chip)) == "");
    const SummingWriter::Record& record = traced.record;
    RC_ASSERT(record.sums == sums_of(chip));
    RC_ASSERT(traced.summary.from == Cycles(0));
    RC_ASSERT(traced.summary.to == traced.end);
    RC_ASSERT(traced.summary.skips == traced.skips);
    // Operators' slices, skips among them, fill the run up to the last completion.
    const std::vector<Cycles>& ends = chip.retired().token_ends();
    RC_ASSERT(record.gaps == 0U);
    RC_ASSERT(record.operators_end == ends.back());
    RC_ASSERT(record.token_ends.size() >= ends.size());
    RC_ASSERT(std::equal(ends.begin(), ends.end(), record.token_ends.begin()));
    return traced.skips;
}

RC_GTEST_PROP(Trace, ShowsWhatTheAccountsSayAndChangesNothing, ()) {
    check(compiled_machine(kTokens), false);
}

RC_GTEST_PROP(Trace, ShowsWhatTheAccountsSayWhereSomethingIsSkipped, ()) {
    CompiledMachine machine = compiled_machine(1);
    machine.input.tokens = kTokens;
    machine.input.model.layers = pick<std::uint32_t>(10, 16);
    machine.input.scenario.layers = 0;
    machine.input.chip.sram_banks.capacity = Bytes(1 << 26);
    machine.compiled = compile(machine.input);
    RC_CLASSIFY(check(machine, true) > 0, "skips");
}

/// Where an instruction belongs follows from counting, and a skip leaves things out: the labels
/// behind it must be those of the run without skips.
TEST(Trace, KnowsLayersAndTilesBehindASkip) {
    CompileCase it;
    it.chip = small_chip();
    it.model = tiny_model();
    it.model.layers = 40;
    it.format = integer_format("int4", {4}, 0);
    it.scenario.context = 16;
    it.tokens = kTokens;
    const CompiledProgram compiled = compile(it);

    std::array<std::map<std::string, TraceLabel>, 2> labels;
    for (const bool fast : {false, true}) {
        LpuChip chip(sc_core::sc_gen_unique_name("chip"), it.chip, compiled.program, false);
        const Traced traced = run_traced(chip, compiled, fast, Cycles(0));
        EXPECT_EQ(traced.skips > 0, fast);
        labels[fast ? 1 : 0] = traced.record.labels;
    }
    std::size_t compared = 0;
    for (const auto& [place, label] : labels[1]) {
        // Of several instructions at a time each is in its own row, which depends on the past.
        if (place.find("weight_stream") == 0) continue;
        const auto same = labels[0].find(place);
        // Where a skip cuts an instruction in two, a slice begins that is none without it.
        if (same == labels[0].end()) continue;
        const TraceLabel& expected = same->second;
        EXPECT_EQ(std::tie(label.op, label.token, label.layer, label.number),
                  std::tie(expected.op, expected.token, expected.layer, expected.number))
            << place;
        ++compared;
    }
    EXPECT_GT(compared, labels[1].size() * 3 / 4);
    EXPECT_LT(labels[1].size(), labels[0].size() / 2);
}

}  // namespace
}  // namespace lpusim::test
