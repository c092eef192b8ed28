// Blessed cycle counts of the shipped projection. A change of the timing model changes them: say in
// CHANGELOG
// ("Timing model") from what to what, and why.

#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "sim/config/data_files.h"
#include "sim/config/load.h"
#include "sim/platform/simulate.h"

namespace lpusim {
namespace {

SimulationInput shipped(const std::string& hardware, const std::string& format) {
    SimulationInput input;
    input.hardware = load_hardware(find_file(FileKind::Hardware, hardware));
    input.model = load_model(find_file(FileKind::Model, "llama2-70b"));
    input.format = load_format(find_file(FileKind::Format, format));
    return input;
}

std::string readme() {
    std::ifstream file(LPUSIM_SOURCE_DIR "/README.md");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// 421626534 -> "421,626,534"
std::string with_commas(std::uint64_t value) {
    std::string text = std::to_string(value);
    for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
    return text;
}

void expect_streamed(const std::string& format, std::uint64_t cycles) {
    const Point point = simulate(shipped("lpu-80gbs", format)).point;
    EXPECT_EQ(point.cycles, Cycles(cycles));
    EXPECT_EQ(point.bottleneck.unit, "WeightStream");
    const Cycles bound = point.stream_rate.cycles_for(point.stream.total());
    EXPECT_GE(point.cycles, bound);
    EXPECT_LE(point.cycles.count() * 100, bound.count() * 102);
    EXPECT_NE(readme().find(with_commas(cycles)), std::string::npos) << "README is not current";
}

void expect_resident(const std::string& format, std::uint64_t cycles) {
    const Point point = simulate(shipped("lpu-80tbs", format)).point;
    EXPECT_EQ(point.cycles, Cycles(cycles));
    EXPECT_EQ(point.bottleneck.engine, "mac_array.load");
    EXPECT_EQ(point.stream.total(), Bytes(0));
}

TEST(ShippedProjection, Int4StreamedAt80GigabytesPerSecond) {
    expect_streamed("int4-g64", 421'626'534);
}

TEST(ShippedProjection, ThreeAndAHalfBitsStreamedAt80GigabytesPerSecond) {
    expect_streamed("w3p5-g64", 397'052'544);
}

TEST(ShippedProjection, Int4ResidentAt80TerabytesPerSecond) {
    expect_resident("int4-g64", 3'843'157);
}

TEST(ShippedProjection, ThreeAndAHalfBitsResidentAt80TerabytesPerSecond) {
    expect_resident("w3p5-g64", 3'843'157);
}

}  // namespace
}  // namespace lpusim
