#include "sim/platform/token_window.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace lpusim {

namespace {

/// The SRAM's ports are listed behind everything that reads operands from it, before this engine.
constexpr const char* kBehindPorts = "unpack_unit";

std::size_t ports_position(const Snapshot& snapshot) {
    const auto behind =
        std::find_if(snapshot.accounts.begin(), snapshot.accounts.end(),
                     [](const CycleAccount& account) { return account.engine() == kBehindPorts; });
    return static_cast<std::size_t>(behind - snapshot.accounts.begin());
}

std::vector<Counter> counters_of(const LpuChip& chip) {
    const WeightStream::Stats& stream = chip.weight_stream().stats();
    const UnpackUnit::Stats& unpack = chip.unpack_unit().stats();
    const MacArray::Stats& array = chip.mac_array().stats();
    const Rescaler::Stats& rescaler = chip.rescaler().stats();
    std::vector<Counter> counters = {
        {"weight_stream.delivered_bytes", stream.delivered_bytes},
        {"weight_stream.padding_bytes", stream.padding_bytes},
        {"sram_banks.words", chip.sram_banks().words()},
        {"sram_banks.conflicts", chip.sram_banks().stats().conflicts},
        {"unpack_unit.weights", unpack.weights},
        {"unpack_unit.packed_bytes", unpack.packed_bytes},
        {"mac_array.port_bytes", array.port_bytes},
        {"mac_array.installed_bytes", array.installed_operand_bytes},
        {"mac_array.tiles", array.tiles},
        {"mac_array.useful_macs", array.useful_macs},
        {"rescaler.rescales", rescaler.rescales},
        {"rescaler.result_bytes", rescaler.result_bytes},
        {"vector_unit.beats", chip.vector_unit().stats().beats},
    };
    return counters;
}

Snapshot snapshot_of(const LpuChip& chip) {
    Snapshot snapshot;
    for (const CycleAccount* account : chip.accounts()) snapshot.accounts.push_back(*account);
    snapshot.retired_by_operator = chip.retired().cycles_by_operator();
    snapshot.stream_bytes_by_operator = chip.weight_stream().stats().bytes_by_operator;
    snapshot.counters = counters_of(chip);
    snapshot.contended_cycles = chip.sram_banks().stats().contended_cycles;
    snapshot.sram_words = chip.sram_banks().words();
    snapshot.sram_words_per_cycle = chip.sram_banks().words_per_cycle();
    return snapshot;
}

EngineCycles engine_between(const CycleAccount& first, const CycleAccount& last) {
    const auto cycles_in = [&](EngineState state) { return last.in(state)-first.in(state); };
    return {last.engine(),
            last.unit(),
            cycles_in(EngineState::Busy),
            cycles_in(EngineState::Starved),
            cycles_in(EngineState::Blocked),
            cycles_in(EngineState::Waiting),
            cycles_in(EngineState::Idle)};
}

/// Ports have no queue of their own: what does not make them busy leaves them idle.
EngineCycles ports_between(const Snapshot& first, const Snapshot& last, Cycles cycles) {
    // Rounded down, so that it never exceeds the cycles that the words were served in.
    const std::uint64_t full = (last.sram_words - first.sram_words) / last.sram_words_per_cycle;
    EngineCycles ports;
    ports.name = "sram_banks.ports";
    ports.unit = "SramBanks";
    ports.busy = Cycles(std::max(last.contended_cycles - first.contended_cycles, full));
    ports.idle = cycles - ports.busy;
    return ports;
}

}  // namespace

void TokenWindow::begin_at(Cycles token_end) {
    begin_ = token_end;
    ++tokens_before_;
    chip_.clock_domain().settle_all(begin_);
    first_ = snapshot_of(chip_);
}

bool TokenWindow::complete() {
    const std::vector<Cycles>& ends = chip_.retired().token_ends();
    if (ends.size() == tokens_before_) return false;
    if (!first_) {
        begin_at(ends.front());
        return false;
    }
    if (!end_) {
        const Cycles end = ends.back();
        if (end + Cycles(1) < begin_ + shortest_ && ends.size() + 1 < kTokens) {
            begin_at(end);
            return false;
        }
        if (end + Cycles(1) < begin_ + shortest_) {
            throw std::logic_error(
                "no token took as long as the stream takes for its bytes: this "
                "is a defect of the simulator, please report it");
        }
        end_ = std::max(end, begin_ + shortest_);
    }
    ClockDomain& domain = chip_.clock_domain();
    if (!domain.reaches(*end_)) return false;
    domain.settle_all(*end_);
    last_ = snapshot_of(chip_);
    return true;
}

std::vector<EngineCycles> engines_between(const Snapshot& first, const Snapshot& last,
                                          Cycles cycles) {
    std::vector<EngineCycles> engines;
    for (std::size_t i = 0; i < last.accounts.size(); ++i) {
        engines.push_back(engine_between(first.accounts[i], last.accounts[i]));
    }
    const auto position = static_cast<std::ptrdiff_t>(ports_position(last));
    engines.insert(engines.begin() + position, ports_between(first, last, cycles));
    return engines;
}

std::vector<OperatorCycles> operators_between(const Snapshot& first, const Snapshot& last,
                                              Cycles cycles, const isa::Program& program) {
    std::vector<OperatorCycles> operators(program.operators.size());
    const auto position = static_cast<std::ptrdiff_t>(ports_position(last));
    Cycles attributed;
    for (std::size_t op = 0; op < operators.size(); ++op) {
        OperatorCycles& result = operators[op];
        result.name = program.operators[op];
        result.cycles = Cycles(last.retired_by_operator[op] - first.retired_by_operator[op]);
        result.stream_bytes =
            Bytes(last.stream_bytes_by_operator[op] - first.stream_bytes_by_operator[op]);
        for (std::size_t i = 0; i < last.accounts.size(); ++i) {
            result.busy.emplace_back(last.accounts[i].busy_by_operator()[op] -
                                     first.accounts[i].busy_by_operator()[op]);
        }
        // The ports do not know for whom they refused.
        result.busy.insert(result.busy.begin() + position, Cycles(0));
        attributed += result.cycles;
    }
    // A window that ends behind the token's last operator gives it the rest.
    if (!operators.empty()) operators.back().cycles += cycles - attributed;
    return operators;
}

std::vector<Counter> counters_between(const Snapshot& first, const Snapshot& last) {
    std::vector<Counter> counters = last.counters;
    for (std::size_t i = 0; i < counters.size(); ++i) counters[i].value -= first.counters[i].value;
    return counters;
}

}  // namespace lpusim
