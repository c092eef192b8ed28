#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lpusim::app {

/// What a finished program left behind.
struct ChildResult {
    /// False: there is no such program.
    bool started = false;
    /// 128 + signal for one that a signal ended.
    int exit_code = 0;
    std::string output;
    std::string errors;
};

/// Runs a program, found in PATH, to its end with a text on its standard input. Throws
/// std::system_error.
ChildResult run_child(const std::vector<std::string>& command, std::string_view input);

}  // namespace lpusim::app
