#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "sim/app/command_line.h"
#include "sim/app/input_errors.h"
#include "sim/app/output.h"
#include "sim/app/verbs.h"
#include "sim/config/reference.h"

namespace lpusim::app {

namespace {

constexpr std::array kKinds = {FileKind::Hardware, FileKind::Format, FileKind::Model,
                               FileKind::Sweep,    FileKind::Slurm,  FileKind::Claims};

FileKind kind_named(const std::string& name) {
    std::vector<std::string> names;
    for (const FileKind kind : kKinds) {
        if (name == name_of(kind)) return kind;
        names.emplace_back(name_of(kind));
    }
    throw InputError(fmt::format("error: unknown kind {}; allowed: {}{}", config::in_quotes(name),
                                 config::one_of(names),
                                 config::did_you_mean(config::nearest(name, names))));
}

/// Lines too long are broken, and go on under where they began.
std::string fitted(const std::string& text, const TextStyle& style) {
    std::string fitting;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::size_t word = std::min(text.find_first_not_of(' ', begin), end);
        const std::string line = text.substr(word, end - word);
        fitting += line.empty() ? "\n" : wrapped(text.substr(begin, word - begin), line, style);
        begin = end + 1;
    }
    return fitting;
}

}  // namespace

int describe_verb(const Arguments& arguments) {
    CommandLine line("lpusim describe");
    line.add_flag("help,h", "this text");
    line.allow_positional("KIND");
    line.parse(arguments);
    if (line.has("help")) {
        print(line.help("[hardware|format|model|sweep|slurm|claims]",
                        "Every key of these files: unit, range, default, what it does."));
        return kSuccess;
    }
    std::vector<FileKind> kinds(kKinds.begin(), kKinds.end());
    if (!line.positional().empty()) {
        kinds.clear();
        for (const std::string& name : line.positional()) kinds.push_back(kind_named(name));
    }
    const TextStyle style = output_style();
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        print((i == 0 ? "" : "\n") + fitted(describe(kinds[i]), style));
    }
    return kSuccess;
}

}  // namespace lpusim::app
