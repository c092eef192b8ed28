// The envelope of what has been validated is what this file simulates: each setting at both ends of
// its range, the others small. A result that lies outside says so (docs/validation.md).

#include "sim/platform/tested_ranges.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/compiler/bounds.h"
#include "sim/config/data_files.h"
#include "sim/config/load.h"
#include "tests/support/chip_run.h"

namespace lpusim::test {
namespace {

using testing::IsEmpty;

constexpr std::uint64_t kTokens = 2;
/// Longer runs are not repeated cycle by cycle.
constexpr std::uint64_t kShortRun = 20'000;

/// Two small layers with groups, pairs and tiles that do not fit each other.
Model small_model() {
    Model model;
    model.name = "small";
    model.hidden = 24;
    model.intermediate = 40;
    model.layers = 2;
    model.heads = 4;
    model.kv_heads = 2;
    model.head_dim = 8;
    model.vocab = 50;
    model.max_positions = 1U << 20U;
    return model;
}

/// What else a setting needs so that its value is legal, or matters.
Overrides needed_for(const std::string& key, std::uint64_t value) {
    if (key == "stream.weight.refresh_duration" && value > 0) {
        return {{"stream.weight.refresh_period", "2000 cycles"}};
    }
    // A wide read needs as many words, and a wide word is a wide interleave.
    if (key == "unpack.read_bandwidth" && value > 64) {
        return {{"sram.banks", "64"}, {"sram.width", "2 KiB"}, {"sram.interleave", "2 KiB"}};
    }
    if (key == "sram.width") {
        return {{"sram.interleave", std::to_string(value) + " B"},
                {"unpack.read_bandwidth", "1 B/cycle"}};
    }
    if (key == "sram.banks" && value == 1) return {{"unpack.read_bandwidth", "16 B/cycle"}};
    if (key == "array.rows") return {{"array.tap_rows", "1"}};
    return {};
}

/// As a file would say it.
std::string written(const TestedRange& range, std::uint64_t value) {
    if (range.unit == "B per 1000 cycles") return std::to_string(value) + " MB/s";  // at 1 GHz
    if (range.unit == "words") return std::to_string(value * 16) + " B";
    return range.unit.empty() ? std::to_string(value) : std::to_string(value) + " " + range.unit;
}

void set_workload(SimulationInput& input, const std::string& key, std::uint32_t value) {
    Model& model = input.model;
    const std::map<std::string, std::uint32_t*> members = {{"hidden", &model.hidden},
                                                           {"intermediate", &model.intermediate},
                                                           {"layers", &model.layers},
                                                           {"heads", &model.heads},
                                                           {"kv_heads", &model.kv_heads},
                                                           {"head_dim", &model.head_dim},
                                                           {"vocab", &model.vocab},
                                                           {"--batch", &input.scenario.batch},
                                                           {"--context", &input.scenario.context}};
    if (key == "group_size") {
        const std::string group = value == 0 ? "column" : std::to_string(value);
        const std::string per = value == 0 ? "column" : "group";
        input.format =
            load_format(find_file(FileKind::Format, "w3p5-g64"),
                        {{"group_size", group}, {"scales", "[{per: " + per + ", bits: 16}]"}});
        return;
    }
    *members.at(key) = value;
    if (key == "heads") model.kv_heads = 1;
    if (key == "kv_heads") model.heads = value;
}

bool is_of_workload(const std::string& key) {
    return key == "group_size" || key.find('.') == std::string::npos;
}

SimulationInput input_with(const TestedRange& range, std::uint64_t value) {
    Overrides changes;
    if (!is_of_workload(range.key)) {
        changes = needed_for(range.key, value);
        changes.push_back({range.key, written(range, value)});
    }
    if (range.key != "sram.capacity") changes.push_back({"sram.capacity", "64 MiB"});
    changes.push_back({"array.accumulator_vectors", "1024"});

    SimulationInput input;
    input.hardware = load_hardware(find_file(FileKind::Hardware, "test-chip"), changes);
    input.model = small_model();
    const bool fp16 = range.key == "array.fp16_cycles_per_vector";
    input.format = load_format(find_file(FileKind::Format, fp16 ? "fp16" : "w3p5-g64-z8"));
    input.scenario.batch = 2;
    input.scenario.context = 9;
    if (is_of_workload(range.key)) {
        set_workload(input, range.key, static_cast<std::uint32_t>(value));
    }
    return input;
}

struct End {
    const TestedRange* range;
    std::uint64_t value;

