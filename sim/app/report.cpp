#include <filesystem>
#include <stdexcept>

#include <fmt/format.h>

#include "sim/app/command_line.h"
#include "sim/app/input_errors.h"
#include "sim/app/layer_quality.h"
#include "sim/app/output.h"
#include "sim/app/report_inputs.h"
#include "sim/app/tool_info.h"
#include "sim/app/vega.h"
#include "sim/app/verbs.h"
#include "sim/config/data_files.h"
#include "sim/report/report_content.h"
#include "sim/report/table_writers.h"
#include "sim/result/output_file.h"

namespace lpusim::app {

namespace {

namespace fs = std::filesystem;

constexpr const char* kDefinition = "reports/definitions/projection.yaml";

CommandLine report_command_line() {
    CommandLine line("lpusim report");
    line.add_value("out", "DIR", "folder of the report, made if it is not there");
    line.add_value("definition", "FILE",
                   fmt::format("what the report shows (default {})", kDefinition));
    line.add_value("compare", "A,B",
                   "the two formats to compare (default: the first two of the first point's "
                   "machine, model and scenario)");
    line.add_flag("omit-revision", "leave the git revision out, for reports that are kept in git");
    line.add_flag("help,h", "this text");
    line.allow_positional("INPUT");
    return line;
}

std::string report_help(const CommandLine& line) {
    return line.help(
               "INPUT... --out DIR [OPTION]...",
               "Makes a report of results: index.html (one file, opens offline), report.md, "
               "data.csv, report.json\nand figures/*.svg. INPUT: JSON documents of lpusim run, "
               "sensitivity or quantize, and stores of\nlpusim sweep. The first point names "
               "machine, model and scenario; the others are read relative to it.") +
           "\nExample:\n"
           "  lpusim run --hardware lpu-80gbs --model llama2-70b --format int4-g64,w3p5-g64 "
           "--json result.json\n"
           "  lpusim report result.json --out reports/out/projection\n";
}

fs::path definition_path(const CommandLine& line) {
    const fs::path asked = line.value("definition").value_or(kDefinition);
    const fs::path shipped = data_directory() / asked;
    return !fs::exists(asked) && fs::exists(shipped) ? shipped : asked;
}

void compare(const CommandLine& line, ReportPoints& points) {
    const auto text = line.value("compare");
    if (!text) return;
    const std::vector<std::string> names = parse_list("--compare", *text);
    if (names.size() != 2) {
        throw InputError(
            fmt::format("error: --compare: got {} formats; allowed: two", names.size()));
    }
    try {
        points.compare(names[0], names[1]);
    } catch (const std::invalid_argument& e) {
        throw InputError(fmt::format("error: --compare: {}", e.what()));
    }
}

/// All or nothing; the page comes last, when all that it stands for is there.
void write_report(const ReportContent& content, const PageAssets& assets, const fs::path& folder) {
    std::vector<OutputFile> files;
    const auto add = [&](const fs::path& name, std::string text) {
        files.push_back({(folder / name).string(), std::move(text)});
    };
    for (const ReportContent::Section& section : content.sections) {
        for (const ReportContent::Chart& chart : section.charts) {
            add(fs::path("figures") / (chart.id + ".svg"),
                figure_file(chart.svg, chart.alternative));
        }
    }
    add("data.csv", csv_table(content.table("points")));
    add("report.json", document_text(report_json(content)));
    add("report.md", report_markdown(content));
    add("index.html", report_html(content, assets));
    write_files(files);
}

void draw_figures(ReportContent& content) {
    const auto figures = render_figures(chart_payload(content));
    for (ReportContent::Section& section : content.sections) {
        for (ReportContent::Chart& chart : section.charts) chart.svg = figures.at(chart.id);
    }
}

}  // namespace

int report_verb(const Arguments& arguments) {
    CommandLine line = report_command_line();
    line.parse(arguments);
    if (line.has("help")) {
        print(report_help(line));
        return kSuccess;
    }
    if (line.positional().empty()) throw InputError("error: no results given; " + line.hint());
    const auto out = line.value("out");
    if (!out) throw InputError("error: --out is missing; " + line.hint());

    const ReportDefinition definition =
        load_report_definition(definition_path(line), report_vocabulary());
    ReportInputs inputs = read_report_inputs(line.positional());
    if (inputs.points.empty()) {
        throw InputError(
            "error: the inputs hold no points; a report needs a result of lpusim run "
            "or of lpusim sweep");
    }
    add_missing_quality(inputs.points);
    ReportPoints points(std::move(inputs.points));
    compare(line, points);
    make_out_folder(*out, "figures");

    ToolInfo tool = tool_info();
    if (line.has("omit-revision")) tool.git_revision.clear();
    ReportSource source{points, tool, line.positional(), command_text("lpusim report", arguments),
                        {},     ""};
    if (inputs.layer_quality.empty()) {
        source.layer_quality = synthetic_layer_quality(points);
        source.layer_quality_source = synthetic_layer_source();
    } else {
        source.layer_quality = std::move(inputs.layer_quality);
        source.layer_quality_source = inputs.layer_quality_source;
    }
    const PageAssets assets = page_assets();
    ReportContent content = report_content(definition, report_tables(source), report_facts(source),
                                           data_directory() / "reports/charts/config.json");
    draw_figures(content);
    write_report(content, assets, *out);
    print(fmt::format("{}\n", (fs::path(*out) / "index.html").string()));
    return kSuccess;
}

}  // namespace lpusim::app
