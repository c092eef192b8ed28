#include "sim/app/sweep_options.h"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "sim/app/input_errors.h"
#include "sim/config/data_files.h"
#include "sim/config/units.h"

namespace lpusim::app {

namespace {

constexpr std::uint32_t kMostShards = 1'000'000;
constexpr std::uint32_t kMostSeconds = 1'000'000;

/// "i/n", counted from 1.
Shard parse_shard(const std::string& text) {
    const std::size_t slash = text.find('/');
    const std::string wanted = "error: --shard: got " + config::in_quotes(text) +
                               "; allowed: which of how many, as in 1/4 to 4/4";
    if (slash == std::string::npos) throw InputError(wanted);
    try {
        const std::uint32_t count = parse_count("--shard", text.substr(slash + 1), 1, kMostShards);
        return {parse_count("--shard", text.substr(0, slash), 1, count) - 1, count};
    } catch (const InputError&) {
        throw InputError(wanted);
    }
}

std::uint64_t parse_memory(const std::string& text) {
    try {
        return config::parse_measure(text, config::Dimension::Size);
    } catch (const config::BadValue& bad) {
        throw InputError(fmt::format("error: --memory-limit: got {}{}; allowed: a {}, as in 2 GiB",
                                     config::in_quotes(text), bad.what(),
                                     config::describe(config::Dimension::Size)));
    }
}

}  // namespace

CommandLine sweep_command_line() {
    CommandLine line("lpusim sweep");
    line.allow_positional("FILE");
    line.add_value("out", "STORE",
                   "the SQLite file that the points are kept in; made if it is not there, and "
                   "what it already has is not computed again");
    line.add_flag("resume", "continue: it is an error if the store is not there");
    line.add_flag("dry-run", "say how many points there are and how many are missing; run nothing");
    line.add_value("jobs", "N",
                   fmt::format("simulations at a time (default {}, one per processor)",
                               std::max(1U, std::thread::hardware_concurrency())));
    line.add_value("shard", "I/N", "compute the I-th of N equal parts alone");
    line.add_value("engine", "ENGINE", "where points are computed: local (the default), or slurm");
    line.add_value("slurm", "SETTINGS",
                   "with the engine slurm: a file of settings, or the name of a shipped one "
                   "(default: default)");
    line.add_flag("detach",
                  "with the engine slurm: leave once the job is submitted; --resume comes back");
    line.add_value("time-limit", "SECONDS", "for one point (default: none)");
    line.add_value("memory-limit", "SIZE", "for one simulation, as in '2 GiB' (default: none)");
    line.add_flag("help,h", "this text");
    return line;
}

std::string sweep_help(const CommandLine& line) {
    return line.help(
               "FILE --out STORE [OPTION]...",
               "Simulates all points of a sweep file, each in a process of its own, and keeps "
               "them in an SQLite file.\nStopped at any moment, it goes on where it was.") +
           "\nExample:\n"
           "  lpusim sweep configs/sweeps/bandwidth.yaml --out results/bandwidth.sqlite\n";
}

SweepOptions read_sweep_options(const CommandLine& line) {
    SweepOptions options;
    InputErrors errors;
    const auto read = [&](const char* name, auto use) {
        if (const auto text = line.value(name)) errors.collect([&] { use(*text); });
    };
    if (line.positional().size() == 1) {
        errors.collect(
            [&] { options.file = find_file(FileKind::Sweep, line.positional().front()); });
    } else {
        errors.add(fmt::format("{} sweep files are given, not one; {}", line.positional().size(),
                               line.hint()));
    }
    read("out", [&](const std::string& text) {
        if (text.empty()) throw InputError("error: --out: got ''; allowed: the path of a file");
        options.out = text;
    });
    options.dry_run = line.has("dry-run");
    options.resume = line.has("resume");
    if (!line.has("out") && !options.dry_run) errors.add("--out is missing; " + line.hint());
    read("engine", [&](const std::string& text) {
        if (text != "local" && text != "slurm") {
            throw InputError(fmt::format(
                "error: --engine: got {}; allowed: local or slurm{}", config::in_quotes(text),
                config::did_you_mean(config::nearest(text, {"local", "slurm"}))));
        }
        options.engine = text;
    });
    options.jobs = std::max(1U, std::thread::hardware_concurrency());
    read("jobs", [&](const std::string& text) {
        options.jobs = parse_count("--jobs", text, 1, kMostJobs);
    });
    read("shard", [&](const std::string& text) { options.shard = parse_shard(text); });
    read("time-limit", [&](const std::string& text) {
        options.time_limit =
            std::chrono::seconds(parse_count("--time-limit", text, 1, kMostSeconds));
    });
    read("memory-limit",
         [&](const std::string& text) { options.memory_bytes = parse_memory(text); });
    const bool on_cluster = options.engine == "slurm";
    read("slurm", [&](const std::string& text) { options.slurm = text; });
    options.detach = line.has("detach");
    for (const char* option : {"slurm", "detach"}) {
        if (line.has(option) && !on_cluster) {
            errors.add(fmt::format("--{} goes with --engine slurm", option));
        }
    }
    if (line.has("jobs") && on_cluster) {
        errors.add(
            "--jobs goes with the engine local; a task on a cluster runs as many "
            "simulations as its settings have 'cpus'");
    }
    errors.throw_if_any();
    return options;
}

std::string resume_command(const SweepOptions& options) {
    std::string command = program_word() + " sweep " + shell_word(options.file.string()) +
                          " --out " + shell_word(options.out.string()) + " --resume";
    if (options.engine == "slurm") {
        command += " --engine slurm --slurm " + shell_word(options.slurm);
    } else {
        command += " --jobs " + std::to_string(options.jobs);
    }
    if (options.shard.count > 1) {
        command += fmt::format(" --shard {}/{}", options.shard.index + 1, options.shard.count);
    }
    if (options.time_limit.count() > 0) {
        command += " --time-limit " + std::to_string(options.time_limit.count());
    }
    if (options.memory_bytes > 0) {
        command +=
            fmt::format(" --memory-limit '{}'",
                        config::print_measure(options.memory_bytes, config::Dimension::Size));
    }
    return command;
}

}  // namespace lpusim::app
