#include "sim/sweep/sweep_file.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/config/data_files.h"
#include "sim/sweep/sweep_plan.h"

namespace lpusim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kBase =
    "kind: sweep\n"
    "name: test\n"
    "hardware: test-chip\n"
    "model: tinyllama-1.1b\n";

SweepFile read(const std::string& text) { return parse_sweep(text, "s.yaml"); }

std::vector<std::string> errors_in(const std::string& text) {
    try {
        read(text);
    } catch (const ConfigError& e) {
        return e.errors();
    }
    return {};
}

std::vector<std::string> values_of(const std::string& axis) {
    const SweepFile sweep = read(kBase + "format: int4-g64\naxes:\n  " + axis + "\n");
    std::vector<std::string> texts;
    texts.reserve(sweep.axes.at(0).values.size());
    for (const SweepValue& value : sweep.axes.at(0).values) texts.push_back(value.text);
    return texts;
}

TEST(SweepFile, SeriesOfValues) {
    EXPECT_THAT(values_of("batch: [1, 2, 5]"), ElementsAre("1", "2", "5"));
    EXPECT_THAT(values_of("batch: {pow2: [1, 9]}"), ElementsAre("1", "2", "4", "8"));
    EXPECT_THAT(values_of("sram.capacity: {pow2: [16 MiB, 64 MiB]}"),
                ElementsAre("16 MiB", "32 MiB", "64 MiB"));
    EXPECT_THAT(values_of("stream.weight.bandwidth: {log: [10 GB/s, 1 TB/s], points: 5}"),
                ElementsAre("10 GB/s", "31.62 GB/s", "100 GB/s", "316.2 GB/s", "1 TB/s"));
    EXPECT_THAT(values_of("unpack.lanes: {linear: [10, 20], points: 3}"),
                ElementsAre("10", "15", "20"));
    EXPECT_THAT(values_of("stream.weight.efficiency: {linear: [50 %, 100 %], points: 3}"),
                ElementsAre("50 %", "75 %", "100 %"));
    // Rounding to whole numbers makes no value twice.
    EXPECT_THAT(values_of("batch: {log: [1, 4], points: 9}"), ElementsAre("1", "2", "3", "4"));
    EXPECT_THAT(values_of("placement: [streamed, resident]"), ElementsAre("streamed", "resident"));
    EXPECT_THAT(values_of("code.fields: [[4, 3], [4]]"), ElementsAre("[4, 3]", "[4]"));
}

TEST(SweepFile, AllErrorsComeAtOnceWithTheirPlace) {
    EXPECT_THAT(
        errors_in("kind: sweep\n"
                  "name: test\n"
                  "hardware: test-chp\n"
                  "format: int4-g64\n"
                  "axes:\n"
                  "  unpack.lane: [1, 2]\n"
                  "  batch: [0]\n"
                  "  stream.weight.bandwidth: {log: [1 GB/s, 2 GB], points: 3}\n"
                  "  unpack.depth: [1 cycle, 1 cycle]\n"
                  "when: bathc > 1\n"),
        ElementsAre(
            "s.yaml:1:1: error: missing key 'model'; allowed: a file, or the name of a "
            "shipped one, here or as an axis",
            HasSubstr("s.yaml:3:11: error: unknown hardware 'test-chp'"),
            "s.yaml:6:3: error: unknown key 'unpack.lane'; did you mean 'unpack.lanes'?",
            "s.yaml:7:11: error: axis 'batch': got '0', which is zero; allowed: a whole "
            "number from 1 to 65536",
            "s.yaml:8:34: error: axis 'stream.weight.bandwidth': 1 GB/s and 2 GB are not of "
            "one kind",
            "s.yaml:9:27: error: axis 'unpack.depth': '1 cycle' stands there twice",
            "s.yaml:10:7: error: key 'when': 'bathc > 1': unknown name 'bathc'; did you "
            "mean 'batch'?"));
}

std::string error_with(const std::string& more) {
    const std::vector<std::string> errors = errors_in(kBase + "format: int4-g64\n" + more);
    return errors.empty() ? "no error" : errors.front();
}

