#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "sim/report/text_table.h"

namespace lpusim::app {

/// What stands for standard output where a file is asked for.
inline constexpr std::string_view kStandardOutput = "-";

/// Writes to standard output.
void print(std::string_view text);
/// Throws OutputError if anything printed did not arrive.
void flush_output();

/// Whether the file that an option names can be written, before anything is computed. Throws
/// InputError if not.
void require_writable(std::string_view option, const std::string& path);

/// Makes the folder that --out names, and one inside of it, before anything is computed. Throws
/// InputError if that cannot be done or its index.html could not be written.
void make_out_folder(const std::filesystem::path& folder, const std::filesystem::path& inside = {});

/// Whether a file descriptor leads to a terminal that understands escapes.
bool is_terminal(int fd);
/// Columns of the terminal behind it; `otherwise` if it is none.
std::size_t terminal_width(int fd, std::size_t otherwise);

/// For text on standard output: colour only on a terminal and if NO_COLOR is not set.
TextStyle output_style();

}  // namespace lpusim::app
