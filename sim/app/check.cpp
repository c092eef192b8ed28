#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "sim/app/command_line.h"
#include "sim/app/input_errors.h"
#include "sim/app/output.h"
#include "sim/app/verbs.h"
#include "sim/config/claims.h"
#include "sim/config/load.h"
#include "sim/report/report_definition.h"
#include "sim/report/report_tables.h"
#include "sim/sweep/sweep_plan.h"

namespace lpusim::app {

namespace {

/// A kind of file, and how a file of it is read to the end and gives its name.
struct CheckedKind {
    std::string name;
    std::function<std::string(const std::string& path)> name_in;
};

const std::vector<CheckedKind>& checked_kinds() {
    static const std::vector<CheckedKind> kKinds = {
        {"hardware", [](const std::string& path) { return load_hardware(path).name; }},
        {"format", [](const std::string& path) { return load_format(path).name; }},
        {"model", [](const std::string& path) { return load_model(path).name; }},
        {"sweep", [](const std::string& path) { return SweepPlan(load_sweep(path)).sweep().name; }},
        {"slurm", [](const std::string& path) { return load_slurm(path).name; }},
        {"claims", [](const std::string& path) { return load_claims(path).name; }},
        {"report",
         [](const std::string& path) {
             return load_report_definition(path, report_vocabulary()).name;
         }},
    };
    return kKinds;
}

const CheckedKind& kind_of(const std::string& path) {
    std::vector<std::string> names;
    for (const CheckedKind& kind : checked_kinds()) names.push_back(kind.name);
    const std::string found = detect_kind(path, names);
    return *std::find_if(checked_kinds().begin(), checked_kinds().end(),
                         [&](const CheckedKind& kind) { return kind.name == found; });
}

}  // namespace

int check_verb(const Arguments& arguments) {
    CommandLine line("lpusim check");
    line.add_flag("help,h", "this text");
    line.allow_positional("FILE");
    line.parse(arguments);
    if (line.has("help")) {
        print(line.help("FILE...",
                        "Validates hardware, model, format, sweep, slurm, claims and report files, "
                        "and reports all errors of each."));
        return kSuccess;
    }
    if (line.positional().empty()) {
        throw InputError("error: no file to check; " + line.hint());
    }

    InputErrors errors;
    for (const std::string& path : line.positional()) {
        errors.collect([&] {
            const CheckedKind& kind = kind_of(path);
            print(fmt::format("{}: ok ({} \"{}\")\n", path, kind.name, kind.name_in(path)));
        });
    }
    flush_output();
    errors.throw_if_any();
    return kSuccess;
}

}  // namespace lpusim::app
