#include "sim/config/text_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

namespace lpusim::config {

namespace {

/// Larger by far than any configuration; keeps a wrong path from filling the memory.
constexpr std::size_t kLargestFile = std::size_t{1} << 20U;

/// Bytes of the UTF-8 sequence at the start of `text`; 0 if there is no valid one.
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0U) != 0x80U) return 0;
    }
    // Overlong forms, surrogates, and beyond U+10FFFF: the second byte tells.
    if (first == 0xe0 && byte(1) < 0xa0) return 0;
    if (first == 0xed && byte(1) > 0x9f) return 0;
    if (first == 0xf0 && byte(1) < 0x90) return 0;
    if (first == 0xf4 && byte(1) > 0x8f) return 0;
    return length;
}

}  // namespace

Position position_of(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, offset);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    return {static_cast<int>(line), static_cast<int>(offset - line_start) + 1};
}

std::string read_text_file(const std::filesystem::path& path) {
    Diagnostics diagnostics(path.empty() ? "''" : path.string());
    std::error_code failure;
    const auto status = std::filesystem::status(path, failure);
    if (status.type() == std::filesystem::file_type::not_found) {
        diagnostics.fatal({}, "no such file");
    }
    if (std::filesystem::is_directory(status)) {
        diagnostics.fatal({}, "this is a directory, not a file");
    }
    // Opening a pipe would wait for its writer, and it can be read only once.
    if (status.type() != std::filesystem::file_type::regular) {
        diagnostics.fatal({}, "this is not a regular file");
    }
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    std::string text;
    std::array<char, 1U << 14U> part{};
    while (file && text.size() <= kLargestFile) {
        file.read(part.data(), part.size());
        text.append(part.data(), static_cast<std::size_t>(file.gcount()));
    }
    if (!file.is_open() || file.bad()) {
        diagnostics.fatal(
            {}, fmt::format("cannot be read: {}", std::generic_category().message(errno)));
    }
    if (text.size() > kLargestFile) {
        diagnostics.fatal({}, "is larger than 1 MiB: not a configuration file");
    }
    require_text(text, diagnostics);
    return text;
}

void require_text(std::string_view text, Diagnostics& diagnostics) {
    const std::size_t nul = text.find('\0');
    if (nul != std::string_view::npos) {
        diagnostics.fatal({}, fmt::format("is a binary file (NUL at byte {}), not text", nul));
    }
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = utf8_length(text.substr(i));
        if (length == 0) diagnostics.fatal(position_of(text, i), "is not valid UTF-8 text");
        i += length;
    }
}

}  // namespace lpusim::config
