#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

namespace lpusim {

/// What a finished program left behind.
struct Finished {
    int exit_code = -1;
    /// The signal that ended it; 0: none.
    int signal = 0;
    std::string output;
    std::string errors;
};

/// A program that runs in the repository's root, with nothing on its standard input. Killed when it
/// goes out of scope.
class RunningProgram {
public:
    explicit RunningProgram(const std::vector<std::string>& command);
    ~RunningProgram();
    RunningProgram(const RunningProgram&) = delete;
    RunningProgram& operator=(const RunningProgram&) = delete;

    pid_t pid() const { return pid_; }
    /// What it has said so far.
    std::string output() const;
    std::string errors() const;
    void signal(int number) const;
    Finished wait();

private:
    using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

    // Files take any amount of output without being read meanwhile.
    File output_;
    File errors_;
    pid_t pid_;
};

/// Runs a program to its end.
Finished run_program(const std::vector<std::string>& command);
/// The lpusim that was built with these tests.
Finished run_tool(const std::vector<std::string>& arguments);
/// The command for it.
std::vector<std::string> tool_command(const std::vector<std::string>& arguments);

}  // namespace lpusim
