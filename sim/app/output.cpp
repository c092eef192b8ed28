#include "sim/app/output.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>
#include <system_error>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "sim/app/input_errors.h"
#include "sim/result/output_file.h"

namespace lpusim::app {

namespace {

bool is_set(const char* variable) {
    const char* value = std::getenv(variable);
    return value != nullptr && *value != '\0';
}

}  // namespace

void print(std::string_view text) { std::cout << text; }

void flush_output() {
    if (!std::cout.flush()) throw OutputError("cannot write to standard output");
}

void require_writable(std::string_view option, const std::string& path) {
    try {
        check_writable(path);
    } catch (const OutputError& e) {
        throw InputError(fmt::format("error: {}: {}", option, e.what()));
    }
}

void make_out_folder(const std::filesystem::path& folder, const std::filesystem::path& inside) {
    if (folder.empty()) throw InputError("error: --out: got ''; allowed: the name of a folder");
    std::error_code error;
    std::filesystem::create_directories(folder / inside, error);
    if (error || !std::filesystem::is_directory(folder / inside)) {
        throw InputError(fmt::format("error: --out: cannot make {}: {}", folder.string(),
                                     error ? error.message() : "a file is in the way"));
    }
    require_writable("--out", (folder / "index.html").string());
}

bool is_terminal(int fd) {
    const char* terminal = std::getenv("TERM");
    return ::isatty(fd) != 0 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

std::size_t terminal_width(int fd, std::size_t otherwise) {
    winsize size{};
    if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return otherwise;
    return size.ws_col;
}

TextStyle output_style() {
    // Lines wider than this are hard to read, narrower ones cannot hold a table.
    constexpr std::size_t kWidest = 140;
    constexpr std::size_t kNarrowest = 72;
    TextStyle style;
    style.colour = is_terminal(STDOUT_FILENO) && !is_set("NO_COLOR");
    style.width = std::clamp(terminal_width(STDOUT_FILENO, style.width), kNarrowest, kWidest);
    return style;
}

}  // namespace lpusim::app
