#include <filesystem>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "sim/app/hardware_changes.h"
#include "sim/app/input_errors.h"
#include "sim/app/output.h"
#include "sim/app/run_options.h"
#include "sim/app/simulate_points.h"
#include "sim/app/tool_info.h"
#include "sim/app/verbs.h"
#include "sim/compiler/compiler.h"
#include "sim/config/data_files.h"
#include "sim/report/result_document.h"
#include "sim/result/output_file.h"

namespace lpusim::app {

namespace {

namespace fs = std::filesystem;

struct SensitivityInputs {
    fs::path hardware_path;
    fs::path model_path;
    std::vector<fs::path> format_paths;
    HardwareConfig hardware;
    Model model;
    std::vector<NumberFormat> formats;
};

CommandLine sensitivity_command_line() {
    const Scenario defaults;
    CommandLine line("lpusim sensitivity");
    line.add_value("hardware", "FILE", "the chip: a file, or the name of a shipped one");
    line.add_value("model", "FILE", "the model: a file, or the name of a shipped one");
    line.add_value("format", "A,B,...", "weight formats: names of shipped ones, or files");
    line.add_value("batch", "N", fmt::format("sequences (default {})", defaults.batch));
    line.add_value("context", "N", fmt::format("positions (default {})", defaults.context));
    line.add_value("kv-bits", "8|16",
                   fmt::format("bits of a KV cache element (default {})", defaults.kv_bits));
    line.add_value("json", "FILE", "write the results there, for lpusim report");
    line.add_value("jobs", "N", "worker processes at a time (default: one per processor)");
    line.add_flag("help,h", "this text");
    return line;
}

SensitivityInputs load_sensitivity_inputs(const RunOptions& options) {
    SensitivityInputs inputs;
    InputErrors errors;
    errors.collect([&] {
        inputs.hardware_path = find_file(FileKind::Hardware, options.hardware);
        inputs.hardware = load_hardware(inputs.hardware_path);
    });
    errors.collect([&] {
        inputs.model_path = find_file(FileKind::Model, options.model);
        inputs.model = load_model(inputs.model_path);
    });
    for (const std::string& format : options.formats) {
        errors.collect([&] {
            inputs.format_paths.push_back(find_file(FileKind::Format, format));
            inputs.formats.push_back(load_format(inputs.format_paths.back()));
        });
    }
    errors.throw_if_any();
    return inputs;
}

/// Throws CompileError: the point cannot run.
void compile_all(const SensitivityInputs& inputs, const HardwareConfig& hardware,
                 const Scenario& scenario) {
    for (const NumberFormat& format : inputs.formats) {
        (void)compile(hardware.chip, hardware.placement, inputs.model, format, scenario,
                      /*tokens=*/1);
    }
}

/// Why a machine with the change cannot be, or cannot run the model; empty if it can.
std::string problem_of(const HardwareChange& change, const SensitivityInputs& inputs,
                       const Scenario& scenario) {
    try {
        compile_all(inputs, load_hardware(inputs.hardware_path, {change.value}), scenario);
        return "";
    } catch (const ConfigError& e) {
        return e.errors().front();
    } catch (const CompileError& e) {
        return e.what();
    }
}

void add_jobs(const SensitivityInputs& inputs, const RunOptions& options,
              const Overrides& overrides, std::vector<NamedJob>& jobs) {
    WorkerJob job;
    job.hardware = {inputs.hardware_path.string(), overrides};
    job.model.path = inputs.model_path.string();
    job.scenario = options.scenario;
    for (std::size_t i = 0; i < inputs.formats.size(); ++i) {
        job.format.path = inputs.format_paths[i].string();
        std::string label = inputs.formats[i].name;
        for (const Override& change : overrides) label += " " + change.key + "=" + change.value;
        jobs.push_back({std::move(label), job});
    }
}

}  // namespace

int sensitivity_verb(const Arguments& arguments) {
    CommandLine line = sensitivity_command_line();
    line.parse(arguments);
    if (line.has("help")) {
        print(line.help("--hardware FILE --model FILE --format A,B --json FILE [OPTION]...",
                        "Simulates the chip as it is, and with each of its numbers halved and "
                        "doubled, all else equal. A\nreport of the results shows which of them "
                        "matter."));
        return kSuccess;
    }
    const RunOptions options = read_run_options(line);
    if (!options.json) throw InputError("error: --json is missing; " + line.hint());
    const SensitivityInputs inputs = load_sensitivity_inputs(options);
    try {
        compile_all(inputs, inputs.hardware, options.scenario);
    } catch (const CompileError& e) {
        throw InputError(fmt::format("error: {}", e.what()));
    }
    require_writable("--json", *options.json);

    std::vector<NamedJob> jobs;
    add_jobs(inputs, options, {}, jobs);
    std::set<std::string> keys;
    std::string skipped;
    for (const HardwareChange& change : halved_and_doubled(inputs.hardware)) {
        const std::string problem = problem_of(change, inputs, options.scenario);
        if (problem.empty()) {
            keys.insert(change.value.key);
            add_jobs(inputs, options, {change.value}, jobs);
            continue;
        }
        skipped += fmt::format("  {} {} -> {}: {}\n", change.value.key, change.from,
                               change.value.value, problem);
    }
    const std::vector<PointRun> runs = simulate_points(jobs, options.jobs);
    write_file(*options.json, document_text(result_document(runs, tool_info())));
    print(fmt::format("{} points: {} numbers of {} halved and doubled\n", runs.size(), keys.size(),
                      inputs.hardware.name));
    if (!skipped.empty()) print("Not possible alone:\n" + skipped);
    return kSuccess;
}

}  // namespace lpusim::app
