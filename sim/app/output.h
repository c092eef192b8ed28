#pragma once

#include <string_view>

#include "sim/report/text_table.h"

namespace lpusim::app {

/// Writes to standard output.
void print(std::string_view text);
/// Throws OutputError if anything printed did not arrive.
void flush_output();

/// Whether a file descriptor leads to a terminal that understands escapes.
bool is_terminal(int fd);
/// Columns of the terminal behind it; `otherwise` if it is none.
std::size_t terminal_width(int fd, std::size_t otherwise);

/// For text on standard output: colour only on a terminal and if NO_COLOR is not set.
TextStyle output_style();

}  // namespace lpusim::app
