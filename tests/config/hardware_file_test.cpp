#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/config/load.h"
#include "tests/config/temporary_file.h"

namespace lpusim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string small_chip_with(std::string_view from, std::string_view to) {
    return replaced(std::string(kSmallChip), from, to);
}

HardwareConfig load(std::string_view content, const Overrides& overrides = {}) {
    const TemporaryFolder folder;
    return load_hardware(folder.write("chip.yaml", content), overrides);
}

TEST(HardwareFile, EveryValueReachesItsParameter) {
    const HardwareConfig config = load(kSmallChip);
    const ChipParams& chip = config.chip;
    EXPECT_EQ(config.name, "small");
    EXPECT_EQ(chip.clock, Hertz(1'000'000'000));
    EXPECT_EQ(config.stream_bandwidth, BytesPerSecond(8'000'000'000));
    EXPECT_EQ(chip.weight_stream.rate.ratio, (Fraction{8, 1}));
    EXPECT_EQ(chip.weight_stream.latency, Cycles(10));
    EXPECT_EQ(chip.weight_stream.burst, Bytes(64));
    EXPECT_EQ(chip.weight_stream.outstanding, 2U);
    EXPECT_EQ(chip.sram_banks.capacity, Bytes(65536));
    EXPECT_EQ(chip.sram_banks.banks, 4U);
    EXPECT_EQ(chip.sram_banks.width, Bytes(16));
    EXPECT_EQ(chip.sram_banks.ports, 2U);
    EXPECT_EQ(chip.sram_banks.read_latency, Cycles(3));
    EXPECT_EQ(chip.unpack_unit.lanes, 32U);
    EXPECT_EQ(chip.unpack_unit.depth, Cycles(5));
    EXPECT_EQ(chip.unpack_unit.read_bytes, Bytes(64));
    EXPECT_EQ(chip.mac_array.planes, 2U);
    EXPECT_EQ(chip.mac_array.rows, 18U);
    EXPECT_EQ(chip.mac_array.cols, 16U);
    EXPECT_EQ(chip.mac_array.load_bytes, Bytes(33));
    EXPECT_EQ(chip.mac_array.accumulator_vectors, 128U);
    EXPECT_EQ(chip.mac_array.fp16_cycles_per_vector, 4U);
    EXPECT_EQ(chip.rescaler.lanes, 34U);
    EXPECT_EQ(chip.rescaler.depth, Cycles(6));
    EXPECT_EQ(chip.vector_unit.lanes, 24U);
    EXPECT_EQ(chip.vector_unit.of(isa::VectorClass::Norm).passes, 7U);
    EXPECT_EQ(chip.vector_unit.of(isa::VectorClass::Norm).latency, Cycles(8));
    EXPECT_EQ(chip.vector_unit.of(isa::VectorClass::Rope).latency, Cycles(9));
    EXPECT_EQ(chip.vector_unit.of(isa::VectorClass::Softmax).latency, Cycles(11));
    EXPECT_EQ(chip.vector_unit.of(isa::VectorClass::Activation).latency, Cycles(12));
    EXPECT_EQ(chip.vector_unit.of(isa::VectorClass::Residual).latency, Cycles(13));
    EXPECT_EQ(chip.vector_unit.of(isa::VectorClass::Quantize).latency, Cycles(14));
    EXPECT_EQ(chip.vector_unit.of(isa::VectorClass::Copy).latency, Cycles(0));
    EXPECT_EQ(chip.sequencer.queue_depth, 15U);
    EXPECT_EQ(chip.sequencer.issue_latency, Cycles(1));
}

TEST(HardwareFile, Defaults) {
    const HardwareConfig config = load(kSmallChip);
    EXPECT_EQ(config.description, "");
    EXPECT_EQ(config.placement, Placement::Streamed);
    EXPECT_EQ(config.stream_efficiency, (Fraction{1, 1}));
    EXPECT_EQ(config.chip.weight_stream.refresh_period, Cycles(0));
    EXPECT_EQ(config.chip.weight_stream.refresh_duration, Cycles(0));
    EXPECT_EQ(config.chip.sram_banks.interleave_words, 1U);
    EXPECT_EQ(config.chip.sram_banks.arbitration, Arbitration::FixedPriority);
    EXPECT_EQ(config.chip.unpack_unit.position, UnpackPosition::BeforeLoadPort);
    EXPECT_EQ(config.chip.mac_array.tap_rows, 0U);
    EXPECT_TRUE(config.chip.mac_array.double_buffering);
    EXPECT_EQ(config.chip.mac_array.accumulator_bits, 32U);
}

TEST(HardwareFile, OptionalValues) {
    std::string text =
        small_chip_with("array:\n", "array:\n  tap_rows: 6\n  double_buffering: false\n");
    text = replaced(text, "  ports: 2\n",
                    "  ports: 2\n  interleave: 48 B\n  arbitration: round_robin\n");
    text = replaced(text, "clock:", "placement: resident\nclock:");
    text = replaced(text, "unpack:\n", "unpack:\n  position: inside_array\n");
    text =
        replaced(text, "burst: 64 B\n",
                 "burst: 64 B\n    refresh_period: 1000 cycles\n    refresh_duration: 50 cycles\n");
    const HardwareConfig config = load(text);
    EXPECT_EQ(config.placement, Placement::Resident);
    EXPECT_EQ(config.chip.mac_array.tap_rows, 6U);
    EXPECT_FALSE(config.chip.mac_array.double_buffering);
    EXPECT_EQ(config.chip.sram_banks.interleave_words, 3U);
    EXPECT_EQ(config.chip.sram_banks.arbitration, Arbitration::RoundRobin);
    EXPECT_EQ(config.chip.unpack_unit.position, UnpackPosition::InsideArray);
    EXPECT_EQ(config.chip.weight_stream.refresh_period, Cycles(1000));
    EXPECT_EQ(config.chip.weight_stream.refresh_duration, Cycles(50));
}

TEST(HardwareFile, TheStreamsRateIsSnapped) {
    std::string text = small_chip_with("clock: 1 GHz", "clock: 0.9155 GHz");
    text = replaced(text, "bandwidth: 8 GB/s", "bandwidth: 80 GB/s");
    HardwareConfig config = load(text);
    EXPECT_EQ(config.chip.weight_stream.rate.ratio, (Fraction{1835, 21}));
    // 1835/21 against 160000/1831.
    EXPECT_NEAR(config.stream_deviation_ppm, (1.0 - 1835.0 * 1831.0 / (21.0 * 160000.0)) * 1e6,
                1e-6);
    EXPECT_LE(config.stream_deviation_ppm, 50.0);

    config = load(small_chip_with("bandwidth: 8 GB/s", "bandwidth: 8 GB/s\n    efficiency: 75 %"));
    EXPECT_EQ(config.chip.weight_stream.rate.ratio, (Fraction{6, 1}));
    EXPECT_EQ(config.stream_efficiency, (Fraction{3, 4}));
    EXPECT_EQ(config.stream_bandwidth, BytesPerSecond(8'000'000'000));
}

TEST(HardwareFile, BandwidthsOfPortsAreDividedByTheClockAndRoundedDown) {
    std::string text = small_chip_with("clock: 1 GHz", "clock: 0.9155 GHz");
    text = replaced(text, "load_bandwidth: 33 B/cycle", "load_bandwidth: 50 GB/s");
    text = replaced(text, "read_bandwidth: 64 B/cycle", "read_bandwidth: 0.0586 TB/s");
    const ChipParams chip = load(text).chip;
    EXPECT_EQ(chip.mac_array.load_bytes, Bytes(54));    // 54.6
    EXPECT_EQ(chip.unpack_unit.read_bytes, Bytes(64));  // 64.009
}

// From here on: one thing wrong, and the one error that says so.

struct BadCase {
    std::string from;
    std::string to;
    std::string error;
};

void expect_errors(const std::vector<BadCase>& cases) {
    for (const BadCase& c : cases) {
        EXPECT_THAT(errors_of(small_chip_with(c.from, c.to)), ElementsAre(c.error)) << c.to;
    }
}

TEST(HardwareErrors, Units) {
    const std::string bandwidth =
        "; allowed: a bandwidth (B/s, kB/s, MB/s, GB/s, TB/s, KiB/s, MiB/s, GiB/s, TiB/s) from 1 "
        "B/s to 1000 TB/s";
    expect_errors({
        {"bandwidth: 8 GB/s", "bandwidth: 8 GHz",
         "chip.yaml:6:16: error: key 'stream.weight.bandwidth': got '8 GHz', where the unit 'GHz' "
         "does not fit" +
             bandwidth},
        {"bandwidth: 8 GB/s", "bandwidth: 8",
         "chip.yaml:6:16: error: key 'stream.weight.bandwidth': got '8', which has no unit" +
             bandwidth},
        {"bandwidth: 8 GB/s", "bandwidth: 8 gb/s",
         "chip.yaml:6:16: error: key 'stream.weight.bandwidth': got '8 gb/s', where the unit "
         "'gb/s' does not fit" +
             bandwidth + "; did you mean 'GB/s'?"},
        {"lanes: 32", "lanes: 32 B",
         "chip.yaml:17:10: error: key 'unpack.lanes': got '32 B', but a plain number has no unit "
         "such as 'B'; allowed: a whole number from 2 to 16777216"},
        {"latency: 10 cycles", "latency: 10 ns",
         "chip.yaml:7:14: error: key 'stream.weight.latency': got '10 ns', where the unit 'ns' "
         "does not fit; allowed: a duration (cycles) from 0 cycles to 1000000 cycles"},
        {"burst: 64 B\n", "burst: 64 B\n    efficiency: 0.95\n",
         "chip.yaml:9:17: error: key 'stream.weight.efficiency': got '0.95', which has no unit; "
         "allowed: a percentage (%) above 0 % and up to 100 %; did you mean '0.95 %'?"},
        {"load_bandwidth: 33 B/cycle", "load_bandwidth: 33 B",
         "chip.yaml:24:19: error: key 'array.load_bandwidth': got '33 B', where the unit 'B' does "
         "not fit; allowed: bytes per cycle (B/cycle) or a bandwidth (B/s, kB/s, MB/s, GB/s, TB/s, "
         "KiB/s, MiB/s, GiB/s, TiB/s), from 1 B/cycle to 16777216 B/cycle"},
    });
}

TEST(HardwareErrors, Ranges) {
    const std::string lanes = "; allowed: a whole number from 2 to 16777216";
    const std::string clock = "; allowed: a frequency (Hz, kHz, MHz, GHz) from 1 kHz to 1000 GHz";
    expect_errors({
        {"lanes: 32", "lanes: -32",
         "chip.yaml:17:10: error: key 'unpack.lanes': got '-32', which is negative" + lanes},
        {"lanes: 32", "lanes: 0",
         "chip.yaml:17:10: error: key 'unpack.lanes': got '0', which is zero" + lanes},
        {"lanes: 32", "lanes: 1",
         "chip.yaml:17:10: error: key 'unpack.lanes': got '1', which is too small" + lanes},
        {"lanes: 32", "lanes: 4294967296",
         "chip.yaml:17:10: error: key 'unpack.lanes': got '4294967296', which is too large" +
             lanes},
        {"lanes: 32", "lanes: 99999999999999999999999999",
         "chip.yaml:17:10: error: key 'unpack.lanes': got '99999999999999999999999999', which is "
         "too large" +
             lanes},
        {"lanes: 32", "lanes: 3.5",
         "chip.yaml:17:10: error: key 'unpack.lanes': got '3.5', which is not a whole number" +
             lanes},
        {"lanes: 32", "lanes: .nan",
         "chip.yaml:17:10: error: key 'unpack.lanes': got '.nan', which is not a number" + lanes},
        {"lanes: 32", "lanes: .inf",
         "chip.yaml:17:10: error: key 'unpack.lanes': got '.inf', which is not a number" + lanes},
        {"lanes: 32", "lanes: 1e3",
         "chip.yaml:17:10: error: key 'unpack.lanes': got '1e3', which is not a plain decimal "
         "number" +
             lanes},
        {"clock: 1 GHz", "clock: 0 GHz",
         "chip.yaml:3:8: error: key 'clock': got '0 GHz', which is zero" + clock},
        {"clock: 1 GHz", "clock: -1 GHz",
         "chip.yaml:3:8: error: key 'clock': got '-1 GHz', which is negative" + clock},
        {"clock: 1 GHz", "clock: 1 Hz",
         "chip.yaml:3:8: error: key 'clock': got '1 Hz', which is too small" + clock},
        {"clock: 1 GHz", "clock: 1000000000000000000000 GHz",
         "chip.yaml:3:8: error: key 'clock': got '1000000000000000000000 GHz', which is too large" +
             clock},
        {"clock: 1 GHz", "clock: 0.9155271234567 MHz",
         "chip.yaml:3:8: error: key 'clock': got '0.9155271234567 MHz', which is not a whole "
         "number of Hz" +
             clock},
        {"burst: 64 B\n", "burst: 64 B\n    efficiency: 0 %\n",
         "chip.yaml:9:17: error: key 'stream.weight.efficiency': got '0 %', which is zero; "
         "allowed: a percentage (%) above 0 % and up to 100 %"},
        {"burst: 64 B\n", "burst: 64 B\n    efficiency: 100.1 %\n",
         "chip.yaml:9:17: error: key 'stream.weight.efficiency': got '100.1 %', which is too "
         "large; allowed: a percentage (%) above 0 % and up to 100 %"},
    });
}

TEST(HardwareErrors, Types) {
    const std::string lanes = "; allowed: a whole number from 2 to 16777216";
    expect_errors({
        {"lanes: 32", "lanes: [32]",
         "chip.yaml:17:10: error: key 'unpack.lanes': got a list" + lanes},
        {"lanes: 32", "lanes:", "chip.yaml:17:3: error: key 'unpack.lanes': got nothing" + lanes},
        {"lanes: 32", "lanes: ~", "chip.yaml:17:3: error: key 'unpack.lanes': got nothing" + lanes},
        {"lanes: 32", "lanes: many",
         "chip.yaml:17:10: error: key 'unpack.lanes': got 'many', which is not a number" + lanes},
        {"lanes: 32", "lanes: {source: somewhere}",
         "chip.yaml:17:10: error: key 'unpack.lanes': got a map without 'value'" + lanes +
             ", or that as the 'value' of a map with its 'confidence' and 'source'"},
        {"name: small", "name: [a, b]",
         "chip.yaml:2:7: error: key 'name': got a list; allowed: one line of text, up to 100 "
         "bytes"},
        {"name: small", "name: ''",
         "chip.yaml:2:7: error: key 'name': got '', which is empty; allowed: one line of text, up "
         "to 100 bytes"},
        {"name: small", R"(name: "a\nb")",
         R"(chip.yaml:2:7: error: key 'name': got 'a\nb', which is more than one line of )"
         "plain text; allowed: one line of text, up to 100 bytes"},
        {"name: small", "placement: everywhere\nname: small",
         "chip.yaml:2:12: error: key 'placement': got 'everywhere'; allowed: streamed or resident"},
        {"name: small", "placement: resdient\nname: small",
         "chip.yaml:2:12: error: key 'placement': got 'resdient'; allowed: streamed or resident; "
         "did you mean 'resident'?"},
        {"array:\n", "array:\n  double_buffering: yes\n",
         "chip.yaml:21:21: error: key 'array.double_buffering': got 'yes'; allowed: true or false"},
        {"array:\n", "array:\n  tap_rows: 0\n",
         "chip.yaml:21:13: error: key 'array.tap_rows': got '0', which is zero; allowed: none, or "
         "a whole number from 1 to 65536"},
        {"rescaler: {lanes: 34, depth: 6 cycles}", "rescaler: 5",
         "chip.yaml:27:11: error: key 'rescaler': got '5'; allowed: the keys lanes, depth"},
        {"rescaler: {lanes: 34, depth: 6 cycles}", "rescaler:",
         "chip.yaml:27:1: error: key 'rescaler': got nothing; allowed: the keys lanes, depth"},
        {"rescaler: {lanes: 34, depth: 6 cycles}", "rescaler: [1]",
         "chip.yaml:27:11: error: key 'rescaler': got a list; allowed: the keys lanes, depth"},
    });
}

TEST(HardwareErrors, Keys) {
    expect_errors({
        {"lanes: 32", "lames: 32",
         "chip.yaml:17:3: error: unknown key 'unpack.lames'; did you mean 'unpack.lanes'?"},
        {"unpack:\n", "unpakc:\n",
         "chip.yaml:16:1: error: unknown key 'unpakc'; did you mean 'unpack'?"},
        {"lanes: 32", "lanes: 32\n  colour: red",
         "chip.yaml:18:3: error: unknown key 'unpack.colour'; allowed here: lanes, depth, "
         "read_bandwidth, position"},
        {"name: small", "name: small\nread_bandwidth: 5 B/cycle",
         "chip.yaml:3:1: error: unknown key 'read_bandwidth'; did you mean "
         "'unpack.read_bandwidth'?"},
        {"name: small", "name: small\nlanes: 5",
         "chip.yaml:3:1: error: unknown key 'lanes'; did you mean 'unpack.lanes', 'rescaler.lanes' "
         "or 'vector.lanes'?"},
        {"name: small", "name: small\nname: big",
         "chip.yaml:3:1: error: key 'name' stands here a second time, first in line 2"},
        {"lanes: 32", "lanes: 32\n  lanes: 64",
         "chip.yaml:18:3: error: key 'unpack.lanes' stands here a second time, first in line 17"},
        {"rescaler: {lanes: 34,", "rescaler: {lanes: 34, lanes: 34,",
         "chip.yaml:27:23: error: key 'rescaler.lanes' stands here a second time, first in line "
         "27"},
        {"  lanes: 32\n", "",
         "chip.yaml:17:3: error: missing key 'unpack.lanes'; allowed: a whole number from 2 to "
         "16777216"},
        {"rescaler: {lanes: 34, depth: 6 cycles}\n", "",
         "chip.yaml:1:1: error: missing key 'rescaler'; allowed: the keys lanes, depth"},
        {"lanes: 32", "lanes: {value: 32, soruce: x}",
         "chip.yaml:17:22: error: unknown key 'unpack.lanes.soruce'; did you mean "
         "'unpack.lanes.source'?"},
        {"lanes: 32", "lanes: {value: 32, unit: x}",
         "chip.yaml:17:22: error: unknown key 'unpack.lanes.unit'; allowed here: value, "
         "confidence, source"},
        {"lanes: 32", "lanes: {value: 32, confidence: sure}",
         "chip.yaml:17:34: error: key 'unpack.lanes.confidence': got 'sure'; allowed: published, "
         "derived or assumed"},
        {"lanes: 32", "lanes: {value: 32, source: }",
         "chip.yaml:17:22: error: key 'unpack.lanes.source': got nothing; allowed: one line of "
         "text, up to 1000 bytes"},
        {"lanes: 32", "lanes: {value: 1, source: x}",
         "chip.yaml:17:18: error: key 'unpack.lanes': got '1', which is too small; allowed: a "
         "whole number from 2 to 16777216"},
    });
}

TEST(HardwareErrors, ValuesThatDoNotGoTogether) {
    expect_errors({
        {"burst: 64 B\n",
         "burst: 64 B\n    refresh_period: 100 cycles\n    refresh_duration: 100 cycles\n",
         "chip.yaml:10:23: error: key 'stream.weight.refresh_duration': got 100 cycles, but "
         "stream.weight.refresh_period is only 100 cycles"},
        {"burst: 64 B\n", "burst: 64 B\n    refresh_duration: 1 cycle\n",
         "chip.yaml:9:23: error: key 'stream.weight.refresh_duration': got 1 cycle, but there is "
         "no stream.weight.refresh_period"},
        {"capacity: 64 KiB", "capacity: 63 B",
         "chip.yaml:11:13: error: key 'sram.capacity': got 63 B, less than one round of the banks "
         "(4 banks x 16 B)"},
        {"width: 16 B\n", "width: 16 B\n  interleave: 24 B\n",
         "chip.yaml:14:15: error: key 'sram.interleave': got 24 B, which is no multiple of "
         "sram.width = 16 B"},
        {"read_bandwidth: 64 B/cycle", "read_bandwidth: 129 B/cycle",
         "chip.yaml:19:19: error: key 'unpack.read_bandwidth': got 129 B/cycle, more than SRAM "
         "gives: 4 banks x 16 B x 2 ports = 128 B/cycle"},
        {"read_bandwidth: 64 B/cycle", "read_bandwidth: 0.9 GB/s",
         "chip.yaml:19:19: error: key 'unpack.read_bandwidth': got 900 MB/s, which is 0 B/cycle at "
         "1 GHz; allowed: 1 to 16777216 B/cycle"},
        {"array:\n", "array:\n  tap_rows: 4\n",
         "chip.yaml:21:13: error: key 'array.tap_rows': got 4, which does not divide array.rows = "
         "18"},
        {"bandwidth: 8 GB/s", "bandwidth: 123456789012347 B/s\n    efficiency: 99.9999999 %",
         "chip.yaml:6:16: error: key 'stream.weight.bandwidth': bandwidth x efficiency / clock is "
         "no ratio of 64-bit integers; write rounder numbers"},
    });
}

TEST(HardwareErrors, AllComeAtOnceInTheOrderOfTheFile) {
    std::string text = small_chip_with("clock: 1 GHz", "clock: 1");
    text = replaced(text, "banks: 4", "bansk: 4");
    text = replaced(text, "rows: 18", "rows: 18\n  rows: 19");
    text = replaced(text, "load_bandwidth: 33 B/cycle", "load_bandwidth: []");
    text = replaced(text, "sequencer: {queue_depth: 15, issue_latency: 1 cycle}\n", "");
    EXPECT_THAT(
        errors_of(text),
        ElementsAre(HasSubstr("chip.yaml:1:1: error: missing key 'sequencer'"),
                    HasSubstr("chip.yaml:3:8: error: key 'clock'"),
                    HasSubstr("chip.yaml:12:3: error: unknown key 'sram.bansk'"),
                    HasSubstr("chip.yaml:23:3: error: key 'array.rows' stands here a second"),
                    HasSubstr("chip.yaml:25:19: error: key 'array.load_bandwidth': got a list")));
}

TEST(HardwareErrors, LongAndStrangeTextIsShownShort) {
    EXPECT_THAT(
        errors_of(small_chip_with("lanes: 32", "lanes: \"\\e[31m" + std::string(200, 'x') + "\"")),
        ElementsAre("chip.yaml:17:10: error: key 'unpack.lanes': got '\\x1b[31m" +
                    std::string(55, 'x') +
                    "...', which is not a number; allowed: a whole number from 2 to 16777216"));
}

TEST(Provenance, ListsEveryKeyWithItsSource) {
    const HardwareConfig config = load(small_chip_with(
        "lanes: 32", "lanes: {value: 32, confidence: derived, source: \"a, b: c\"}"));
    EXPECT_EQ(config.provenance.size(), 48U);
    const auto entry = [&](const std::string& key) {
        for (const Provenance& p : config.provenance) {
            if (p.key == key) return p;
        }
        return Provenance{};
    };
    EXPECT_EQ(config.provenance.front().key, "placement");
    EXPECT_EQ(entry("unpack.lanes").value, "32");
    EXPECT_EQ(entry("unpack.lanes").confidence, Confidence::Derived);
    EXPECT_EQ(entry("unpack.lanes").source, "a, b: c");
    EXPECT_EQ(entry("clock").value, "1 GHz");
    EXPECT_EQ(entry("clock").confidence, Confidence::Assumed);
    EXPECT_EQ(entry("clock").source, "");
    EXPECT_EQ(entry("stream.weight.efficiency").value, "100 %");
    EXPECT_EQ(entry("stream.weight.efficiency").source, "default");
    EXPECT_EQ(entry("sram.interleave").value, "16 B");
    EXPECT_EQ(entry("array.double_buffering").value, "true");
}

TEST(Overrides, ReplaceAnyKeyByItsPath) {
    const HardwareConfig config = load(kSmallChip, {{"unpack.lanes", "128"},
                                                    {"stream.weight.bandwidth", "16 GB/s"},
                                                    {"array.tap_rows", "9"},
                                                    {"vector.norm.latency", "77 cycles"}});
    EXPECT_EQ(config.chip.unpack_unit.lanes, 128U);
    EXPECT_EQ(config.chip.weight_stream.rate.ratio, (Fraction{16, 1}));
    EXPECT_EQ(config.chip.mac_array.tap_rows, 9U);
    EXPECT_EQ(config.chip.vector_unit.of(isa::VectorClass::Norm).latency, Cycles(77));
    for (const Provenance& entry : config.provenance) {
        EXPECT_EQ(entry.source == "override",
                  entry.key == "unpack.lanes" || entry.key == "stream.weight.bandwidth" ||
                      entry.key == "array.tap_rows" || entry.key == "vector.norm.latency")
            << entry.key;
    }
}

TEST(Overrides, ErrorsNameTheKey) {
    const auto error_of = [](const Override& change) -> std::string {
        try {
            load(kSmallChip, {change});
        } catch (const ConfigError& e) {
            const std::string text = e.what();
            const std::size_t file = text.find("chip.yaml");
            return file == std::string::npos ? text : text.substr(file);
        }
        return "good";
    };
    EXPECT_EQ(error_of({"unpack.lanes", "128 B"}),
              "chip.yaml: error: key 'unpack.lanes': got '128 B', but a plain number has no unit "
              "such as 'B'; allowed: a whole number from 2 to 16777216");
    EXPECT_EQ(error_of({"unpack.lames", "128"}),
              "chip.yaml: error: unknown key 'unpack.lames'; did you mean 'unpack.lanes'?");
    EXPECT_EQ(
        error_of({"clock.speed", "128"}),
        "chip.yaml: error: unknown key 'clock.speed'; allowed here: value, confidence, source");
    EXPECT_EQ(error_of({"unpack", "128"}),
              "chip.yaml: error: key 'unpack': got '128'; allowed: the keys lanes, depth, "
              "read_bandwidth, position");
    EXPECT_EQ(error_of({"", "128"}),
              "chip.yaml: error: unknown key ''; allowed here: kind, name, description, placement, "
              "clock, stream, sram, unpack, array, rescaler, vector, sequencer");
    EXPECT_EQ(error_of({"kind", "format"}),
              "chip.yaml: error: key 'kind': got 'format', but a hardware file is wanted here");
    EXPECT_EQ(error_of({"unpack.lanes", ""}),
              "chip.yaml: error: key 'unpack.lanes': got nothing; allowed: a whole number from 2 "
              "to 16777216");
    EXPECT_EQ(error_of({"unpack.lanes", "a: b: c"}),
              "unpack.lanes=a: b: c:1:5: error: is not valid YAML: illegal map value");
}

TEST(EffectiveJson, IsAFileThatGivesTheSameConfiguration) {
    std::string text = small_chip_with("clock: 1 GHz", "clock: 0.9155 GHz\ndescription: prose");
    text = replaced(text, "width: 16 B\n", "width: 16 B\n  interleave: 32 B\n");
    const HardwareConfig config = load(text);
    const std::string json = effective_json(config).dump();
    const HardwareConfig again = load(json);
    EXPECT_EQ(effective_json(again).dump(), json);
    EXPECT_EQ(again.chip.weight_stream.rate.ratio, config.chip.weight_stream.rate.ratio);
    EXPECT_EQ(again.chip.sram_banks.interleave_words, 2U);
    EXPECT_EQ(effective_json(config).at("sram").at("interleave"), "32 B");
    EXPECT_FALSE(effective_json(config).contains("description"));
    // Comments, order, spelling and annotations are not part of the configuration.
    const std::string respelled =
        replaced(replaced(text, "clock: 0.9155 GHz", "clock: {value: 915500 kHz}"),
                 "capacity: 64 KiB", "capacity: 65536 B  # the same");
    EXPECT_EQ(effective_json(load(respelled)).dump(), json);
}

}  // namespace
}  // namespace lpusim
