// `lpusim run --trace` as its users run it.

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <sstream>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/result/result_json.h"
#include "tests/result/scratch_folder.h"
#include "tests/support/subprocess.h"
#include "tests/support/trace_reader.h"

namespace lpusim {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const std::string kToy = "tests/app/data/toy.yaml";

std::vector<std::string> run_arguments(const std::vector<std::string>& more,
                                       const std::string& model = kToy,
                                       const std::string& hardware = "test-chip") {
    std::vector<std::string> arguments = {"run",      "--hardware", hardware,    "--model", model,
                                          "--format", "w3p5-g64",   "--context", "32"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

Finished run_toy(const std::vector<std::string>& more) { return run_tool(run_arguments(more)); }

/// The one point of a result JSON.
Json point_of(const std::string& document) { return Json::parse(document).at("points").at(0); }

TEST(TraceCli, SumsToTheResultAndChangesNothing) {
    const ScratchFolder folder;
    const std::string file = folder.file("run.perfetto.json");
    const Json plain = point_of(run_toy({"--json", "-"}).output);
    for (const char* way : {"--every-cycle", "--no-fast-forward", "--jobs=1"}) {
        const Finished finished = run_toy({"--json", "-", "--trace", file, way});
        ASSERT_EQ(finished.exit_code, 0) << finished.errors;
        EXPECT_EQ(point_of(finished.output), plain) << way;

        const test::PerfettoTrace trace(content_of(file));
        const auto window = trace.facts().at("result");
        const test::StateSums spent = trace.spent(window[0], window[1]);
        std::size_t engines = 0;
        for (const auto& [name, states] : plain.at("units").items()) {
            if (name == "sram_banks.ports") continue;  // no engine of its own
            ++engines;
            for (const auto& [state, cycles] : states.items()) {
                const auto& shown = spent.at(name);
                const auto found = shown.find(state);
                EXPECT_EQ(found == shown.end() ? 0 : found->second, cycles) << name << " " << state;
            }
        }
        EXPECT_EQ(engines, 12U);
    }
}

TEST(TraceCli, RecordsWindows) {
    const ScratchFolder folder;
    const std::string file = folder.file("run.json");
    const auto trace_of = [&](const std::string& window) {
        const Finished finished = run_toy({"--trace", file, "--trace-window", window});
        EXPECT_EQ(finished.exit_code, 0) << finished.errors;
        return test::PerfettoTrace(content_of(file));
    };
    const test::PerfettoTrace cycles = trace_of("1000..1500");
    EXPECT_EQ(cycles.facts().at("recorded").dump(), "[1000,1500]");
    for (const auto& slice : cycles.slices()) {
        EXPECT_GE(slice.from, 1000U);
        EXPECT_LE(slice.to, 1500U);
    }
    for (const auto& [engine, states] : cycles.spent(0, 10'000'000)) {
        std::uint64_t sum = 0;
        for (const auto& [state, spent] : states) sum += spent;
        EXPECT_EQ(sum, 500U) << engine;
    }
    EXPECT_EQ(cycles.spent(0, 10'000'000).size(), 12U);

    const auto cold = trace_of("token:1").facts().at("recorded");
    const auto steady = trace_of("token:2").facts().at("recorded");
    EXPECT_EQ(cold[0], 0);
    EXPECT_EQ(steady[0], cold[1]);

    std::uint64_t at = 0;
    for (int layer = 1; layer <= 4; ++layer) {
        const auto trace = trace_of("token:1,layer:" + std::to_string(layer));
        const auto part = trace.facts().at("recorded");
        EXPECT_EQ(part[0], at);
        at = part[1];
        for (const auto& slice : trace.slices()) {
            if (slice.thread != "operators" || !slice.arguments.contains("layer")) continue;
            EXPECT_EQ(slice.arguments.at("layer"), layer) << slice.name;
        }
    }
    EXPECT_LT(at, cold[1].get<std::uint64_t>());
}

TEST(TraceCli, MarksWhatIsSkippedAndStopsAtTheLimit) {
    const ScratchFolder folder;
    const std::string file = folder.file("run.json");
    const Finished whole = run_tool(
        run_arguments({"--trace", file, "--trace-limit", "100000"}, "tinyllama-1.1b", "lpu-80gbs"));
    EXPECT_EQ(whole.exit_code, 0);
    EXPECT_THAT(whole.errors, HasSubstr("limit of 100,000 events was reached"));
    const test::PerfettoTrace trace(content_of(file));
    EXPECT_FALSE(trace.slices_of("skipped").empty());
    EXPECT_EQ(trace.facts().at("limit_reached"), true);
    EXPECT_GE(trace.facts().at("events").get<std::uint64_t>(), 100'000U);
    EXPECT_LT(trace.facts().at("events").get<std::uint64_t>(), 200'000U);

    // A small limit is kept as well as a large one.
    const Finished few = run_toy({"--trace", file, "--trace-limit", "200"});
    EXPECT_EQ(few.exit_code, 0);
    const auto kept = test::PerfettoTrace(content_of(file)).facts().at("events");
    EXPECT_GE(kept.get<std::uint64_t>(), 200U);
    EXPECT_LT(kept.get<std::uint64_t>(), 400U);

    const Finished none = run_tool(run_arguments(
        {"--trace", file, "--trace-window", "500000..510000"}, "tinyllama-1.1b", "lpu-80gbs"));
    EXPECT_EQ(none.exit_code, 0);
    const test::PerfettoTrace window(content_of(file));
    EXPECT_TRUE(window.slices_of("skipped").empty());
    EXPECT_EQ(window.facts().at("recorded").dump(), "[500000,510000]");
}

TEST(TraceCli, KeepsWhatWasRecordedWhenInterrupted) {
    const ScratchFolder folder;
    const std::string file = folder.file("run.json");
    RunningProgram program(
        tool_command(run_arguments({"--trace", file, "--trace-window", "token:1", "--every-cycle"},
                                   "llama2-70b", "lpu-80gbs")));
    // The file is begun when a signal is no longer the end; the run takes minutes.
    while (std::filesystem::is_empty(folder.path())) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    program.signal(SIGINT);
    const Finished finished = program.wait();
    EXPECT_EQ(finished.exit_code, 128 + SIGINT);
    EXPECT_THAT(finished.errors, HasSubstr("the run was interrupted"));
    const test::PerfettoTrace trace(content_of(file));
    EXPECT_EQ(trace.facts().at("interrupted"), true);
    EXPECT_FALSE(trace.slices().empty());
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

/// Cycles by variable and value of a value change dump.
test::StateSums sums_of_dump(const std::string& dump, std::uint64_t until) {
    std::map<std::string, std::string> names;
    std::map<std::string, std::pair<std::uint64_t, std::string>> now;
    test::StateSums sums;
    std::istringstream lines(dump);
    std::uint64_t at = 0;
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string first;
        words >> first;
        if (first == "$var") {
            std::string type, width, code, name;
            words >> type >> width >> code >> name;
            names[code] = name;
        } else if (first[0] == '#') {
            at = std::stoull(first.substr(1));
        } else if (first[0] == 's') {
            std::string code;
            words >> code;
            auto& [since, value] = now[code];
            if (!value.empty()) sums[names.at(code)][value] += at - since;
            since = at;
            // "busy:q_proj" counts as busy.
            value = first.substr(1, first.find(':') - 1);
        }
    }
    for (const auto& [code, entry] : now) sums[names.at(code)][entry.second] += until - entry.first;
    return sums;
}

TEST(TraceCli, WritesADumpThatGtkwaveReads) {
    const ScratchFolder folder;
    const std::string dump = folder.file("run.vcd");
    const std::string json = folder.file("run.json");
    const std::vector<std::string> window = {"--trace-window", "500..2500"};
    ASSERT_EQ(run_toy({"--trace", dump, window[0], window[1]}).exit_code, 0);
    ASSERT_EQ(run_toy({"--trace", json, window[0], window[1]}).exit_code, 0);

    // GTKWave's own reader writes what it understood as a database, from which it is written again.
    const Finished read = run_program({"vcd2fst", dump, folder.file("run.fst")});
    ASSERT_EQ(read.exit_code, 0) << "gtkwave is not installed, or cannot read it: " << read.errors;
    const Finished back = run_program({"fst2vcd", folder.file("run.fst")});
    ASSERT_EQ(back.exit_code, 0) << back.errors;

    const test::StateSums shown = sums_of_dump(back.output, 2500);
    std::size_t engines = 0;
    for (const auto& [engine, states] : test::PerfettoTrace(content_of(json)).spent(500, 2500)) {
        std::string name = engine + "_state";
        std::replace(name.begin(), name.end(), '.', '_');
        for (const auto& [state, cycles] : states) {
            EXPECT_EQ(shown.at(name).at(state), cycles) << name << " " << state;
        }
        ++engines;
    }
    EXPECT_EQ(engines, 12U);
    EXPECT_THAT(back.output, AllOf(HasSubstr("weight_free_in_use"), HasSubstr("packed_bytes")));
}

TEST(TraceCli, SaysWhatIsWrong) {
    const ScratchFolder folder;
    const std::string file = folder.file("run.json");
    const auto expect_error = [&](const std::vector<std::string>& more, const std::string& error) {
        const Finished finished = run_toy(more);
        EXPECT_EQ(finished.exit_code, 2) << error;
        EXPECT_THAT(finished.errors, HasSubstr(error));
        EXPECT_FALSE(std::filesystem::exists(file));
    };
    expect_error({"--trace", folder.file("run.txt")}, "error: --trace: the name says what");
    expect_error({"--trace-window", "1..2"}, "error: --trace-window: there is no --trace");
    expect_error({"--trace-limit", "5"}, "error: --trace-limit: there is no --trace");
    expect_error({"--trace", file, "--trace-window", "lair:3"}, "--trace-window: got 'lair:3'");
    expect_error({"--trace", file, "--trace-window", "layer:5"},
                 "layer 5 does not exist; 4 of toy are simulated");
    expect_error({"--trace", file, "--trace-window", "99999999..100000000"},
                 "begins behind the end of the run");
    // Its first cycle is the one after the last.
    ASSERT_EQ(run_toy({"--trace", file}).exit_code, 0);
    const auto end = test::PerfettoTrace(content_of(file)).facts().at("recorded")[1].get<int>();
    std::filesystem::remove(file);
    expect_error({"--trace", file, "--trace-window", fmt::format("{}..{}", end, end + 9)},
                 "begins behind the end of the run");
    expect_error({"--trace", file, "--trace-limit", "0"}, "--trace-limit");
    expect_error({"--trace", file, "--json", folder.file("./run.json")},
                 "--trace and --json cannot go to the same place");
    expect_error({"--trace", file, "--dump-program"}, "nothing for --trace");
    expect_error({"--trace", folder.file("none/run.json")}, "cannot be written");

    const Finished two = run_tool({"run", "--hardware", "test-chip", "--model", kToy, "--format",
                                   "int4-g64,w3p5-g64", "--trace", file});
    EXPECT_EQ(two.exit_code, 2);
    EXPECT_THAT(two.errors, HasSubstr("--trace records one run, of one format; got 2 formats"));
}

}  // namespace
}  // namespace lpusim
