#include "tests/app/subprocess.h"

#include <cstdio>
#include <memory>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lpusim {
namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

/// Files take any amount of output without being read meanwhile.
File temporary_file() { return {std::tmpfile(), &std::fclose}; }

std::string content_of(std::FILE* file) {
    std::string content;
    std::rewind(file);
    for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) {
        content.push_back(static_cast<char>(c));
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

Finished run_program(const std::vector<std::string>& command) {
    const File output = temporary_file();
    const File errors = temporary_file();
    const pid_t pid = ::fork();
    if (pid == 0) become(command, ::fileno(output.get()), ::fileno(errors.get()));
    int status = 0;
    EXPECT_EQ(::waitpid(pid, &status, 0), pid);

    Finished finished;
    if (WIFEXITED(status)) finished.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) finished.signal = WTERMSIG(status);
    finished.output = content_of(output.get());
    finished.errors = content_of(errors.get());
    return finished;
}

Finished run_tool(const std::vector<std::string>& arguments) {
    std::vector<std::string> command = {LPUSIM_EXECUTABLE};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return run_program(command);
}

}  // namespace lpusim
