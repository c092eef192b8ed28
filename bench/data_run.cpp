// How fast a machine carries data: `lpusim run --data verify` for one layer and the head of a
// model, from made-up weights to the last comparison, in weights that the unpack unit has expanded
// per second of wall time; the same of the machine alone; and per second of processor time, which
// others who use the machine do not change.

#include "sim/data/data_run.h"

#include <chrono>
#include <cstdio>
#include <ctime>
#include <exception>
#include <string>

#include <systemc>

#include "hw_models/chip/lpu_chip.h"
#include "sim/compiler/compiler.h"
#include "sim/config/data_files.h"
#include "sim/config/load.h"

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

constexpr std::uint64_t kTokens = 3;

/// SystemC's kernel is one per process, so one format per run of this program.
void run(const std::string& model_name, const std::string& format_name) {
    using namespace lpusim;
    const HardwareConfig hardware = load_hardware(find_file(FileKind::Hardware, "lpu-80gbs"));
    const Model model = load_model(find_file(FileKind::Model, model_name));
    const NumberFormat format = load_format(find_file(FileKind::Format, format_name));
    Scenario scenario;
    scenario.context = 32;
    scenario.layers = 1;

    const std::clock_t cpu_begin = std::clock();
    const Clock::time_point begin = Clock::now();
    DataRun data(hardware.chip, hardware.placement, model, format, scenario);
    const double prepared = seconds_since(begin);
    CompiledProgram compiled =
        compile(hardware.chip, hardware.placement, model, format, scenario, kTokens);
    LpuChip chip("chip", hardware.chip, std::move(compiled.program), /*every_cycle=*/false);
    chip.carry(data.path());
    while (chip.clock_domain().step()) {
    }
    const double all = seconds_since(begin);
    const double cpu = static_cast<double>(std::clock() - cpu_begin) / CLOCKS_PER_SEC;
    if (!data.complaint().empty()) throw std::runtime_error(data.complaint());

    const auto weights = static_cast<double>(chip.unpack_unit().stats().weights);
    std::printf("| %s | %s | %.0f | %.2f | %.2f | %.0f | %.0f | %.2f | %.0f |\n",
                model_name.c_str(), format_name.c_str(), weights * 1e-6, prepared, all - prepared,
                weights * 1e-6 / (all - prepared), weights * 1e-6 / all, cpu, weights * 1e-6 / cpu);
}

}  // namespace

int sc_main(int argc, char* argv[]) {
    try {
        std::printf(
            "| model, one layer | format | M weights carried | s to make and pack them | s to "
            "carry and compare | M weights/s | M weights/s in all | s of processors, in all | M "
            "weights per "
            "second of a processor |\n|---|---|---|---|---|---|---|---|---|\n");
        run(argc > 1 ? argv[1] : "tinyllama-1.1b", argc > 2 ? argv[2] : "w3p5-g64");
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 1;
    }
    return 0;
}

int main(int argc, char* argv[]) { return sc_core::sc_elab_and_sim(argc, argv); }
