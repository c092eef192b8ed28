#pragma once

#include <cstdlib>
#include <ctime>
#include <memory>
#include <vector>

#include <sys/wait.h>
#include <systemc>
#include <unistd.h>

#include "hw_models/chip/lpu_chip.h"

// Designs whose clocks are compared. Each runs in a process of its own, for SystemC's kernel cannot
// be elaborated twice.
namespace lpusim::bench {

constexpr int kUnits = LpuChip::kUnits;

struct EmptyUnit : sc_core::sc_module {
    sc_core::sc_in<bool> clock{"clock"};
    explicit EmptyUnit(const sc_core::sc_module_name& name) : sc_module(name) {
        SC_HAS_PROCESS(EmptyUnit);
        SC_METHOD(tick);
        sensitive << clock.pos();
        dont_initialize();
    }
    void tick() {}
};

/// Cycles of the bare design.
inline std::uint64_t run_bare() {
    constexpr std::uint64_t kCycles = 3'000'000;
    sc_core::sc_clock clock("clock", 1, sc_core::SC_NS);
    std::vector<std::unique_ptr<EmptyUnit>> units;
    for (int i = 0; i < kUnits; ++i) {
        units.push_back(std::make_unique<EmptyUnit>(("unit" + std::to_string(i)).c_str()));
        units.back()->clock(clock);
    }
    sc_core::sc_start(static_cast<double>(kCycles), sc_core::SC_NS);
    return kCycles;
}

inline ChipParams chip_params() {
    ChipParams params;
    params.clock = Hertz(915'500'000);
    params.weight_stream.rate.ratio = {1835, 21};
    params.weight_stream.latency = Cycles(300);
    params.weight_stream.outstanding = 8;
    params.sram_banks = {Bytes(230'686'720),        88, Bytes(320), 2, Cycles(5), 1,
                         Arbitration::FixedPriority};
    params.unpack_unit = {20'480, Cycles(4), Bytes(28'160), UnpackPosition::BeforeLoadPort};
    params.mac_array = {4, 320, 320, 16, Bytes(20'480), true, 32, 4096, 4};
    params.rescaler = {1280, Cycles(8)};
    params.vector_unit.lanes = 320;
    params.sequencer = {8, Cycles(4)};
    return params;
}

/// INT4 tiles with a scale per 64 weights, streamed at 80 GB/s, one activation vector each.
inline isa::Program stream_tiles(std::uint64_t tiles) {
    using namespace isa;
    ProgramBuilder builder;
    const auto slot_free = builder.add_semaphore("slot_free", SemaphoreKind::Space, 16);
    const auto ready = builder.add_semaphore("ready", SemaphoreKind::Data, 0);
    const auto op = builder.add_operator("matmul");
    TileLayout layout;
    layout.rows = 320;
    layout.column_bytes = Bytes(170);
    for (std::uint32_t k = 0; k <= layout.rows; ++k) {
        const std::uint32_t groups = (k + 63) / 64;
        layout.prefix_bytes.push_back((k * 4 + groups * 16 + 7) / 8);
    }
    const auto layout_id = builder.add_layout(layout);
    builder.loop(tiles, [&] {
        Instruction transfer;
        transfer.op = op;
        transfer.payload = StreamTransfer{Traffic::Weights, Bytes(217'600), Bytes(0)};
        transfer.waits = {{slot_free, 1}};
        transfer.signals = {{ready, 1}};
        builder.emit(transfer);
        Instruction unpack;
        unpack.payload = UnpackTile{layout_id, 1280, 1};
        unpack.waits = {{ready, 1}};
        unpack.signals = {{slot_free, 1}};
        builder.emit(unpack);
        Instruction install;
        install.payload = InstallTile{OperandSource::Weights, Bytes(409'600), Bytes(409'600)};
        builder.emit(install);
        Instruction compute;
        compute.payload = ComputeTile{1, 1, Bytes(320), 6400, Bytes(0), 409'600};
        builder.emit(compute);
    });
    return builder.finish();
}

inline std::uint64_t run_chip(std::uint64_t tiles, bool every_cycle) {
    LpuChip chip("chip", chip_params(), stream_tiles(tiles), every_cycle);
    const std::uint64_t cycles = tiles * 2490;
    ClockDomain& domain = chip.clock_domain();
    domain.stop_when([&] { return domain.now().count() >= cycles; });
    sc_core::sc_start();
    return domain.now().count();
}

/// Cycles per second of CPU time of a design that runs in a process of its own.
template <class Run>
double cycles_per_second(Run run) {
    int ends[2];
    if (pipe(ends) != 0) std::abort();
    const pid_t child = fork();
    if (child == 0) {
        const std::clock_t begin = std::clock();
        const auto cycles = static_cast<double>(run());
        const double speed = cycles * CLOCKS_PER_SEC / static_cast<double>(std::clock() - begin);
        _exit(write(ends[1], &speed, sizeof speed) == sizeof speed ? 0 : 1);
    }
    double speed = 0;
    if (child < 0 || read(ends[0], &speed, sizeof speed) != sizeof speed) std::abort();
    waitpid(child, nullptr, 0);
    close(ends[0]);
    close(ends[1]);
    return speed;
}

}  // namespace lpusim::bench