TEST(SweepFile, SaysWhatIsWrongWithKeysAndSeries) {
    EXPECT_THAT(error_with("axes: {lanes: [1]}"),
                HasSubstr("did you mean 'unpack.lanes', 'rescaler.lanes' or 'vector.lanes'?"));
    EXPECT_THAT(error_with("axes: {format: [int8]}"), HasSubstr("is an axis, too"));
    EXPECT_THAT(error_with("axes: {name: [a]}"), HasSubstr("unknown key 'name'"));
    EXPECT_THAT(error_with("axes: {batch: {logg: [1, 2], points: 2}}"),
                HasSubstr("unknown key 'logg'; did you mean 'log'?"));
    EXPECT_THAT(error_with("axes: {batch: {log: [1, 2]}}"),
                HasSubstr("lacks its number of points"));
    EXPECT_THAT(error_with("axes: {batch: {log: [2, 1], points: 3}}"),
                HasSubstr("ends above its begin"));
    EXPECT_THAT(error_with("axes: {batch: {log: [1, 2], points: 1}}"),
                HasSubstr("allowed: a whole number from 2"));
    EXPECT_THAT(error_with("axes: {batch: 3}"), HasSubstr("allowed: a list of values"));
    EXPECT_THAT(error_with("axes: {batch: []}"), HasSubstr("has no values"));
    EXPECT_THAT(error_with("axes: {batch: [1, 2]}\nzip: [[batch, context]]"),
                HasSubstr("got 'context'; allowed: axes"));
    EXPECT_THAT(error_with("axes: {batch: [1, 2], context: [1, 2, 3]}\nzip: [[batch, context]]"),
                HasSubstr("axis 'context' has 3 values, and 'batch' 2"));
    EXPECT_THAT(error_with("axes: {batch: {linear: [1, 60000], points: 60000}, context: {linear: "
                           "[1, 60000], points: 60000}}"),
                HasSubstr("more than 10000000 points"));
    EXPECT_THAT(error_with("set: {unpack.lanes: 0}"), HasSubstr("allowed: a whole number from 2"));
    EXPECT_THAT(error_with("set: {unpack.lanes: 8}\naxes: {unpack.lanes: [8]}"),
                HasSubstr("is an axis, too"));
    EXPECT_THAT(error_with("axes: {unpack.lanes: [8], hardware.unpack.lanes: [16]}"),
                HasSubstr("key 'axes.hardware.unpack.lanes': is the axis 'unpack.lanes' again"));
    EXPECT_THAT(error_with("set: {unpack.lanes: 8, hardware.unpack.lanes: 16}"),
                HasSubstr("key 'set.hardware.unpack.lanes': is 'unpack.lanes' again"));
    EXPECT_THAT(error_with("set: {hardware.unpack.lanes: 8}\nsearch: {key: unpack.lanes, from: 2, "
                           "to: 5, that: cycles > 1}"),
                HasSubstr("key 'set.hardware.unpack.lanes': is searched over, too"));
    EXPECT_THAT(error_with("axes: {hardware.unpack.lanes: [8]}\nsearch: {key: unpack.lanes, from: "
                           "2, to: 5, that: cycles > 1}"),
                HasSubstr("key 'search.key': is an axis, too"));
    EXPECT_THAT(error_with("axes: {stream.weight.bandwidth: [80 GB/s, 80000 MB/s]}"),
                HasSubstr("'80000 MB/s' is the same as '80 GB/s'"));
    EXPECT_THAT(error_with("axes: {stream.weight.bandwidth: [1 GB/s, 2 GB/s]}\nwhen: 100 > "
                           "stream.weight.bandwidth"),
                HasSubstr("a number without a unit is compared with a bandwidth (B/s"));
    EXPECT_THAT(error_with("axes: {stream.weight.bandwidth: [1 GB/s, 2 GB/s]}\nwhen: "
                           "stream.weight.bandwidth > 1 GHz"),
                HasSubstr("a bandwidth (B/s"));
    EXPECT_THAT(error_with("axes: {batch: [1, 2]}\nwhen: batch > 1 GB"),
                HasSubstr("a number without a unit is compared with a size (B"));
    EXPECT_THAT(error_with("search: {key: stream.weight.bandwidth, from: 1 GB/s, to: 1 TB/s, that: "
                           "stream.weight.bandwidth > 5}"),
                HasSubstr("is compared with a number without a unit"));
    EXPECT_EQ(error_with("axes: {stream.weight.bandwidth: [1 GB/s, 2 GB/s], "
                         "stream.weight.efficiency: [50 %, 100 %]}\nwhen: stream.weight.bandwidth "
                         "> 0 and stream.weight.efficiency > 0.7 and stream.weight.bandwidth / 2 > "
                         "5"),
              "no error");
    EXPECT_THAT(error_with("axes: {batch: [1, 2], context: [1, 2]}\nzip: [[batch, batch]]"),
                HasSubstr("key 'zip': has 'batch' twice"));
    EXPECT_THAT(error_with("serach: {key: batch}"), HasSubstr("unknown key 'serach'"));
    EXPECT_THAT(error_with("search: {from: 1}"), HasSubstr("missing key 'search.key'"));
    EXPECT_THAT(error_with("search: {key: unpack.lanes, from: 1, to: 5, that: batch > 1}"),
                HasSubstr("key 'search.from': got '1', which is too small"));
    EXPECT_THAT(error_with("search: {key: placement, from: streamed, to: resident, that: cycles > "
                           "1}"),
                HasSubstr("which is no number"));
    EXPECT_THAT(error_with("search: {key: unpack.lanes, from: 2, to: 5, that: speed_up > 1}"),
                HasSubstr("unknown name 'speed_up'"));
    EXPECT_THAT(error_with("pareto: {maximise: [tokens_per_sec]}"),
                HasSubstr("did you mean 'tokens_per_second'"));
}

