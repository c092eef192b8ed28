// How fast the clocked core is, as ratios within one run, against a bare SystemC design of one
// sc_clock and as many empty SC_METHODs as the chip has clocked units. Each design runs in its own
// process (SystemC's kernel cannot be elaborated twice), one after the other.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include <sys/wait.h>
#include <systemc>
#include <unistd.h>

#include "hw_models/chip/lpu_chip.h"

namespace {

using lpusim::Bytes;
using lpusim::Cycles;

constexpr int kUnits = 6;

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
std::uint64_t run_bare() {
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

lpusim::ChipParams chip_params() {
    lpusim::ChipParams params;
    params.clock = lpusim::Hertz(915'500'000);
    params.weight_stream.rate.ratio = {1835, 21};
    params.weight_stream.latency = Cycles(300);
    params.weight_stream.outstanding = 8;
    params.sram_banks = {
        Bytes(230'686'720), 88, Bytes(320), 2, Cycles(5), 1, lpusim::Arbitration::FixedPriority};
    params.unpack_unit = {20'480, Cycles(4), Bytes(28'160), lpusim::UnpackPosition::BeforeLoadPort};
    params.mac_array = {4, 320, 320, 16, Bytes(20'480), true, 32, 4096, 4};
    params.rescaler = {1280, Cycles(8)};
    params.vector_unit.lanes = 320;
    params.sequencer = {8, Cycles(4)};
    return params;
}

/// INT4 tiles with a scale per 64 weights, streamed at 80 GB/s, one activation vector each.
lpusim::isa::Program stream_tiles(std::uint64_t tiles) {
    using namespace lpusim::isa;
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

std::uint64_t run_chip(std::uint64_t tiles, bool every_cycle) {
    lpusim::LpuChip chip("chip", chip_params(), stream_tiles(tiles), every_cycle);
    const std::uint64_t cycles = tiles * 2490;
    lpusim::ClockDomain& domain = chip.clock_domain();
    domain.stop_when([&] { return domain.now().count() >= cycles; });
    sc_core::sc_start();
    return domain.now().count();
}

/// Cycles per second of a design that runs in a process of its own.
template <class Run>
double cycles_per_second(Run run) {
    int ends[2];
    if (pipe(ends) != 0) std::abort();
    const pid_t child = fork();
    if (child == 0) {
        const auto begin = std::chrono::steady_clock::now();
        const auto cycles = static_cast<double>(run());
        const double seconds =
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        const double speed = cycles / seconds;
        _exit(write(ends[1], &speed, sizeof speed) == sizeof speed ? 0 : 1);
    }
    double speed = 0;
    if (child < 0 || read(ends[0], &speed, sizeof speed) != sizeof speed) std::abort();
    waitpid(child, nullptr, 0);
    close(ends[0]);
    close(ends[1]);
    return speed;
}

}  // namespace

int sc_main(int, char**) {
    const double bare = cycles_per_second(run_bare);
    const double every_cycle = cycles_per_second([] { return run_chip(2'000, true); });
    const double sleeping = cycles_per_second([] { return run_chip(168'000, false); });
    std::printf("| design | million cycles/s | ratio to bare |\n|---|---|---|\n");
    std::printf("| bare SystemC: clock + %d empty SC_METHODs | %.2f | 1 |\n", kUnits, bare / 1e6);
    std::printf("| chip, --every-cycle | %.2f | %.2f |\n", every_cycle / 1e6, every_cycle / bare);
    std::printf("| chip, sleeping | %.0f | %.0f |\n", sleeping / 1e6, sleeping / bare);
    return 0;
}
