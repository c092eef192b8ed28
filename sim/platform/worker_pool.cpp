#include "sim/platform/worker_pool.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/platform/worker_protocol.h"
#include "sim/result/result_json.h"

namespace lpusim {

namespace {

/// A running process and what it has said so far. Killed when it goes out of scope.
class Worker {
public:
    Worker(std::size_t job, const std::vector<std::string>& command, const std::string& text,
           const sigset_t& signal_mask)
        : job_(job) {
        auto [read_end, write_end] = make_pipe();
        output_ = std::move(read_end);
        const auto input = file_with(text);
        process_.emplace(command,
                         std::vector<std::pair<int, int>>{{input->get(), STDIN_FILENO},
                                                          {write_end->get(), STDOUT_FILENO}},
                         signal_mask);
    }

    std::size_t job() const { return job_; }
    int fd() const { return output_->get(); }

    /// Takes what the process has said; false once it has said all.
    bool read(const WorkerEvents& events) {
        std::array<char, 65536> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init)
        const ssize_t n = ::read(fd(), buffer.data(), buffer.size());
        if (n < 0) {
            if (errno == EINTR) return true;
            throw std::system_error(errno, std::generic_category(), "read");
        }
        if (n == 0) return false;
        unread_.append(buffer.data(), static_cast<std::size_t>(n));
        take_lines(events);
        return true;
    }

    void finish(const WorkerEvents& events) {
        const int status = process_->wait();
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
    std::optional<ChildProcess> process_;
    std::unique_ptr<Descriptor> output_;
    std::string unread_;
    std::optional<PointRun> result_;
    std::optional<std::string> error_;
};

}  // namespace

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
        if (::poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) {
            throw std::system_error(errno, std::generic_category(), "poll");
        }
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
