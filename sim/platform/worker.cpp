#include "sim/platform/worker.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <exception>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "sim/platform/simulate.h"
#include "sim/platform/worker_job.h"
#include "sim/platform/worker_protocol.h"

namespace lpusim {

namespace {

/// Messages to the parent process.
class Outbox {
public:
    /// Takes standard output for the messages alone.
    Outbox() : fd_(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)) {
        if (fd_ < 0 || ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
            throw std::system_error(errno, std::generic_category(), "standard output");
        }
    }
    ~Outbox() { ::close(fd_); }
    Outbox(const Outbox&) = delete;
    Outbox& operator=(const Outbox&) = delete;

    /// A parent that no longer listens ends this process by SIGPIPE.
    void send(const WorkerMessage& message) const {
        std::string line = encode(message);
        while (!line.empty()) {
            const ssize_t written = ::write(fd_, line.data(), line.size());
            if (written < 0 && errno != EINTR) {
                throw std::system_error(errno, std::generic_category(), "write");
            }
            if (written > 0) line.erase(0, static_cast<std::size_t>(written));
        }
    }

private:
    int fd_;
};

/// Passes on a change only when it can be seen.
class ProgressReporter {
public:
    explicit ProgressReporter(const Outbox& outbox) : outbox_(outbox) {}

    void operator()(double share) {
        constexpr double kStep = 0.01;
        if (share < reported_ + kStep) return;
        reported_ = share;
        outbox_.send(WorkerProgress{share});
    }

private:
    const Outbox& outbox_;
    double reported_ = 0;
};

std::string read_standard_input() {
    std::string text;
    std::array<char, 4096> buffer{};
    while (true) {
        const ssize_t n = ::read(STDIN_FILENO, buffer.data(), buffer.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throw std::system_error(errno, std::generic_category(), "standard input");
        if (n == 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(n));
    }
}

}  // namespace

int run_worker() {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const Outbox outbox;
    try {
        SimulationInput input = load_input(decode_job(read_standard_input()));
        input.progress = ProgressReporter(outbox);
        outbox.send(simulate(input));
    } catch (const std::exception& e) {
        outbox.send(WorkerError{e.what()});
        return 1;
    }
    return 0;
}

}  // namespace lpusim
