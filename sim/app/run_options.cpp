#include "sim/app/run_options.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include "sim/app/input_errors.h"
#include "sim/config/diagnostics.h"

namespace lpusim::app {

namespace {

constexpr std::uint32_t kMostBatch = 65'536;
constexpr std::uint32_t kMostContext = 16'777'216;
constexpr std::uint32_t kMostLayers = 10'000;
std::uint32_t processors() { return std::max(1U, std::thread::hardware_concurrency()); }

Phase parse_phase(const std::string& text) {
    if (text == "decode") return Phase::Decode;
    if (text == "prefill") {
        throw InputError("error: --phase: prefill cannot be simulated yet; allowed: decode");
    }
    throw InputError(
        fmt::format("error: --phase: got {}; allowed: decode", config::in_quotes(text)));
}

std::uint32_t parse_kv_bits(const std::string& text) {
    if (text == "8") return 8;
    if (text == "16") return 16;
    throw InputError(
        fmt::format("error: --kv-bits: got {}; allowed: 8 or 16", config::in_quotes(text)));
}

bool are_same_place(const std::string& one, const std::string& other) {
    std::error_code ignored;
    return std::filesystem::weakly_canonical(one, ignored) ==
           std::filesystem::weakly_canonical(other, ignored);
}

}  // namespace

CommandLine run_command_line() {
    const Scenario defaults;
    CommandLine line("lpusim run");
    line.add_value("hardware", "FILE", "the chip: a file, or the name of a shipped one");
    line.add_value("model", "FILE",
                   "the model: a file, a Hugging Face config.json, or the name of a shipped one");
    line.add_value("format", "A,B,...", "weight formats: names of shipped ones, or files");
    line.add_value("phase", "PHASE", "decode (the default)");
    line.add_value("batch", "N",
                   fmt::format("sequences that decode together (default {})", defaults.batch));
    line.add_value("context", "N",
                   fmt::format("positions that the new token attends to, its own included "
                               "(default {})",
                               defaults.context));
    line.add_value("kv-bits", "8|16",
                   fmt::format("bits of a KV cache element (default {})", defaults.kv_bits));
    line.add_value("layers", "N", "simulate N layers and the LM head only (default: all layers)");
    add_weight_file_options(line);
    line.add_value("json", "FILE",
                   "write the result there; with '-' it goes to standard output and takes the "
                   "place of the table");
    line.add_flag("every-cycle", "evaluate every unit in every cycle: same result, slower");
    line.add_flag("no-fast-forward", "simulate what repeats, too: same result, slower");
    line.add_flag("verify-fast-forward",
                  "run each point with and without fast-forward and compare the whole results");
    add_trace_options(line);
    line.add_value("data", "verify",
                   "carry weights and activations through the machine and compare every result");
    line.add_flag("dump-program", "print the compiled program as assembly instead of running it");
    line.add_value(
        "jobs", "N",
        fmt::format("worker processes at a time (default {}, one per processor)", processors()));
    line.add_flag("help,h", "this text");
    return line;
}

std::string run_help(const CommandLine& line) {
    return line.help(
               "--hardware FILE --model FILE --format A,B,... [OPTION]...",
               "Simulates one token of the model on the chip, once per weight format, each in a "
               "process of its\nown, and prints the projection.") +
           "\nExample:\n"
           "  lpusim run --hardware lpu-80gbs --model llama2-70b --format int4-g64,w3p5-g64\n";
}

RunOptions read_run_options(const CommandLine& line) {
    RunOptions options;
    InputErrors errors;
    const auto read = [&](const char* name, auto use) {
        if (const auto text = line.value(name)) errors.collect([&] { use(*text); });
    };
    const auto require = [&](const char* name, auto use) {
        if (!line.has(name)) {
            errors.add(fmt::format("--{} is missing; {}", name, line.hint()));
        }
        read(name, use);
    };
    const auto read_count = [&](const char* name, std::uint32_t most, std::uint32_t& value) {
        read(name, [&](const std::string& text) {
            value = parse_count(std::string("--") + name, text, 1, most);
        });
    };

    require("hardware", [&](const std::string& text) { options.hardware = text; });
    require("model", [&](const std::string& text) { options.model = text; });
    require("format",
            [&](const std::string& text) { options.formats = parse_list("--format", text); });
    read("phase", [&](const std::string& text) { options.scenario.phase = parse_phase(text); });
    read_count("batch", kMostBatch, options.scenario.batch);
    read_count("context", kMostContext, options.scenario.context);
    read("kv-bits",
         [&](const std::string& text) { options.scenario.kv_bits = parse_kv_bits(text); });
    read_count("layers", kMostLayers, options.scenario.layers);
    options.weights = read_weight_choice(line, errors);
    options.json = line.value("json");
    options.every_cycle = line.has("every-cycle");
    options.fast_forward = !line.has("no-fast-forward");
    options.verify_fast_forward = line.has("verify-fast-forward");
    read("data", [&](const std::string& text) {
        if (text != "verify") {
            throw InputError(
                fmt::format("error: --data: got {}; allowed: verify", config::in_quotes(text)));
        }
        options.verify_data = true;
    });
    options.dump_program = line.has("dump-program");
    options.trace = read_trace_choice(line, errors);
    if (options.trace && options.formats.size() > 1) {
        errors.add(fmt::format("--trace records one run, of one format; got {} formats",
                               options.formats.size()));
    }
    if (options.trace && options.json && are_same_place(options.trace->path, *options.json)) {
        errors.add("--trace and --json cannot go to the same place");
    }
    if (options.trace && options.dump_program) {
        errors.add("--dump-program runs nothing, so there is nothing for --trace");
    }
    options.jobs = processors();
    read_count("jobs", kMostJobs, options.jobs);
    if (options.dump_program && options.json) {
        errors.add("--dump-program runs nothing, so there is no result for --json");
    }
    if (options.verify_fast_forward && (options.every_cycle || !options.fast_forward)) {
        errors.add(
            "--verify-fast-forward runs both ways; --every-cycle and --no-fast-forward ask for "
            "one");
    }
    if (options.verify_fast_forward && options.verify_data) {
        errors.add("--verify-fast-forward skips what --data carries; ask for one of them");
    }
    if (options.verify_data && line.has("tensor")) {
        errors.add("--data carries all tensors of the model; leave out --tensor");
    }
    errors.throw_if_any();
    return options;
}

}  // namespace lpusim::app
