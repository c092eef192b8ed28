#include <iostream>

#include <fmt/format.h>

#include "sim/app/command_line.h"
#include "sim/app/input_errors.h"
#include "sim/app/output.h"
#include "sim/app/verbs.h"
#include "sim/config/load.h"

namespace lpusim::app {

namespace {

std::string name_in(const std::string& path, FileKind kind) {
    switch (kind) {
        case FileKind::Hardware:
            return load_hardware(path).name;
        case FileKind::Format:
            return load_format(path).name;
        case FileKind::Model:
            return load_model(path).name;
        case FileKind::Slurm:
            break;
    }
    return load_slurm(path).name;
}

}  // namespace

int check_verb(const Arguments& arguments) {
    CommandLine line("lpusim check");
    line.add_flag("help,h", "this text");
    line.allow_positional("FILE");
    line.parse(arguments);
    if (line.has("help")) {
        print(line.help("FILE...",
                        "Validates hardware, model, format and slurm files, and reports all "
                        "errors of each."));
        return kSuccess;
    }
    if (line.positional().empty()) {
        throw InputError("error: no file to check; " + line.hint());
    }

    InputErrors errors;
    for (const std::string& path : line.positional()) {
        errors.collect([&] {
            const FileKind kind = detect_kind(path);
            print(fmt::format("{}: ok ({} \"{}\")\n", path, name_of(kind), name_in(path, kind)));
        });
    }
    flush_output();
    errors.throw_if_any();
    return kSuccess;
}

}  // namespace lpusim::app
