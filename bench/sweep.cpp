// Sweeps: what a point costs beside its simulation, how jobs scale, and what 100,000 points take.
//
//     build/release/bench_sweep                       # all
//     build/release/bench_sweep --benchmark_filter=Thousand

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include <benchmark/benchmark.h>

#include "sim/config/data_files.h"
#include "sim/result/content_hash.h"
#include "sim/result/result_json.h"
#include "sim/sweep/local_engine.h"
#include "sim/sweep/work_queue.h"

namespace lpusim {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// A store in a folder of its own, gone at the end.
class TemporaryStore {
public:
    TemporaryStore() {
        std::string name =
            (std::filesystem::temp_directory_path() / "lpusim-bench-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
        folder_ = name;
    }
    ~TemporaryStore() { std::filesystem::remove_all(folder_); }
    TemporaryStore(const TemporaryStore&) = delete;
    TemporaryStore& operator=(const TemporaryStore&) = delete;

    std::filesystem::path path() const { return folder_ / "bench.sqlite"; }

private:
    std::filesystem::path folder_;
};

class Silence : public SweepObserver {
public:
    void started(std::uint64_t /*total*/, std::uint64_t /*missing*/) override {}
    void progressed(std::uint64_t /*done*/, std::uint64_t failed) override { failed_ = failed; }
    std::uint64_t failed() const { return failed_; }

private:
    std::uint64_t failed_ = 0;
};

/// The program that this benchmark was built with.
std::string lpusim() {
    return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "lpusim";
}

SweepPlan plan_of(const std::string& text) {
    return SweepPlan(parse_sweep("kind: sweep\nname: bench\n" + text, "bench.yaml"));
}

/// Runs a sweep with as many jobs as the argument says; `overhead_ms` is what a point takes beside
/// its simulation, per job.
void run_sweep(benchmark::State& state, const SweepPlan& plan) {
    const auto jobs = static_cast<std::size_t>(state.range(0));
    double simulated = 0;
    double wall = 0;
    std::uint64_t points = 0;
    for (auto _ : state) {
        const TemporaryStore temporary;
        ResultStore store = ResultStore::open_or_create(temporary.path());
        Silence observer;
        const Clock::time_point start = Clock::now();
        LocalEngine({{lpusim(), "point-server"}, jobs, {}, 0}).run(plan, {}, store, observer);
        wall += seconds_since(start);
        if (observer.failed() > 0) state.SkipWithError("points failed");
        store.for_each_row([&](const StoredRow& row) {
            simulated += row.stored.simulator.wall_seconds;
            ++points;
        });
    }
    const auto count = static_cast<double>(points);
    constexpr double kMilliseconds = 1e3;
    state.counters["points"] = count / static_cast<double>(state.iterations());
    state.counters["points/s"] = count / wall;
    state.counters["simulated_ms"] = simulated / count * kMilliseconds;
    state.counters["overhead_ms"] =
        (wall * static_cast<double>(jobs) - simulated) / count * kMilliseconds;
}

void thousand_points(benchmark::State& state) {
    run_sweep(state, plan_of("hardware: lpu-80gbs\n"
                             "model: llama2-70b\n"
                             "axes:\n"
                             "  stream.weight.bandwidth: {log: [10 GB/s, 100 TB/s], points: 41}\n"
                             "  format: [int4-g64, w3p5-g64, int8, int4-g128, w11x11-g64]\n"
                             "  batch: [1, 2, 4, 8, 16]\n"));
}
BENCHMARK(thousand_points)
    ->Name("ThousandPoints")
    ->Arg(1)
    ->Arg(2)
    ->Iterations(1)
    ->Unit(benchmark::kSecond)
    ->UseRealTime();

void cheap_points(benchmark::State& state) {
    run_sweep(state, plan_of("hardware: test-chip\n"
                             "model: " +
                             (data_directory() / "tests/app/data/toy.yaml").string() +
                             "\ncontext: 32\n"
                             "axes:\n"
                             "  unpack.lanes: {linear: [16, 512], points: 100}\n"
                             "  format: [int4-g64, w3p5-g64]\n"));
}
BENCHMARK(cheap_points)
    ->Name("CheapPoints")
    ->Arg(1)
    ->Arg(2)
    ->Iterations(1)
    ->Unit(benchmark::kSecond)
    ->UseRealTime();

/// "VmHWM:   12345 kB"
double peak_memory_megabytes() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        double kilobytes = 0;
        if (word == "VmHWM:" && status >> kilobytes) return kilobytes * 1024 / 1e6;
    }
    return 0;
}