    friend std::ostream& operator<<(std::ostream& out, const End& end) {
        return out << end.range->key << " = " << end.value;
    }
};

std::vector<End> ends() {
    std::vector<End> ends;
    for (const TestedRange& range : tested_ranges()) {
        ends.push_back({&range, range.least});
        ends.push_back({&range, range.most});
    }
    return ends;
}

class RangeEnd : public testing::TestWithParam<End> {};

/// The laws hold, and no way of clocking changes a count.
TEST_P(RangeEnd, KeepsTheLaws) {
    const SimulationInput input = input_with(*GetParam().range, GetParam().value);
    ASSERT_EQ(GetParam().range->value(input), GetParam().value);
    ASSERT_THAT(untested_settings(input), IsEmpty());

    const ChipParams& params = input.hardware.chip;
    const CompiledProgram compiled = compile(params, input.hardware.placement, input.model,
                                             input.format, input.scenario, kTokens);
    ChipRun sleeping(params, compiled.program, Clocking::Sleeping);
    const std::uint64_t end = sleeping.run();
    sleeping.settle(end);
    ASSERT_TRUE(sleeping.finished()) << sleeping.stalls();

    const Work& work = compiled.work;
    for (const LowerBound& bound : lower_bounds(work, params)) {
        EXPECT_GE(end, kTokens * bound.cycles.count()) << bound.name;
    }
    const LpuChip& chip = sleeping.chip();
    EXPECT_EQ(chip.weight_stream().stats().delivered_bytes, kTokens * work.stream_total().count());
    EXPECT_EQ(chip.unpack_unit().stats().weights, kTokens * work.unpacked_weights.count());
    EXPECT_EQ(chip.mac_array().stats().port_bytes, kTokens * work.port_bytes.count());
    EXPECT_EQ(chip.mac_array().stats().useful_macs, kTokens * work.useful_macs);
    EXPECT_EQ(chip.rescaler().stats().rescales, kTokens * work.rescales);
    EXPECT_EQ(chip.vector_unit().stats().beats, kTokens * work.vector_beats.count());

    std::uint64_t skipped = 0;
    ChipRun fast(params, compiled.program, Clocking::Sleeping);
    const std::uint64_t fast_end = fast.run_fast_forward(skipped);
    EXPECT_EQ(fast_end, end);
    fast.settle(end);
    EXPECT_EQ(differences(sleeping.counts(), fast.counts()), "");

    if (end > kShortRun) return;
    ChipRun every_cycle(params, compiled.program, Clocking::EveryCycle);
    const std::uint64_t longest = std::max(end, every_cycle.run());
    sleeping.settle(longest);
    every_cycle.settle(longest);
    EXPECT_EQ(differences(sleeping.counts(), every_cycle.counts()), "");
}

INSTANTIATE_TEST_SUITE_P(Of, RangeEnd, testing::ValuesIn(ends()), [](const auto& instance) {
    std::string name = instance.param.range->key + "_" + std::to_string(instance.param.value);
    for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    return name;
});

TEST(TestedRanges, WhatLiesOutsideIsNamedWithItsRange) {
    SimulationInput input = input_with(tested_ranges().front(), 1000);
    ASSERT_THAT(untested_settings(input), IsEmpty());
    input.hardware =
        load_hardware(find_file(FileKind::Hardware, "test-chip"),
                      {{"array.rows", "2048"}, {"stream.weight.latency", "5000 cycles"}});
    input.scenario.batch = 1025;
    const std::vector<Untested> settings = untested_settings(input);
    ASSERT_EQ(settings.size(), 3U);
    EXPECT_EQ(settings[0].key, "stream.weight.latency");
    EXPECT_EQ(settings[0].value, "5000 cycles");
    EXPECT_EQ(settings[0].tested, "0 to 1000");
    EXPECT_EQ(settings[1].key, "array.rows");
    EXPECT_EQ(settings[1].value, "2048");
    EXPECT_EQ(settings[2].key, "--batch");
    EXPECT_EQ(settings[2].value, "1025");
}

TEST(TestedRanges, HoldEverythingThatIsShipped) {
    SimulationInput input;
    for (const ShippedFile& hardware : shipped_files(FileKind::Hardware)) {
        input.hardware = load_hardware(hardware.path);
        for (const ShippedFile& model : shipped_files(FileKind::Model)) {
            input.model = load_model(model.path);
            for (const ShippedFile& format : shipped_files(FileKind::Format)) {
                input.format = load_format(format.path);
                EXPECT_TRUE(untested_settings(input).empty())
                    << untested_settings(input).front().key << " of " << hardware.name << ", "
                    << model.name << ", " << format.name;
            }
        }
        // What a sensitivity analysis does to a chip.
        for (const TestedRange& range : tested_ranges()) {
            if (is_of_workload(range.key)) continue;
            const std::uint64_t value = range.value(input);
            EXPECT_LE(2 * value, range.most) << range.key << " of " << hardware.name;
        }
    }
}

// The table is generated: on failure, put tested_ranges_table() into the page.
TEST(TestedRanges, AreThoseOfTheDocumentation) {
    std::ostringstream page;
    page << std::ifstream(LPUSIM_SOURCE_DIR "/docs/validation.md").rdbuf();
    EXPECT_THAT(page.str(), testing::HasSubstr("\n\n" + tested_ranges_table() + "\n"));
}

}  // namespace
}  // namespace lpusim::test
