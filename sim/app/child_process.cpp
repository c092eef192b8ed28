#include "sim/app/child_process.h"

#include <array>
#include <cerrno>
#include <system_error>

#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lpusim::app {

namespace {

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

/// A file without a name, in memory: unlike a pipe it cannot fill up while the other side waits.
class MemoryFile {
public:
    explicit MemoryFile(const char* name) : fd_(::memfd_create(name, MFD_CLOEXEC)) {
        if (fd_ < 0) fail("memfd_create");
    }
    ~MemoryFile() { ::close(fd_); }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;

    int fd() const { return fd_; }

    void write(std::string_view text) {
        while (!text.empty()) {
            const ssize_t written = ::write(fd_, text.data(), text.size());
            if (written < 0) fail("write");
            text.remove_prefix(static_cast<std::size_t>(written));
        }
        if (::lseek(fd_, 0, SEEK_SET) < 0) fail("lseek");
    }

    std::string read_all() const {
        struct stat status {};
        if (::fstat(fd_, &status) != 0) fail("fstat");
        std::string text(static_cast<std::size_t>(status.st_size), '\0');
        for (std::size_t done = 0; done < text.size();) {
            const ssize_t got =
                ::pread(fd_, &text[done], text.size() - done, static_cast<off_t>(done));
            if (got <= 0) fail("read");
            done += static_cast<std::size_t>(got);
        }
        return text;
    }

private:
    int fd_;
};

}  // namespace

ChildResult run_child(const std::vector<std::string>& command, std::string_view input) {
    MemoryFile in("input");
    MemoryFile out("output");
    MemoryFile err("errors");
    in.write(input);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    const std::array<const MemoryFile*, 3> files = {&in, &out, &err};
    for (std::size_t i = 0; i < files.size(); ++i) {
        posix_spawn_file_actions_adddup2(&actions, files[i]->fd(), static_cast<int>(i));
    }
    std::vector<std::string> words = command;
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t pid = 0;
    const int error =
        ::posix_spawnp(&pid, arguments.front(), &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);

    ChildResult result;
    if (error == ENOENT || error == EACCES) return result;
    if (error != 0) throw std::system_error(error, std::generic_category(), command.front());
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) fail("waitpid");
    }
    constexpr int kSignalBase = 128;
    result.started = true;
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : kSignalBase + WTERMSIG(status);
    result.output = out.read_all();
    result.errors = err.read_all();
    return result;
}

}  // namespace lpusim::app
