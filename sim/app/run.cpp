#include <algorithm>
#include <filesystem>
#include <iostream>
#include <set>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "hw_models/isa/program.h"
#include "sim/app/input_errors.h"
#include "sim/app/output.h"
#include "sim/app/run_options.h"
#include "sim/app/simulate_points.h"
#include "sim/app/tool_info.h"
#include "sim/app/verbs.h"
#include "sim/app/weight_quality.h"
#include "sim/compiler/compiler.h"
#include "sim/config/data_files.h"
#include "sim/data/data_run.h"
#include "sim/report/result_document.h"
#include "sim/report/terminal_report.h"
#include "sim/result/output_file.h"
#include "sim/result/result_json.h"

namespace lpusim::app {

namespace {

struct RunInputs {
    std::filesystem::path hardware_path;
    std::filesystem::path model_path;
    std::vector<std::filesystem::path> format_paths;
    HardwareConfig hardware;
    Model model;
    std::vector<NumberFormat> formats;
};

/// Every error of every file.
RunInputs load_run_inputs(const RunOptions& options) {
    RunInputs inputs;
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
std::vector<CompiledProgram> compile_all(const RunInputs& inputs, const RunOptions& options) {
    const Scenario& scenario = options.scenario;
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
            if (options.verify_data) {
                require_data_fits(inputs.hardware.chip, inputs.model, format, scenario,
                                  options.data_weights());
            }
        } catch (const CompileError& e) {
            // What is wrong with model or scenario is wrong for each format.
            if (seen.insert(e.what()).second) errors.add(e.what());
        }
    }
    errors.throw_if_any();
    return programs;
}

void print_programs(const RunInputs& inputs, const std::vector<CompiledProgram>& programs) {
    for (std::size_t i = 0; i < programs.size(); ++i) {
        print(fmt::format("{}# {} on {}, weights in {}: one token\n{}", i == 0 ? "" : "\n",
                          inputs.model.name, inputs.hardware.name, inputs.formats[i].name,
                          isa::disassemble(programs[i].program)));
    }
}

std::vector<NamedJob> jobs_of(const RunInputs& inputs, const RunOptions& options) {
    WorkerJob job;
    job.hardware.path = inputs.hardware_path.string();
    job.model.path = inputs.model_path.string();
    job.scenario = options.scenario;
    job.every_cycle = options.every_cycle;
    job.fast_forward = options.fast_forward;
    job.data = options.verify_data;
    job.data_weights = options.data_weights();
    std::vector<NamedJob> jobs;
    for (std::size_t i = 0; i < inputs.formats.size(); ++i) {
        job.format.path = inputs.format_paths[i].string();
        jobs.push_back({inputs.formats[i].name, job});
    }
    return jobs;
}

/// Throws std::runtime_error that names the first fields in which a run differs from its twin.
void require_equal(const std::vector<PointRun>& runs, const std::vector<PointRun>& twins) {
    constexpr std::size_t kShown = 5;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const auto differences = Json::diff(to_json(runs[i].point), to_json(twins[i].point));
        if (differences.empty()) continue;
        std::string fields;
        for (std::size_t d = 0; d < std::min(kShown, differences.size()); ++d) {
            fields += " " + differences[d].at("path").get<std::string>();
        }
        throw std::runtime_error(fmt::format(
            "{}: fast-forward changes the result in {} fields:{}{}; this is a defect of "
            "the simulator, please report it",
            runs[i].point.inputs.format_name, differences.size(), fields,
            differences.size() > kShown ? " ..." : ""));
    }
}

void verify_fast_forward(const RunInputs& inputs, const RunOptions& options,
                         const std::vector<PointRun>& runs) {
    RunOptions without = options;
    without.fast_forward = false;
    const std::vector<PointRun> twins = simulate_points(jobs_of(inputs, without), options.jobs);
    require_equal(runs, twins);
    for (std::size_t i = 0; i < runs.size(); ++i) {
        std::cerr << fmt::format("{}: fast-forward changes nothing; it skipped {} of {} cycles\n",
                                 runs[i].point.inputs.format_name,
                                 runs[i].simulator.cycles_skipped.count(),
                                 twins[i].simulator.cycles_simulated.count());
    }
}

void print_result(const std::vector<PointRun>& runs, const std::optional<std::string>& json) {
    if (json) {
        const std::string text = document_text(result_document(runs, tool_info()));
        if (*json == kStandardOutput) {
            print(text);
            return;
        }
        write_file(*json, text);
    }
    std::vector<Point> points;
    points.reserve(runs.size());
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
    const RunInputs inputs = load_run_inputs(options);
    // All layers are all layers, asked for by number or not.
    if (options.scenario.layers == inputs.model.layers) options.scenario.layers = 0;
    const std::vector<CompiledProgram> programs = compile_all(inputs, options);
    if (options.dump_program) {
        print_programs(inputs, programs);
        return kSuccess;
    }
    if (options.json && *options.json != kStandardOutput) {
        require_writable("--json", *options.json);
    }
    const std::vector<FormatQuality> qualities = quality_of(inputs.formats, options.weights);
    const std::vector<NamedJob> jobs = jobs_of(inputs, options);
    std::vector<PointRun> runs;
    if (options.trace) {
        runs.push_back(simulate_with_trace(jobs.front(), *options.trace));
    } else {
        runs = simulate_points(jobs, options.jobs);
    }
    if (options.verify_fast_forward) verify_fast_forward(inputs, options, runs);
    for (std::size_t i = 0; i < runs.size(); ++i) runs[i].point.quality = qualities[i];
    print_result(runs, options.json);
    return kSuccess;
}

}  // namespace lpusim::app
