#include "sim/config/data_files.h"

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include <fmt/format.h>

#include "sim/config/text_file.h"
#include "sim/config/yaml_document.h"

// Given by the build; without it only the environment and the working directory are left.
#ifndef LPUSIM_SOURCE_DIR
#define LPUSIM_SOURCE_DIR ""
#endif

namespace lpusim {

namespace {

namespace fs = std::filesystem;

bool is_yaml(const fs::path& path) {
    return path.extension() == ".yaml" || path.extension() == ".yml";
}

bool is_path(const std::string& text) {
    return text.find('/') != std::string::npos || is_yaml(text) ||
           fs::path(text).extension() == ".json";
}

bool is_there(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

/// YAML files of a folder, sorted; none if there is no such folder.
std::vector<fs::path> yaml_files(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code failure;
    for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end;
         entry.increment(failure)) {
        if (is_yaml(entry->path())) files.push_back(entry->path());
    }
    std::sort(files.begin(), files.end(),
              [](const fs::path& a, const fs::path& b) { return a.stem() < b.stem(); });
    return files;
}

std::string description_of(const fs::path& path) {
    try {
        config::Diagnostics diagnostics(path.string());
        const auto root = config::parse_yaml(config::read_text_file(path), diagnostics);
        const config::YamlNode* description = root.find("description");
        return description == nullptr ? "" : description->text;
    } catch (const ConfigError&) {
        // A list of files is no place for what is wrong with one: `lpusim check` says that.
        return "";
    }
}

}  // namespace

fs::path data_directory() {
    if (const char* set = std::getenv("LPUSIM_DATA_DIR"); set != nullptr && *set != '\0')
        return set;
    const fs::path source = LPUSIM_SOURCE_DIR;
    return !source.empty() && is_there(source / "configs") ? source : fs::path(".");
}

fs::path shipped_folder(FileKind kind) {
    switch (kind) {
        case FileKind::Hardware:
            return "configs/hardware";
        case FileKind::Format:
            return "configs/formats";
        case FileKind::Sweep:
            return "configs/sweeps";
        case FileKind::Model:
            return "workloads/models";
        case FileKind::Slurm:
            return "configs/slurm";
        case FileKind::Claims:
            break;
    }
    return "configs/claims";
}

fs::path find_file(FileKind kind, const std::string& name_or_path) {
    return find_file(kind, name_or_path, {data_directory() / shipped_folder(kind)});
}

fs::path find_file(FileKind kind, const std::string& name_or_path,
                   const std::vector<fs::path>& folders) {
    if (is_path(name_or_path)) {
        const fs::path shipped = data_directory() / name_or_path;
        return !is_there(name_or_path) && is_there(shipped) ? shipped : fs::path(name_or_path);
    }
    std::vector<std::string> names;
    for (const fs::path& folder : folders) {
        for (const fs::path& file : yaml_files(folder)) {
            if (file.stem() == name_or_path) return file;
            names.push_back(file.stem().string());
        }
    }
    throw ConfigError({fmt::format(
        "error: unknown {} {}; allowed: a path, or {}{}", name_of(kind),
        config::in_quotes(name_or_path),
        names.empty() ? "a shipped name, but there is none in " + folders.front().string()
                      : config::one_of(names),
        config::did_you_mean(config::nearest(name_or_path, names)))});
}

std::vector<ShippedFile> shipped_files(FileKind kind) {
    std::vector<ShippedFile> files;
    for (const fs::path& path : yaml_files(data_directory() / shipped_folder(kind))) {
        files.push_back({path, path.stem().string(), description_of(path)});
    }
    return files;
}

}  // namespace lpusim
