#include <algorithm>
#include <array>
#include <exception>
#include <iostream>
#include <string_view>

#include <fmt/format.h>

#include "sim/app/input_errors.h"
#include "sim/app/output.h"
#include "sim/app/sweep_slurm.h"
#include "sim/app/verbs.h"
#include "sim/config/diagnostics.h"
#include "sim/platform/point_server.h"
#include "sim/platform/worker.h"
#include "sim/platform/worker_pool.h"
#include "sim/quantize/file_error.h"
#include "sim/quantize/weight_source.h"
#include "sim/result/result_store.h"

namespace lpusim::app {

namespace {

struct Verb {
    std::string_view name;
    std::string_view about;
    int (*run)(const Arguments& arguments);
};

int help_verb(const Arguments& arguments);

constexpr std::array kVerbs = {
    Verb{"run", "simulate a model on a chip and print the projection", run_verb},
    Verb{"sweep", "simulate many points, and keep them in a store", sweep_verb},
    Verb{"results", "what sweeps left in stores: list, show, export, merge", results_verb},
    Verb{"sensitivity", "each number of a chip halved and doubled", sensitivity_verb},
    Verb{"report", "a report of results: HTML, Markdown, CSV and figures", report_verb},
    Verb{"quantize", "what formats make of weights: bits and errors", quantize_verb},
    Verb{"pack", "weights to a packed tensor file", pack_verb},
    Verb{"unpack", "a packed tensor file to weights", unpack_verb},
    Verb{"audit", "hold published numbers to the simulator", audit_verb},
    Verb{"check", "validate configuration files", check_verb},
    Verb{"describe", "every key of the configuration files", describe_verb},
    Verb{"list", "the hardware, models, formats and sweeps that are shipped", list_verb},
    Verb{"version", "versions of lpusim and of what it is built on", version_verb},
    Verb{"help", "this text, or that of a verb", help_verb},
};

/// Not for users: what `run` starts its workers with.
constexpr std::string_view kWorker = "worker";
/// Nor this, which is what `sweep` starts.
constexpr std::string_view kPointServer = "point-server";

const Verb* find_verb(const std::string& name) {
    const auto* found = std::find_if(kVerbs.begin(), kVerbs.end(),
                                     [&](const Verb& verb) { return verb.name == name; });
    return found == kVerbs.end() ? nullptr : found;
}

const Verb& require_verb(const std::string& name) {
    if (const Verb* verb = find_verb(name)) return *verb;
    std::vector<std::string> names;
    names.reserve(kVerbs.size());
    for (const Verb& verb : kVerbs) names.emplace_back(verb.name);
    const std::string meant = config::nearest(name, names);
    throw InputError(
        fmt::format("error: unknown verb {}{}", config::in_quotes(name),
                    meant.empty() ? "; see 'lpusim --help'" : config::did_you_mean(meant)));
}

std::string help_text() {
    std::string text =
        "Usage: lpusim VERB [OPTION]...\n\n"
        "Cycle-level simulator of a tensor-streaming language processing unit: how long does a "
        "token take,\nand which unit holds it back?\n\nVerbs:\n";
    for (const Verb& verb : kVerbs) text += fmt::format("  {:12}{}\n", verb.name, verb.about);
    return text +
           "\n'lpusim VERB --help' lists the options of a verb.\n\n"
           "Exit codes: 0 success, 1 failure, 2 wrong usage or bad input, 130 interrupted.\n";
}

int help_verb(const Arguments& arguments) {
    if (arguments.empty()) {
        print(help_text());
        return kSuccess;
    }
    return require_verb(arguments.front()).run({"--help"});
}

int dispatch(const Arguments& arguments) {
    if (arguments.empty()) {
        std::cerr << help_text();
        return kBadInput;
    }
    const std::string& first = arguments.front();
    const Arguments rest(arguments.begin() + 1, arguments.end());
    if (first == "--help" || first == "-h") return help_verb(rest);
    if (first == "--version") return version_verb(rest);
    if (first == kWorker) return run_worker();
    if (first == kPointServer) return run_point_server();
    if (first == kSlurmTask) return slurm_task(rest);
    return require_verb(first).run(rest);
}

}  // namespace

int run_lpusim(const Arguments& arguments) {
    constexpr int kSignalBase = 128;
    try {
        const int code = dispatch(arguments);
        flush_output();
        return code;
    } catch (const InputError& e) {
        std::cerr << e.what() << "\n";
        return kBadInput;
    } catch (const ConfigError& e) {
        std::cerr << e.what() << "\n";
        return kBadInput;
    } catch (const StoreAccessError& e) {
        std::cerr << "error: " << e.what() << "\n";
        return kBadInput;
    } catch (const StoreError& e) {
        std::cerr << "error: " << e.what() << "\n";
        return kFailure;
    } catch (const FileError& e) {
        std::cerr << "error: " << e.what() << "\n";
        return kBadInput;
    } catch (const WeightError& e) {
        std::cerr << "error: " << e.what() << "\n";
        return kBadInput;
    } catch (const Interrupted& e) {
        std::cerr << "lpusim: " << e.what() << "\n";
        return kSignalBase + e.signal();
    } catch (const std::exception& e) {
        std::cerr << "lpusim: " << e.what() << "\n";
        return kFailure;
    }
}

}  // namespace lpusim::app
