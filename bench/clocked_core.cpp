// How fast the clocked core is, as ratios within one run, against a bare SystemC design of one
// sc_clock and as many empty SC_METHODs as the chip has clocked units.

#include <cstdio>

#include "bench/designs.h"

int sc_main(int, char**) {
    using namespace lpusim::bench;
    const double bare = cycles_per_second(run_bare);
    const double every_cycle = cycles_per_second([] { return run_chip(2'000, true); });
    const double sleeping = cycles_per_second([] { return run_chip(168'000, false); });
    std::printf("| design | million cycles/s | ratio to bare |\n|---|---|---|\n");
    std::printf("| bare SystemC: clock + %d empty SC_METHODs | %.2f | 1 |\n", kUnits, bare / 1e6);
    std::printf("| chip, --every-cycle | %.2f | %.2f |\n", every_cycle / 1e6, every_cycle / bare);
    std::printf("| chip, sleeping | %.0f | %.0f |\n", sleeping / 1e6, sleeping / bare);
    return 0;
}