/// A simulated point of the shipped chip, to make others of.
StoredPoint model_point() {
    const TemporaryStore temporary;
    ResultStore store = ResultStore::open_or_create(temporary.path());
    Silence observer;
    const SweepPlan plan =
        plan_of("hardware: lpu-80gbs\nmodel: tinyllama-1.1b\nformat: w3p5-g64\n");
    LocalEngine({{lpusim(), "point-server"}, 1, {}, 0}).run(plan, {}, store, observer);
    StoredPoint stored;
    store.for_each_row([&](const StoredRow& row) { stored = row.stored; });
    return stored;
}

/// Puts 100,000 points into a store that differ in hardware, counts and assumptions, and asks what
/// is missing.
void hundred_thousand_points(benchmark::State& state) {
    const SweepPlan plan = plan_of(
        "hardware: lpu-80gbs\n"
        "model: llama2-70b\n"
        "axes:\n"
        "  unpack.lanes: {linear: [64, 16384], points: 100}\n"
        "  stream.weight.bandwidth: {log: [10 GB/s, 100 TB/s], points: "
        "100}\n"
        "  format: [int4-g64, w3p5-g64]\n"
        "  batch: {linear: [1, 5], points: 5}\n");
    const StoredPoint model = model_point();
    for (auto _ : state) {
        const TemporaryStore temporary;
        {
            ResultStore store = ResultStore::open_or_create(temporary.path());
            const std::int64_t sweep = store.add_sweep({"bench", plan.sweep().text});
            const Clock::time_point start = Clock::now();
            for (std::uint64_t i = 0; i < plan.size(); ++i) {
                const PlannedPoint planned = *plan.point(i);
                StoredPoint stored = model;
                Json hardware = Json::parse(stored.point.inputs.hardware_json);
                hardware["unpack"]["lanes"] = i / 1000;
                hardware["stream"]["weight"]["bandwidth"] = std::to_string(i) + " MB/s";
                stored.point.inputs.hardware_json = hardware.dump();
                stored.point.inputs.content_hash = content_hash(stored.point.inputs);
                stored.point.cycles = Cycles(stored.point.cycles.count() + i * 977);
                for (EngineCycles& engine : stored.point.units) {
                    engine.busy = Cycles(engine.busy.count() + i * 131);
                }
                store.add(sweep, planned.place, stored);
            }
            state.counters["add_ms"] =
                seconds_since(start) / static_cast<double>(plan.size()) * 1e3;
        }
        state.counters["store_MB"] =
            static_cast<double>(std::filesystem::file_size(temporary.path())) / 1e6;
        ResultStore store = ResultStore::open_or_create(temporary.path());
        const Clock::time_point start = Clock::now();
        const std::int64_t sweep = store.add_sweep({"bench", plan.sweep().text});
        const std::size_t missing = missing_points(plan, {}, store, sweep).size();
        state.counters["resume_s"] = seconds_since(start);
        if (missing > 0) state.SkipWithError("points are missing");
        state.counters["peak_MB"] = peak_memory_megabytes();
    }
}
BENCHMARK(hundred_thousand_points)
    ->Name("HundredThousandPoints")
    ->Iterations(1)
    ->Unit(benchmark::kSecond)
    ->UseRealTime();

}  // namespace
}  // namespace lpusim

// libsystemc's main() is not used, but names sc_main().
extern "C" int sc_main(int, char**) { return 1; }

BENCHMARK_MAIN();
