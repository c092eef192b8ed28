#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace lpusim {

/// A file cannot be written; the message names it and says why.
class OutputError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Whether write_file() has a chance, before anything expensive is computed. Throws OutputError if
/// not.
void check_writable(const std::string& path);

/// Puts `text` into the file, whole or not at all: what stood there before stays until the new
/// content is on the disk. Devices and pipes are written to directly. Throws OutputError.
void write_file(const std::string& path, std::string_view text);

struct OutputFile {
    std::string path;
    std::string text;
};

/// The same of files that belong together: all are on the disk before the first takes its place.
void write_files(const std::vector<OutputFile>& files);

}  // namespace lpusim