TEST(SweepFile, FilesMayStandBesideIt) {
    const SweepFile sweep = parse_sweep(
        "kind: sweep\nname: t\nhardware: test-chip.yaml\nmodel: llama2-7b\nformat: int8\n",
        data_directory() / "configs/hardware/s.yaml");
    EXPECT_EQ(sweep.hardware.filename(), "test-chip.yaml");
}

TEST(SweepPlan, CombinesAxesTheFirstVariesSlowest) {
    const SweepPlan plan(read(kBase + "format: int4-g64\n"
                                      "axes:\n"
                                      "  unpack.lanes: [64, 128]\n"
                                      "  batch: [1, 2, 3]\n"));
    ASSERT_EQ(plan.size(), 6U);
    std::vector<std::string> axes;
    axes.reserve(plan.size());
    for (std::uint64_t i = 0; i < plan.size(); ++i) axes.push_back(plan.point(i)->place.axes_json);
    EXPECT_EQ(axes[0], R"({"unpack.lanes":64,"batch":1})");
    EXPECT_EQ(axes[1], R"({"unpack.lanes":64,"batch":2})");
    EXPECT_EQ(axes[3], R"({"unpack.lanes":128,"batch":1})");
    const PlannedPoint point = *plan.point(5);
    EXPECT_EQ(point.scenario.batch, 3U);
    EXPECT_EQ(point.hardware.overrides.at(0).key, "unpack.lanes");
    EXPECT_EQ(point.hardware.overrides.at(0).value, "128");
}

TEST(SweepPlan, ZipsAndLeavesOut) {
    const SweepPlan plan(read(kBase + "axes:\n"
                                      "  batch: [1, 2, 4]\n"
                                      "  format: [int4-g64, w3p5-g64]\n"
                                      "  context: [512, 256, 128]\n"
                                      "zip: [[batch, context]]\n"
                                      "when: not (batch == 4 and format == 'w3p5-g64')\n"));
    ASSERT_EQ(plan.size(), 6U);
    EXPECT_EQ(plan.count({}), 5U);
    EXPECT_EQ(plan.point(2)->place.axes_json, R"({"batch":2,"format":"int4-g64","context":256})");
    EXPECT_FALSE(plan.point(5).has_value());
    EXPECT_EQ(plan.count({0, 2}) + plan.count({1, 2}), 5U);
}

TEST(SweepPlan, RequestsDifferWhenAnythingDoes) {
    std::set<RequestKey> keys;
    const auto add = [&](const std::string& more) {
        const SweepPlan plan(read(kBase + more));
        for (std::uint64_t i = 0; i < plan.size(); ++i) {
            EXPECT_TRUE(keys.insert(plan.point(i)->place.request).second) << more << i;
        }
    };
    add("format: int4-g64\n");
    add("axes: {format: [w3p5-g64, int8]}\n");
    add("format: int4-g64\naxes: {batch: [2, 4], unpack.lanes: [64, 128]}\n");
    add("format: int4-g64\nkv_bits: 16\n");
    add("format: int4-g64\nset: {unpack.depth: 3 cycles}\n");
}

TEST(SweepPlan, RequestsDoNotDependOnHowTheSweepIsWritten) {
    const SweepPlan a(read(kBase + "format: int4-g64\naxes: {batch: [2], unpack.lanes: [64]}\n"));
    const SweepPlan b(read(kBase + "batch: 2\nset: {unpack.lanes: 64}\naxes: {format: "
                                   "[int4-g64]}\n"));
    EXPECT_EQ(a.point(0)->place.request, b.point(0)->place.request);
}

TEST(SweepPlan, ReportsWhatIsWrongWithItsFiles) {
    try {
        SweepPlan plan(
            read("kind: sweep\nname: t\nhardware: no/such.yaml\nmodel: "
                 "llama2-7b\nformat: int8\n"));
        ADD_FAILURE();
    } catch (const ConfigError& e) {
        EXPECT_THAT(e.what(), HasSubstr("no/such.yaml"));
    }
}

}  // namespace
}  // namespace lpusim
