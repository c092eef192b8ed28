#pragma once

#include <csignal>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace lpusim {

/// SIGINT or SIGTERM arrived while workers ran; they have been stopped.
class Interrupted : public std::runtime_error {
public:
    explicit Interrupted(int signal);
    int signal() const { return signal_; }

private:
    int signal_;
};

/// An open file descriptor, closed at the end.
class Descriptor {
public:
    /// Throws std::system_error if it is none.
    Descriptor(int fd, const char* what);
    ~Descriptor();
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int get() const { return fd_; }

private:
    int fd_;
};

/// Turns SIGINT and SIGTERM into something that poll() sees, for as long as it lives.
class SignalWatch {
public:
    SignalWatch();
    ~SignalWatch();
    SignalWatch(const SignalWatch&) = delete;
    SignalWatch& operator=(const SignalWatch&) = delete;

    int fd() const { return fd_.get(); }
    /// What child processes start with.
    const sigset_t& mask_before() const { return before_; }
    void throw_if_interrupted() const;

private:
    int make_fd();

    sigset_t watched_;
    sigset_t before_{};
    Descriptor fd_;
};

/// An unnamed file with a text in it, to be read from its begin: unlike a pipe, it takes a text of
/// any length at once.
std::unique_ptr<Descriptor> file_with(const std::string& text);

/// Both ends of a pipe, closed when another program is started.
std::pair<std::unique_ptr<Descriptor>, std::unique_ptr<Descriptor>> make_pipe();

/// "signal 9 (Killed)"
std::string signal_text(int signal);
/// "the worker process was killed by signal 9 (Killed)", from what waitpid() says.
std::string describe_exit(int status);

/// A child process, killed when it goes out of scope.
class ChildProcess {
public:
    /// Starts a program; `files` are (descriptor here, descriptor there). Throws std::system_error.
    ChildProcess(const std::vector<std::string>& command,
                 const std::vector<std::pair<int, int>>& files, const sigset_t& signal_mask);
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    void kill() const;
    /// Its status, as of waitpid().
    int wait();

private:
    pid_t pid_ = -1;
};

}  // namespace lpusim
