#include "sim/platform/worker_pool.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/platform/worker_protocol.h"
#include "sim/result/result_json.h"

namespace lpusim {

namespace {

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

class Descriptor {
public:
    Descriptor(int fd, const char* what) : fd_(fd) {
        if (fd_ < 0) fail(what);
    }
    ~Descriptor() { ::close(fd_); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int get() const { return fd_; }

private:
    int fd_;
};

/// Turns SIGINT and SIGTERM into something that poll() sees, for as long as it lives.
class SignalWatch {
public:
    SignalWatch() : watched_(watched_signals()), fd_(make_fd(), "signalfd") {}
    ~SignalWatch() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalWatch(const SignalWatch&) = delete;
    SignalWatch& operator=(const SignalWatch&) = delete;

    int fd() const { return fd_.get(); }
    /// What the workers start with.
    const sigset_t& mask_before() const { return before_; }
    void throw_if_interrupted() const {
        signalfd_siginfo info{};
        if (::read(fd_.get(), &info, sizeof info) == sizeof info) {
            throw Interrupted(static_cast<int>(info.ssi_signo));
        }
    }

private:
    static sigset_t watched_signals() {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGINT);
        sigaddset(&set, SIGTERM);
        return set;
    }
    int make_fd() {
        pthread_sigmask(SIG_BLOCK, &watched_, &before_);
        return ::signalfd(-1, &watched_, SFD_CLOEXEC | SFD_NONBLOCK);
    }

    sigset_t watched_;
    sigset_t before_{};
    Descriptor fd_;
};

/// An unnamed file with the job in it: unlike a pipe, it takes a text of any length at once.
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

/// "signal 9 (Killed)"
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

/// A running process and what it has said so far. Killed when it goes out of scope.
class Worker {
public:
    Worker(std::size_t job, const std::vector<std::string>& command, const std::string& text,
           const sigset_t& signal_mask)
        : job_(job) {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe2");
        output_ = std::make_unique<Descriptor>(ends[0], "pipe2");
        const Descriptor write_end(ends[1], "pipe2");
        spawn(command, file_with(text)->get(), write_end.get(), signal_mask);
    }
    ~Worker() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            wait();
        }
    }
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    std::size_t job() const { return job_; }
    int fd() const { return output_->get(); }

    /// Takes what the process has said; false once it has said all.
    bool read(const WorkerEvents& events) {
        std::array<char, 65536> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init)
        const ssize_t n = ::read(fd(), buffer.data(), buffer.size());
        if (n < 0) {
            if (errno == EINTR) return true;
            fail("read");
        }
        if (n == 0) return false;
        unread_.append(buffer.data(), static_cast<std::size_t>(n));
        take_lines(events);
        return true;
    }

    void finish(const WorkerEvents& events) {
        const int status = wait();
        const bool ended_well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        if (error_) {
            events.failure(job_, *error_);
        } else if (ended_well && result_) {
            events.result(job_, std::move(*result_));
        } else {
            events.failure(job_, describe_exit(status));
        }
    }

private:
    void spawn(const std::vector<std::string>& command, int input, int output,
               const sigset_t& signal_mask) {
        posix_spawn_file_actions_t files;
        posix_spawn_file_actions_init(&files);
        posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
        posix_spawnattr_t attributes;
        posix_spawnattr_init(&attributes);
        posix_spawnattr_setsigmask(&attributes, &signal_mask);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);

        std::vector<std::string> arguments = command;
        std::vector<char*> argv;
        argv.reserve(arguments.size() + 1);
        for (std::string& argument : arguments) argv.push_back(argument.data());
        argv.push_back(nullptr);
        const int error = ::posix_spawnp(&pid_, argv[0], &files, &attributes, argv.data(), environ);
        posix_spawn_file_actions_destroy(&files);
        posix_spawnattr_destroy(&attributes);
        if (error != 0) {
            pid_ = -1;
            throw std::system_error(error, std::generic_category(), "cannot start " + command[0]);
        }
    }

    int wait() {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        pid_ = -1;
        return status;
    }

    void take_lines(const WorkerEvents& events) {
        std::size_t begin = 0;
        for (std::size_t end = unread_.find('\n'); end != std::string::npos;
             end = unread_.find('\n', begin)) {
            take(std::string_view(unread_).substr(begin, end - begin), events);
            begin = end + 1;
        }
        unread_.erase(0, begin);
    }

    void take(std::string_view line, const WorkerEvents& events) {
        try {
            WorkerMessage message = decode(line);
            if (const auto* progress = std::get_if<WorkerProgress>(&message)) {
                events.progress(job_, progress->share);
            } else if (auto* run = std::get_if<PointRun>(&message)) {
                result_ = std::move(*run);
            } else {
                error_ = std::get<WorkerError>(message).message;
            }
        } catch (const ResultFormatError& e) {
            error_ = e.what();
        }
    }

    std::size_t job_;
    pid_t pid_ = -1;
    std::unique_ptr<Descriptor> output_;
    std::string unread_;
    std::optional<PointRun> result_;
    std::optional<std::string> error_;
};

}  // namespace

Interrupted::Interrupted(int signal)
    : std::runtime_error("stopped by " + signal_text(signal)), signal_(signal) {}

WorkerPool::WorkerPool(std::vector<std::string> command, std::size_t parallel)
    : command_(std::move(command)), parallel_(parallel) {}

void WorkerPool::run(std::size_t count, const std::function<std::string(std::size_t)>& job_text,
                     const WorkerEvents& events) const {
    const SignalWatch signals;
    std::vector<std::unique_ptr<Worker>> workers;
    std::size_t next = 0;
    while (next < count || !workers.empty()) {
        while (next < count && workers.size() < parallel_) {
            workers.push_back(
                std::make_unique<Worker>(next, command_, job_text(next), signals.mask_before()));
            ++next;
        }

        std::vector<pollfd> polled = {{signals.fd(), POLLIN, 0}};
        for (const auto& worker : workers) polled.push_back({worker->fd(), POLLIN, 0});
        if (::poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) fail("poll");
        // Before the workers are looked at: Ctrl-C reaches them too, and that is no crash.
        signals.throw_if_interrupted();

        std::vector<std::unique_ptr<Worker>> running;
        for (std::size_t i = 0; i < workers.size(); ++i) {
            const bool has_news = polled[i + 1].revents != 0;
            if (has_news && !workers[i]->read(events)) {
                workers[i]->finish(events);
            } else {
                running.push_back(std::move(workers[i]));
            }
        }
        workers = std::move(running);
    }
}

}  // namespace lpusim
