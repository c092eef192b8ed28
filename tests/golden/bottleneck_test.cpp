// Hand-made machines, each limited by one unit: the verdict names it.

#include <string>

#include <gtest/gtest.h>

#include "sim/config/data_files.h"
#include "sim/config/load.h"
#include "sim/platform/simulate.h"

namespace lpusim {
namespace {

Bottleneck bottleneck_of(const Overrides& changes, const std::string& format,
                         const Scenario& scenario) {
    SimulationInput input;
    input.hardware = load_hardware(find_file(FileKind::Hardware, "lpu-80gbs"), changes);
    input.model = load_model(find_file(FileKind::Model, "tinyllama-1.1b"));
    input.format = load_format(find_file(FileKind::Format, format));
    input.scenario = scenario;
    return simulate(input).point.bottleneck;
}

Scenario short_context(std::uint32_t batch) {
    Scenario scenario;
    scenario.batch = batch;
    scenario.context = 16;
    return scenario;
}

// One bank of one port moves 320 B per cycle; 300 B per cycle are written and then read again.
TEST(Bottleneck, OneBankWithOnePortIsTheLimit) {
    const Bottleneck found = bottleneck_of({{"sram.banks", "1"},
                                            {"sram.ports", "1"},
                                            {"unpack.read_bandwidth", "320 B/cycle"},
                                            {"stream.weight.bandwidth", "275 GB/s"}},
                                           "int4-col", short_context(1));
    EXPECT_EQ(found.unit, "SramBanks");
}

// 64 lanes emit 64 weights per cycle, 80 GB/s deliver about 165 of 4.25 bits.
TEST(Bottleneck, FewUnpackLanesAreTheLimit) {
    const Bottleneck found = bottleneck_of({{"unpack.lanes", "64"}}, "int4-g64", short_context(1));
    EXPECT_EQ(found.unit, "UnpackUnit");
}

// 2048 vectors x 4 cycles stay longer in the array than 20 cycles of load and 9,363 of stream per
// tile of FP16.
TEST(Bottleneck, ALargeBatchMakesTheArrayTheLimit) {
    const Bottleneck found = bottleneck_of(
        {{"stream.weight.bandwidth", "8 TB/s"}, {"array.cols", "80"}, {"rescaler.lanes", "100000"}},
        "int8", short_context(512));
    EXPECT_EQ(found.engine, "mac_array.compute");
}

// One lane: 2,048 positions x 32 heads x 3 passes of softmax alone are 196,608 cycles per layer;
// its weights stream in 268,000.
TEST(Bottleneck, OneVectorLaneIsTheLimit) {
    Scenario scenario;
    scenario.context = 2048;
    const Bottleneck found = bottleneck_of({{"vector.lanes", "1"}}, "int4-g64", scenario);
    EXPECT_EQ(found.unit, "VectorUnit");
}

}  // namespace
}  // namespace lpusim
