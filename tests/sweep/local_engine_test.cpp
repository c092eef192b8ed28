#include "sim/sweep/local_engine.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/platform/simulate.h"
#include "sim/result/content_hash.h"
#include "sim/result/result_json.h"
#include "tests/support/address_sanitizer.h"
#include "tests/support/subprocess.h"
#include "tests/sweep/sweep_support.h"

namespace lpusim {
namespace {

using testing::HasSubstr;

std::string exported(const std::string& store, const std::string& format) {
    const Finished finished = run_tool({"results", "export", store, format});
    EXPECT_EQ(finished.exit_code, 0) << finished.errors;
    return finished.output;
}

TEST(LocalEngine, ComputesWhatOneRunComputes) {
    const ScratchFolder folder;
    const std::string path = folder.file("s.sqlite");
    run_locally(toy_plan("axes: {format: [int4-g64, w3p5-g64]}\n"), path);
    const Finished run =
        run_tool({"run", "--hardware", "test-chip", "--model", "tests/app/data/toy.yaml",
                  "--context", "32", "--format", "int4-g64,w3p5-g64", "--json", "-"});
    ASSERT_EQ(run.exit_code, 0) << run.errors;
    std::vector<Point> expected;
    const Json document = Json::parse(run.output);
    for (const Json& point : document.at("points")) {
        expected.push_back(point_from_json(point));
    }
    std::size_t i = 0;
    ResultStore::open(path).for_each_point([&](const Point& point) {
        ASSERT_LT(i, expected.size());
        EXPECT_EQ(to_json(point), to_json(expected[i++]));
    });
    EXPECT_EQ(i, 2U);
}

TEST(LocalEngine, ResultsDoNotDependOnJobsShardsOrOrder) {
    const ScratchFolder folder;
    const SweepPlan plan = toy_plan(kSmallGrid);
    run_locally(plan, folder.file("one.sqlite"), 1);
    run_locally(plan, folder.file("three.sqlite"), 3);
    run_locally(plan, folder.file("b.sqlite"), 2, {1, 2});
    run_locally(plan, folder.file("a.sqlite"), 1, {0, 2});
    const Finished merged = run_tool({"results", "merge", folder.file("merged.sqlite"),
                                      folder.file("b.sqlite"), folder.file("a.sqlite")});
    ASSERT_EQ(merged.exit_code, 0) << merged.errors;
    for (const char* format : {"--csv", "--json"}) {
        const std::string expected = exported(folder.file("one.sqlite"), format);
        EXPECT_EQ(exported(folder.file("three.sqlite"), format), expected);
        EXPECT_EQ(exported(folder.file("merged.sqlite"), format), expected);
    }
}

TEST(LocalEngine, APointThatCannotBeSimulatedIsARowWithItsReason) {
    const ScratchFolder folder;
    const std::string path = folder.file("s.sqlite");
    // 2 KiB hold no buffers, and 8 banks of 16 words of 1 KiB are more than 64 KiB.
    const SweepPlan plan = toy_plan("format: int4-g64\naxes: {sram.capacity: [2 KiB, 1 MiB]}\n");
    const QuietObserver observer = run_locally(plan, path);
    EXPECT_EQ(observer.failed(), 1U);
    std::vector<StoredRow> rows;
    ResultStore::open(path).for_each_row([&](const StoredRow& row) { rows.push_back(row); });
    ASSERT_EQ(rows.size(), 2U);
    ASSERT_TRUE(rows[0].stored.failure.has_value());
    EXPECT_EQ(rows[0].stored.failure->cause, FailureCause::Inputs);
    EXPECT_THAT(rows[0].stored.failure->reason, HasSubstr("SRAM"));
    EXPECT_EQ(rows[0].stored.point.inputs.content_hash, content_hash(rows[0].stored.point.inputs));
    EXPECT_FALSE(rows[1].stored.failure.has_value());
}

TEST(LocalEngine, WhatIsThereIsNotComputedAgain) {
    const ScratchFolder folder;
    const std::string path = folder.file("s.sqlite");
    const SweepPlan plan = toy_plan(kSmallGrid);
    EXPECT_EQ(run_locally(plan, path, 2, {0, 3}).missing(), 4U);
    const QuietObserver rest = run_locally(plan, path);
    EXPECT_EQ(rest.total(), 12U);
    EXPECT_EQ(rest.missing(), 8U);
    EXPECT_EQ(run_locally(plan, path).missing(), 0U);
    // Another sweep that shares points finds them, too.
    std::string text = toy_sweep(
        "format: int4-g64\nset: {sram.capacity: 1 MiB}\naxes: {unpack.lanes: [32, 48]}\n");
    text.replace(text.find("name: toy"), 9, "name: other");
    const SweepPlan other(parse_sweep(text, "other.yaml"));
    EXPECT_EQ(run_locally(other, path).missing(), 1U);
    int rows = 0;
    ResultStore::open(path).for_each_row([&](const StoredRow& /*row*/) { ++rows; });
    EXPECT_EQ(rows, 14);
    EXPECT_EQ(ResultStore::open(path).point_count() + ResultStore::open(path).failure_count(), 13U);
}

TEST(LocalEngine, MemoryThatASimulationMayNotHaveIsAReason) {
    const ScratchFolder folder;
    const std::string path = folder.file("s.sqlite");
    LocalEngineOptions options = local_options(1);
    // Less than the program itself takes.
    options.memory_bytes = 1'000'000;
    QuietObserver observer;
    ResultStore store = ResultStore::open_or_create(path);
    const SweepPlan plan = toy_plan("format: int4-g64\n");
    LocalEngine(options).run(plan, {}, store, observer);
    EXPECT_EQ(observer.failed(), 1U);
    store.for_each_row([&](const StoredRow& row) {
        ASSERT_TRUE(row.stored.failure.has_value());
        // The sanitizer itself ends what gets no memory.
        EXPECT_EQ(row.stored.failure->cause,
                  test::kAddressSanitizer ? FailureCause::Crash : FailureCause::Memory)
            << row.stored.failure->reason;
    });
    // It is tried again without the limit.
    options.memory_bytes = 0;
    LocalEngine(options).run(plan, {}, store, observer);
    EXPECT_EQ(observer.failed(), 0U);
    EXPECT_EQ(store.point_count(), 1U);
    EXPECT_EQ(store.failure_count(), 0U);
}

const char* const kSearch =
    "format: w3p5-g64\n"
    "axes: {batch: [1, 2]}\n"
    "search:\n"
    "  key: stream.weight.bandwidth\n"
    "  from: 100 MB/s\n"
    "  to: 1 TB/s\n"
    "  that: speed_up < 1.01\n"
    "  against: {format: int4-g64}\n";

TEST(LocalEngine, SearchesEndWhereTheConditionChanges) {
    const ScratchFolder folder;
    const std::string path = folder.file("s.sqlite");
    const SweepPlan plan = toy_plan(kSearch);
    run_locally(plan, path, 3);
    const std::vector<FindingRow> findings = ResultStore::open(path).findings();
    ASSERT_EQ(findings.size(), 2U);
    for (const FindingRow& row : findings) {
        ASSERT_TRUE(row.finding.value.has_value()) << row.finding.text;
        // The probes next to it tell that it changes there, within 1 %.
        std::map<std::uint64_t, std::map<std::uint32_t, std::uint64_t>> cycles;
        ResultStore::open(path).for_each_row([&](const StoredRow& probe) {
            if (probe.place.ordinal != row.ordinal) return;
            cycles[probe.place.probe][probe.place.variant] = probe.stored.point.cycles.count();
        });
        const auto found = cycles.find(*row.finding.value);
        ASSERT_NE(found, cycles.end());
        ASSERT_NE(found, cycles.begin());
        const auto below = std::prev(found);
        const auto gain = [](const std::map<std::uint32_t, std::uint64_t>& pair) {
            return static_cast<double>(pair.at(1)) / static_cast<double>(pair.at(0));
        };
        EXPECT_LT(gain(found->second), 1.01);
        EXPECT_GE(gain(below->second), 1.01);
        EXPECT_LE(static_cast<double>(found->first), 1.01 * static_cast<double>(below->first) + 1);
    }
    // Once more, and in shards: the same, and nothing new is computed.
    const std::string before = exported(path, "--json");
    run_locally(plan, path, 1);
    EXPECT_EQ(exported(path, "--json"), before);
    run_locally(plan, folder.file("a.sqlite"), 1, {0, 2});
    run_locally(plan, folder.file("b.sqlite"), 2, {1, 2});
    run_tool({"results", "merge", folder.file("m.sqlite"), folder.file("a.sqlite"),
              folder.file("b.sqlite")});
    EXPECT_EQ(exported(folder.file("m.sqlite"), "--json"), before);
}

TEST(LocalEngine, ASearchHasNoRowsOfFilesThatHaveChanged) {
    const ScratchFolder folder;
    const std::string hardware = folder.file("chip.yaml");
    const std::string original = content_of(LPUSIM_SOURCE_DIR "/configs/hardware/test-chip.yaml");
    const std::string sweep =
        "kind: sweep\nname: toy\nhardware: " + hardware +
        "\nmodel: " LPUSIM_SOURCE_DIR "/tests/app/data/toy.yaml\ncontext: 32\n" + kSearch;
    const auto run = [&](const std::string& chip, const std::string& store) {
        std::ofstream(hardware) << chip;
        run_locally(SweepPlan(parse_sweep(sweep, "toy.yaml")), store);
    };
    const std::string lanes = "lanes: {value: 32,";
    std::string changed = original;
    changed.replace(changed.find(lanes), lanes.size(), "lanes: {value: 8,");
    const std::string path = folder.file("s.sqlite");
    run(original, path);
    run(changed, path);
    run(changed, folder.file("fresh.sqlite"));
    EXPECT_EQ(exported(path, "--json"), exported(folder.file("fresh.sqlite"), "--json"));
}

}  // namespace
}  // namespace lpusim
