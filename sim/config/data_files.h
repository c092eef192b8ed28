#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sim/config/load.h"

namespace lpusim {

/// Where configs/ and workloads/ are: the environment variable LPUSIM_DATA_DIR if it is set, else
/// the source directory that the program was built from, else the working directory.
std::filesystem::path data_directory();

/// Folder of the shipped files of a kind, relative to the data directory.
std::filesystem::path shipped_folder(FileKind kind);

/// The file that a user names: a path (with a slash, or ending in .yaml, .yml or .json), which may
/// also be relative to the data directory; or the bare name of a shipped file ("int4-g64"). Throws
/// ConfigError, with a suggestion, for a name that no file has; a path is returned though no file
/// may be there.
std::filesystem::path find_file(FileKind kind, const std::string& name_or_path);
/// The same, with bare names looked up in these folders.
std::filesystem::path find_file(FileKind kind, const std::string& name_or_path,
                                const std::vector<std::filesystem::path>& folders);

struct ShippedFile {
    std::filesystem::path path;
    /// What a user may write in place of the path.
    std::string name;
    std::string description;
};

/// The shipped files of a kind, sorted by name. Files that are no YAML have no description.
std::vector<ShippedFile> shipped_files(FileKind kind);

}  // namespace lpusim
