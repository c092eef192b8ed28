#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "sim/config/diagnostics.h"

namespace lpusim::config {

/// The content of a configuration file. Throws ConfigError for a file that is missing, a directory,
/// unreadable, larger than 1 MiB, or not UTF-8 text.
std::string read_text_file(const std::filesystem::path& path);

/// The line and column of the byte at `offset`.
Position position_of(std::string_view text, std::size_t offset);

/// Reports the first byte that makes a text binary or invalid UTF-8, and throws.
void require_text(std::string_view text, Diagnostics& diagnostics);

}  // namespace lpusim::config
