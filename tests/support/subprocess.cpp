#include "tests/support/subprocess.h"

#include <array>
#include <csignal>
#include <utility>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lpusim {
namespace {

/// Leaves the file's position alone, which the program writes at.
std::string content_of(std::FILE* file) {
    std::string content;
    std::array<char, 65536> buffer{};
    ssize_t got = 0;
    while ((got = ::pread(::fileno(file), buffer.data(), buffer.size(),
                          static_cast<off_t>(content.size()))) > 0) {
        content.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return content;
}

[[noreturn]] void become(const std::vector<std::string>& command, int output, int errors) {
    ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(errors, STDERR_FILENO);
    std::vector<std::string> arguments = command;
    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    if (::chdir(LPUSIM_SOURCE_DIR) == 0) ::execvp(argv[0], argv.data());
    ::_exit(127);
}

}  // namespace

RunningProgram::RunningProgram(const std::vector<std::string>& command)
    : output_(std::tmpfile(), &std::fclose), errors_(std::tmpfile(), &std::fclose), pid_(::fork()) {
    if (pid_ == 0) become(command, ::fileno(output_.get()), ::fileno(errors_.get()));
}

RunningProgram::~RunningProgram() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

std::string RunningProgram::output() const { return content_of(output_.get()); }
std::string RunningProgram::errors() const { return content_of(errors_.get()); }

void RunningProgram::signal(int number) const { ::kill(pid_, number); }

Finished RunningProgram::wait() {
    int status = 0;
    const pid_t pid = std::exchange(pid_, -1);
    EXPECT_EQ(::waitpid(pid, &status, 0), pid);

    Finished finished;
    if (WIFEXITED(status)) finished.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) finished.signal = WTERMSIG(status);
    finished.output = output();
    finished.errors = errors();
    return finished;
}

Finished run_program(const std::vector<std::string>& command) {
    return RunningProgram(command).wait();
}

std::vector<std::string> tool_command(const std::vector<std::string>& arguments) {
    std::vector<std::string> command = {LPUSIM_EXECUTABLE};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return command;
}

Finished run_tool(const std::vector<std::string>& arguments) {
    return run_program(tool_command(arguments));
}

}  // namespace lpusim
