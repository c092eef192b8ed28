#pragma once

#include <string>
#include <vector>

namespace lpusim {

/// What a finished program left behind.
struct Finished {
    int exit_code = -1;
    /// The signal that ended it; 0: none.
    int signal = 0;
    std::string output;
    std::string errors;
};

/// Runs a program in the repository's root to its end, with nothing on its standard input.
Finished run_program(const std::vector<std::string>& command);
/// The lpusim that was built with these tests.
Finished run_tool(const std::vector<std::string>& arguments);

}  // namespace lpusim
