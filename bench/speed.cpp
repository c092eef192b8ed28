// The bounds on the simulator's own speed, each as a ratio or a bound within one run: one line per
// bound, with pass or fail (docs/performance.md). Times are of CPU, user and system together, of
// whole processes where `lpusim` is named; each is the least of a few runs.

#include <algorithm>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>

#include "bench/designs.h"
#include "sim/platform/simulate.h"
#include "sim/platform/worker_job.h"

namespace lpusim::bench {

namespace {

constexpr int kRepeats = 5;
constexpr const char* kInt4 = "int4-g64";
constexpr const char* kW3p5 = "w3p5-g64";

struct Cost {
    double seconds = 0;
    double peak_megabytes = 0;
};

double seconds_of(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

/// Waits for a process; with what its own children cost.
Cost wait_for(pid_t child) {
    int status = 0;
    rusage usage{};
    if (child < 0 || wait4(child, &status, 0, &usage) != child || !WIFEXITED(status) ||
        WEXITSTATUS(status) != 0) {
        std::fprintf(stderr, "a process that is measured failed\n");
        std::exit(1);
    }
    return {seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime),
            static_cast<double>(usage.ru_maxrss) * 1024 / 1e6};
}

/// `lpusim run` from exec to exit.
Cost run_lpusim(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {LPUSIM_EXECUTABLE, "run", "--json", "/dev/null"});
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    const pid_t child = fork();
    if (child == 0) {
        const int null = open("/dev/null", O_WRONLY);
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
        execv(argv[0], argv.data());
        _exit(127);
    }
    return wait_for(child);
}

Cost least(const std::vector<std::string>& arguments, int repeats = kRepeats) {
    Cost least = run_lpusim(arguments);
    for (int i = 1; i < repeats; ++i) {
        const Cost cost = run_lpusim(arguments);
        least.seconds = std::min(least.seconds, cost.seconds);
        least.peak_megabytes = std::max(least.peak_megabytes, cost.peak_megabytes);
    }
    return least;
}

std::vector<std::string> token(const std::string& model, const std::string& format) {
    return {"--hardware", LPUSIM_SOURCE_DIR "/configs/hardware/lpu-80gbs.yaml",
            "--model",    LPUSIM_SOURCE_DIR "/workloads/models/" + model + ".yaml",
            "--format",   format};
}

std::vector<std::string> with(std::vector<std::string> arguments,
                              const std::vector<std::string>& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

template <class T>
const T& any_of(const std::vector<T>& values, std::mt19937_64& random) {
    return values[random() % values.size()];
}

/// A chip like those that are shipped, with its widths and rates changed.
WorkerJob random_point(std::mt19937_64& random) {
    const std::vector<std::string> models = {"llama2-7b", "llama2-13b", "llama2-70b", "llama3-8b",
                                             "llama3-70b"};
    const std::vector<std::string> formats = {"int4-g64", "w3p5-g64", "int8",
                                              "int4-col", "fp16",     "nvfp4"};
    WorkerJob job;
    job.hardware.path = LPUSIM_SOURCE_DIR "/configs/hardware/lpu-80gbs.yaml";
    const std::vector<double> digits = {1, 1.3, 1.9, 2.7, 3.7, 5.2, 7.2, 9.1};
    const std::vector<double> scales = {10, 100, 1000, 10'000};
    char text[64];
    std::snprintf(text, sizeof text, "%g GB/s", any_of(digits, random) * any_of(scales, random));
    job.hardware.overrides = {
        {"stream.weight.bandwidth", text},
        {"unpack.lanes", any_of<std::string>({"5120", "10240", "20480"}, random)},
        {"array.load_bandwidth",
         any_of<std::string>({"10240 B/cycle", "20480 B/cycle", "40960 B/cycle"}, random)},
        {"rescaler.lanes", any_of<std::string>({"640", "1280", "2560", "5120"}, random)},
        {"sram.ports", any_of<std::string>({"1", "2", "4"}, random)},
        {"sequencer.queue_depth", any_of<std::string>({"4", "8", "16"}, random)}};
    job.model.path = LPUSIM_SOURCE_DIR "/workloads/models/" + any_of(models, random) + ".yaml";
    job.format.path = LPUSIM_SOURCE_DIR "/configs/formats/" + any_of(formats, random) + ".yaml";
    job.scenario.batch = any_of<std::uint32_t>({1, 1, 1, 2, 4, 8, 16}, random);
    job.scenario.context = any_of<std::uint32_t>({128, 512, 1024, 2048, 4096}, random);
    return job;
}

/// In a process of its own; nothing for a point that cannot be compiled.
double cost_of_point(const WorkerJob& job) {
    constexpr int kDoesNotCompile = 2;
    const pid_t child = fork();
    if (child == 0) {
        try {
            simulate(load_input(job));
        } catch (const std::logic_error&) {
            _exit(1);
        } catch (const std::exception&) {
            _exit(kDoesNotCompile);
        }
        _exit(0);
    }
    int status = 0;
    rusage usage{};
    wait4(child, &status, 0, &usage);
    if (WIFEXITED(status) && WEXITSTATUS(status) == kDoesNotCompile) return 0;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        std::fprintf(stderr, "a point failed\n");
        std::exit(1);
    }
    return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

class Table {
public:
    Table() {
        std::printf("| bound | measured | allowed | |\n|---|---|---|---|\n");
        std::fflush(stdout);  // before anything is forked
    }

    void at_least(const std::string& what, double value, double bound) {
        line(what, value, ">=", bound, "x", value >= bound);
    }
    void at_most(const std::string& what, double value, double bound, const char* unit) {
        line(what, value, "<=", bound, unit, value <= bound);
    }
    bool passed() const { return passed_; }

private:
    void line(const std::string& what, double value, const char* relation, double bound,
              const char* unit, bool pass) {
        std::printf("| %s | %.2f %s | %s %g %s | %s |\n", what.c_str(), value, unit, relation,
                    bound, unit, pass ? "pass" : "FAIL");
        std::fflush(stdout);
        passed_ = passed_ && pass;
    }
    bool passed_ = true;
};

void clocked_core(Table& table) {
    double bare = 0;
    double chip = 0;
    for (int i = 0; i < 3; ++i) {
        bare = std::max(bare, cycles_per_second(run_bare));
        chip = std::max(chip, cycles_per_second([] { return run_chip(2'000, true); }));
    }
    table.at_least("(a) clocked core, each unit in each cycle, against bare SystemC", chip / bare,
                   1);
}

void whole_tokens(Table& table) {
    for (const char* format : {kInt4, kW3p5}) {
        const Cost cost = least(token("llama2-70b", format));
        const std::string what = std::string("llama2-70b, ") + format;
        table.at_most("(b) " + what + ", whole token", cost.seconds * 1e3, 50, "ms");
        table.at_most("(b) " + what + ", peak memory", cost.peak_megabytes, 64, "MB");
    }
    const double small = least(token("llama2-7b", kInt4)).seconds;
    const double large = least(token("llama3.1-405b", kInt4)).seconds;
    table.at_most("(c) llama3.1-405b against llama2-7b", large / small, 1.5, "x");
    const auto at_bandwidth = [](const char* bandwidth) {
        WorkerJob job;
        job.hardware.path = LPUSIM_SOURCE_DIR "/configs/hardware/lpu-80gbs.yaml";
        job.hardware.overrides = {{"stream.weight.bandwidth", bandwidth}};
        job.model.path = LPUSIM_SOURCE_DIR "/workloads/models/llama2-70b.yaml";
        job.format.path = LPUSIM_SOURCE_DIR "/configs/formats/int4-g64.yaml";
        double least = cost_of_point(job);
        for (int i = 1; i < kRepeats; ++i) least = std::min(least, cost_of_point(job));
        return least;
    };
    const double fast = at_bandwidth("80 GB/s");
    const double slow = at_bandwidth("80 MB/s");
    table.at_most("(c) 80 MB/s against 80 GB/s", slow / fast, 1.5, "x");
}

void random_points(Table& table) {
    constexpr std::size_t kPoints = 200;
    std::mt19937_64 random(20240229);
    std::vector<double> seconds;
    while (seconds.size() < kPoints) {
        const double cost = cost_of_point(random_point(random));
        if (cost > 0) seconds.push_back(cost);
    }
    std::sort(seconds.begin(), seconds.end());
    table.at_most("(d) worst of 200 random points against the median",
                  seconds.back() / seconds[kPoints / 2], 20, "x");
}

void without_fast_forward(Table& table) {
    for (const char* format : {kInt4, kW3p5}) {
        const Cost cost = least(with(token("llama2-70b", format), {"--no-fast-forward"}), 1);
        table.at_most(std::string("(e) llama2-70b, ") + format + ", sleeping alone", cost.seconds,
                      3, "s");
    }
}

}  // namespace

}  // namespace lpusim::bench

int sc_main(int, char**) {
    using namespace lpusim::bench;
    sc_core::sc_report_handler::set_actions("/OSCI/SystemC", sc_core::SC_INFO,
                                            sc_core::SC_DO_NOTHING);
    Table table;
    clocked_core(table);
    whole_tokens(table);
    random_points(table);
    without_fast_forward(table);
    return table.passed() ? 0 : 1;
}
