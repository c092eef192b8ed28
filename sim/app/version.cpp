#include "lpusim/version.h"

#include <fmt/format.h>
#include <systemc>

#include "sim/app/command_line.h"
#include "sim/app/output.h"
#include "sim/app/tool_info.h"
#include "sim/app/verbs.h"
#include "sim/result/versions.h"

namespace lpusim::app {

ToolInfo tool_info() {
    ToolInfo info;
    info.version = kVersion;
    info.git_revision = kGitRevision;
    info.systemc_version = fmt::format("{}.{}.{}", sc_core::sc_version_major,
                                       sc_core::sc_version_minor, sc_core::sc_version_patch);
    return info;
}

int version_verb(const Arguments& arguments) {
    CommandLine line("lpusim version");
    line.add_flag("help,h", "this text");
    line.parse(arguments);
    if (line.has("help")) {
        print(line.help("", "Versions of lpusim and of what it is built on."));
        return kSuccess;
    }
    const ToolInfo info = tool_info();
    print(fmt::format("lpusim {}\ngit revision {}\nSystemC {}\ntiming model {}\n", info.version,
                      info.git_revision, info.systemc_version, kTimingModelVersion));
    return kSuccess;
}

}  // namespace lpusim::app
