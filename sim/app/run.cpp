#include <filesystem>
#include <iostream>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "hw_models/isa/program.h"
#include "sim/app/input_errors.h"
#include "sim/app/output.h"
#include "sim/app/run_options.h"
#include "sim/app/simulate_points.h"
#include "sim/app/tool_info.h"
#include "sim/app/verbs.h"
#include "sim/compiler/compiler.h"
#include "sim/config/data_files.h"
#include "sim/report/result_document.h"
#include "sim/report/terminal_report.h"
#include "sim/result/output_file.h"

namespace lpusim::app {

namespace {

struct Inputs {
    std::filesystem::path hardware_path;
    std::filesystem::path model_path;
    std::vector<std::filesystem::path> format_paths;
    HardwareConfig hardware;
    Model model;
    std::vector<NumberFormat> formats;
};

/// Every error of every file.
Inputs load_inputs(const RunOptions& options) {
    Inputs inputs;
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

/// Compiles each point, so that what cannot run is known before anything does.
std::vector<CompiledProgram> compile_all(const Inputs& inputs, const Scenario& scenario) {
    InputErrors errors;
    if (scenario.layers > inputs.model.layers) {
        errors.add(fmt::format("--layers: got {}, but {} has {} layers", scenario.layers,
                               inputs.model.name, inputs.model.layers));
        errors.throw_if_any();
    }
    std::vector<CompiledProgram> programs;
    std::set<std::string> seen;
    for (const NumberFormat& format : inputs.formats) {
        try {
            programs.push_back(compile(inputs.hardware.chip, inputs.hardware.placement,
                                       inputs.model, format, scenario, /*tokens=*/1));
        } catch (const CompileError& e) {
            // What is wrong with model or scenario is wrong for each format.
            if (seen.insert(e.what()).second) errors.add(e.what());
        }
    }
    errors.throw_if_any();
    return programs;
}

void print_programs(const Inputs& inputs, const std::vector<CompiledProgram>& programs) {
    for (std::size_t i = 0; i < programs.size(); ++i) {
        print(fmt::format("{}# {} on {}, weights in {}: one token\n{}", i == 0 ? "" : "\n",
                          inputs.model.name, inputs.hardware.name, inputs.formats[i].name,
                          isa::disassemble(programs[i].program)));
    }
}

std::vector<NamedJob> jobs_of(const Inputs& inputs, const RunOptions& options) {
    WorkerJob job;
    job.hardware.path = inputs.hardware_path.string();
    job.model.path = inputs.model_path.string();
    job.scenario = options.scenario;
    job.every_cycle = options.every_cycle;
    std::vector<NamedJob> jobs;
    for (std::size_t i = 0; i < inputs.formats.size(); ++i) {
        job.format.path = inputs.format_paths[i].string();
        jobs.push_back({inputs.formats[i].name, job, inputs.model.layers});
    }
    return jobs;
}

void print_result(const std::vector<PointRun>& runs, const std::optional<std::string>& json) {
    constexpr const char* kStandardOutput = "-";
    if (json) {
        const std::string text = document_text(result_document(runs, tool_info()));
        if (*json == kStandardOutput) {
            print(text);
            return;
        }
        write_file(*json, text);
    }
    std::vector<Point> points;
    for (const PointRun& run : runs) points.push_back(run.point);
    print(terminal_report(points, output_style()));
}

}  // namespace

int run_verb(const Arguments& arguments) {
    CommandLine line = run_command_line();
    line.parse(arguments);
    if (line.has("help")) {
        print(run_help(line));
        return kSuccess;
    }
    RunOptions options = read_run_options(line);
    const Inputs inputs = load_inputs(options);
    // All layers are all layers, asked for by number or not.
    if (options.scenario.layers == inputs.model.layers) options.scenario.layers = 0;
    const std::vector<CompiledProgram> programs = compile_all(inputs, options.scenario);
    if (options.dump_program) {
        print_programs(inputs, programs);
        return kSuccess;
    }
    if (options.json && *options.json != "-") check_writable(*options.json);
    print_result(simulate_points(jobs_of(inputs, options), options.jobs), options.json);
    return kSuccess;
}

}  // namespace lpusim::app
