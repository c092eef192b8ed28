#include <algorithm>
#include <filesystem>
#include <thread>

#include <fmt/format.h>

#include "sim/app/claim_values.h"
#include "sim/app/command_line.h"
#include "sim/app/input_errors.h"
#include "sim/app/output.h"
#include "sim/app/tool_info.h"
#include "sim/app/vega.h"
#include "sim/app/verbs.h"
#include "sim/config/claims.h"
#include "sim/config/data_files.h"
#include "sim/report/audit_content.h"
#include "sim/report/table_writers.h"
#include "sim/result/output_file.h"

namespace lpusim::app {

namespace {

namespace fs = std::filesystem;

CommandLine audit_command_line() {
    CommandLine line("lpusim audit");
    line.add_value("out", "DIR",
                   "write a report there, too: index.html, report.md, data.csv, "
                   "report.json");
    line.add_value("jobs", "N", "worker processes at a time (default: one per processor)");
    line.add_flag("omit-revision", "leave the git revision out, for reports that are kept in git");
    line.add_flag("help,h", "this text");
    line.allow_positional("FILE");
    return line;
}

std::string audit_help(const CommandLine& line) {
    return line.help(
               "FILE [--out DIR] [OPTION]...",
               "Holds published numbers to the simulator: simulates and measures what the claims "
               "file names, and\nsays of each claim whether it holds, under which condition, or "
               "what is missing to check it.") +
           "\nExample:\n"
           "  lpusim audit configs/claims/w3p5.yaml --out reports/out/audit\n";
}

/// A file as named, or relative to the shipped ones.
fs::path claims_path(const std::string& name) {
    const fs::path shipped = data_directory() / name;
    return !fs::exists(name) && fs::exists(shipped) ? shipped : fs::path(name);
}

std::vector<AuditedPoint> audited_points(const Claims& claims, const ClaimValues& values) {
    std::vector<AuditedPoint> points;
    for (const ClaimPoint& it : claims.points) {
        AuditedPoint point;
        point.name = it.name;
        for (const Override& change : it.hardware_overrides) {
            point.changes.push_back(change.key + ": " + change.value);
        }
        point.point = values.points.at(it.name);
        points.push_back(std::move(point));
    }
    return points;
}

std::vector<std::pair<std::string, std::string>> described(const Claims& claims) {
    std::vector<std::pair<std::string, std::string>> texts;
    for (const ClaimMeasurement& it : claims.measurements) {
        texts.emplace_back(it.name, text_of(it));
    }
    for (const ClaimModel& it : claims.models) {
        texts.emplace_back(it.name, "the shape of " + load_model(it.model).name);
    }
    return texts;
}

/// All or nothing; the page comes last, when all that it stands for is there.
void write_report(const ReportContent& content, const fs::path& folder) {
    std::vector<OutputFile> files;
    const auto add = [&](const char* name, std::string text) {
        files.push_back({(folder / name).string(), std::move(text)});
    };
    add("data.csv", csv_table(content.table("hypotheses")));
    add("report.json", document_text(report_json(content)));
    add("report.md", report_markdown(content));
    add("index.html", report_html(content, page_assets_without_charts()));
    write_files(files);
}

}  // namespace

int audit_verb(const Arguments& arguments) {
    CommandLine line = audit_command_line();
    line.parse(arguments);
    if (line.has("help")) {
        print(audit_help(line));
        return kSuccess;
    }
    if (line.positional().size() != 1) {
        throw InputError(fmt::format("error: got {} claims files; allowed: one; {}",
                                     line.positional().size(), line.hint()));
    }
    std::uint32_t jobs = std::max(1U, std::thread::hardware_concurrency());
    if (const auto text = line.value("jobs")) jobs = parse_count("--jobs", *text, 1, kMostJobs);
    const Claims claims = load_claims(claims_path(line.positional().front()));
    const auto out = line.value("out");
    if (out) make_out_folder(*out);

    const ClaimValues values = claim_values(claims, jobs);
    const ClaimAudit audit = audit_claims(claims, values.values);
    const std::vector<AuditedPoint> points = audited_points(claims, values);
    print(audit_text(audit, output_style()));
    if (!out) return kSuccess;
    ToolInfo tool = tool_info();
    if (line.has("omit-revision")) tool.git_revision.clear();
    const AuditSource source{audit, points, described(claims), tool,
                             command_text("lpusim audit", arguments)};
    write_report(audit_content(source), *out);
    print(fmt::format("\n{}\n", (fs::path(*out) / "index.html").string()));
    return kSuccess;
}

}  // namespace lpusim::app
