#include "sim/platform/child_process.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lpusim {

namespace {

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

sigset_t stop_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

}  // namespace

Interrupted::Interrupted(int signal)
    : std::runtime_error("stopped by " + signal_text(signal)), signal_(signal) {}

Descriptor::Descriptor(int fd, const char* what) : fd_(fd) {
    if (fd_ < 0) fail(what);
}
Descriptor::~Descriptor() { ::close(fd_); }

SignalWatch::SignalWatch() : watched_(stop_signals()), fd_(make_fd(), "signalfd") {}
SignalWatch::~SignalWatch() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

int SignalWatch::make_fd() {
    pthread_sigmask(SIG_BLOCK, &watched_, &before_);
    return ::signalfd(-1, &watched_, SFD_CLOEXEC | SFD_NONBLOCK);
}

void SignalWatch::throw_if_interrupted() const {
    signalfd_siginfo info{};
    if (::read(fd_.get(), &info, sizeof info) == sizeof info) {
        throw Interrupted(static_cast<int>(info.ssi_signo));
    }
}

std::unique_ptr<Descriptor> file_with(const std::string& text) {
    auto file = std::make_unique<Descriptor>(::memfd_create("job", MFD_CLOEXEC), "memfd_create");
    std::size_t written = 0;
    while (written < text.size()) {
        const ssize_t n = ::write(file->get(), text.data() + written, text.size() - written);
        if (n < 0) fail("write");
        written += static_cast<std::size_t>(n);
    }
    if (::lseek(file->get(), 0, SEEK_SET) != 0) fail("lseek");
    return file;
}

std::pair<std::unique_ptr<Descriptor>, std::unique_ptr<Descriptor>> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe2");
    auto read_end = std::make_unique<Descriptor>(ends[0], "pipe2");
    return {std::move(read_end), std::make_unique<Descriptor>(ends[1], "pipe2")};
}

std::string signal_text(int signal) {
    return "signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ")";
}

std::string describe_exit(int status) {
    if (WIFSIGNALED(status)) {
        return "the worker process was killed by " + signal_text(WTERMSIG(status));
    }
    return "the worker process ended with exit code " + std::to_string(WEXITSTATUS(status)) +
           " and without a result";
}

ChildProcess::ChildProcess(const std::vector<std::string>& command,
                           const std::vector<std::pair<int, int>>& files,
                           const sigset_t& signal_mask) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (const auto& [here, there] : files) {
        posix_spawn_file_actions_adddup2(&actions, here, there);
    }
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &signal_mask);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);

    std::vector<std::string> arguments = command;
    std::vector<char*> argv;
    argv.reserve(arguments.size() + 1);
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    const int error = ::posix_spawnp(&pid_, argv[0], &actions, &attributes, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (error != 0) {
        pid_ = -1;
        throw std::system_error(error, std::generic_category(), "cannot start " + command[0]);
    }
}

ChildProcess::~ChildProcess() {
    if (pid_ <= 0) return;
    kill();
    wait();
}

void ChildProcess::kill() const { ::kill(pid_, SIGKILL); }

int ChildProcess::wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
}

}  // namespace lpusim
