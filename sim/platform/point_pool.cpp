#include "sim/platform/point_pool.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <deque>
#include <memory>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "sim/platform/child_process.h"

namespace lpusim {

namespace {

using Clock = std::chrono::steady_clock;

/// Requests that a server has at a time: the one that it works on, and the next, so that it need
/// not wait for us.
constexpr std::size_t kQueued = 2;
constexpr int kMostAttempts = 2;

/// A server that is gone makes write() fail rather than us end.
class PipeSignalIgnored {
public:
    PipeSignalIgnored() {
        struct sigaction ignore {};
        ignore.sa_handler = SIG_IGN;
        ::sigaction(SIGPIPE, &ignore, &before_);
    }
    ~PipeSignalIgnored() { ::sigaction(SIGPIPE, &before_, nullptr); }
    PipeSignalIgnored(const PipeSignalIgnored&) = delete;
    PipeSignalIgnored& operator=(const PipeSignalIgnored&) = delete;

private:
    struct sigaction before_ {};
};

struct Attempt {
    PointRequest request;
    int number = 1;
};

/// A server process and the requests that it has not answered yet.
class Server {
public:
    Server(const PointPoolOptions& options, const std::string& setup, const sigset_t& mask) {
        auto [requests_out, requests_in] = make_pipe();
        auto [answers_out, answers_in] = make_pipe();
        const auto setup_file = file_with(setup);
        process_.emplace(options.command,
                         std::vector<std::pair<int, int>>{{requests_out->get(), STDIN_FILENO},
                                                          {answers_in->get(), STDOUT_FILENO},
                                                          {setup_file->get(), kSetupDescriptor}},
                         mask);
        requests_ = std::move(requests_in);
        answers_ = std::move(answers_out);
    }

    int fd() const { return answers_->get(); }
    std::deque<Attempt>& queue() { return queue_; }
    Clock::time_point began() const { return began_; }
    void kill() const { process_->kill(); }
    int wait() { return process_->wait(); }

    void give(Attempt attempt) {
        if (queue_.empty()) began_ = Clock::now();
        const std::string line = encode(attempt.request);
        queue_.push_back(std::move(attempt));
        // Two short lines always fit into a pipe. One that nobody reads tells by its end.
        std::string_view rest = line;
        while (!rest.empty()) {
            const ssize_t n = ::write(requests_->get(), rest.data(), rest.size());
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return;
            rest.remove_prefix(static_cast<std::size_t>(n));
        }
    }

    /// Takes what the process has said; false once it has said all.
    bool read() {
        std::array<char, 65536> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init)
        const ssize_t n = ::read(fd(), buffer.data(), buffer.size());
        if (n < 0 && errno == EINTR) return true;
        if (n < 0) throw std::system_error(errno, std::generic_category(), "read");
        unread_.append(buffer.data(), static_cast<std::size_t>(n));
        return n > 0;
    }

    /// The next whole answer to the oldest request.
    std::optional<std::pair<Attempt, PointAnswer>> next_answer() {
        while (true) {
            const std::size_t end = unread_.find('\n', read_until_);
            if (end == std::string::npos) {
                unread_.erase(0, read_until_);
                read_until_ = 0;
                return std::nullopt;
            }
            const auto line = std::string_view(unread_).substr(read_until_, end - read_until_);
            read_until_ = end + 1;
            std::optional<PointAnswer> answer = decode_answer(line);
            if (!answer || queue_.empty() || queue_.front().request.id != answer->id) continue;
            std::pair<Attempt, PointAnswer> pair(std::move(queue_.front()), std::move(*answer));
            queue_.pop_front();
            began_ = Clock::now();
            return pair;
        }
    }

private:
    std::optional<ChildProcess> process_;
    std::unique_ptr<Descriptor> requests_;
    std::unique_ptr<Descriptor> answers_;
    std::deque<Attempt> queue_;
    Clock::time_point began_;
    std::string unread_;
    std::size_t read_until_ = 0;
};

/// One call of PointPool::run().
class Run {
public:
    Run(const PointPoolOptions& options, const std::string& setup,
        const std::function<std::optional<PointRequest>()>& next,
        const std::function<void(PointAnswer)>& answered)
        : options_(options), setup_(setup), next_(next), answered_(answered) {}

    void run() {
        while (true) {
            feed();
            if (servers_.empty() || is_idle()) return;
            wait();
            take_answers();
            stop_late_servers();
        }
    }

private:
    bool is_idle() const {
        return std::all_of(servers_.begin(), servers_.end(),
                           [](const auto& server) { return server->queue().empty(); });
    }

    std::optional<Attempt> next_attempt() {
        if (!again_.empty()) {
            Attempt attempt = std::move(again_.front());
            again_.pop_front();
            return attempt;
        }
        std::optional<PointRequest> request = next_();
        if (!request) return std::nullopt;
        return Attempt{std::move(*request)};
    }

    /// Breadth first: a server that works alone is better than two points behind one another.
    void feed() {
        for (std::size_t depth = 0; depth < kQueued; ++depth) {
            for (std::size_t i = 0; i < options_.parallel; ++i) {
                if (i < servers_.size() && servers_[i]->queue().size() > depth) continue;
                std::optional<Attempt> attempt = next_attempt();
                if (!attempt) return;
                if (i == servers_.size()) {
                    servers_.push_back(
                        std::make_unique<Server>(options_, setup_, signals_.mask_before()));
                }
                servers_[i]->give(std::move(*attempt));
            }
        }
    }

    void wait() {
        std::vector<pollfd> polled = {{signals_.fd(), POLLIN, 0}};
        for (const auto& server : servers_) polled.push_back({server->fd(), POLLIN, 0});
        if (::poll(polled.data(), polled.size(), milliseconds_left()) < 0 && errno != EINTR) {
            throw std::system_error(errno, std::generic_category(), "poll");
        }
        // Before the servers are looked at: Ctrl-C reaches them, too, and that is no crash.
        signals_.throw_if_interrupted();
        has_news_.clear();
        for (std::size_t i = 1; i < polled.size(); ++i) {
            has_news_.push_back(polled[i].revents != 0);
        }
    }

    int milliseconds_left() const {
        if (options_.time_limit.count() == 0) return -1;
        auto least = options_.time_limit;
        for (const auto& server : servers_) {
            if (server->queue().empty()) continue;
            const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(
                Clock::now() - server->began());
            least = std::min(least, options_.time_limit - passed);
        }
        return std::max(0, static_cast<int>(least.count()) + 1);
    }

    void take_answers() {
        std::vector<std::unique_ptr<Server>> running;
        for (std::size_t i = 0; i < servers_.size(); ++i) {
            std::unique_ptr<Server>& server = servers_[i];
            const bool is_over = has_news_[i] && !server->read();
            while (auto answer = server->next_answer()) {
                settle(std::move(answer->first), std::move(answer->second));
            }
            if (is_over) {
                bury(*server, FailureCause::Crash, describe_exit(server->wait()));
            } else {
                running.push_back(std::move(server));
            }
        }
        servers_ = std::move(running);
    }

    void stop_late_servers() {
        if (options_.time_limit.count() == 0) return;
        std::vector<std::unique_ptr<Server>> running;
        for (std::unique_ptr<Server>& server : servers_) {
            const bool is_late =
                !server->queue().empty() && Clock::now() - server->began() > options_.time_limit;
            if (!is_late) {
                running.push_back(std::move(server));
                continue;
            }
            server->kill();
            server->wait();
            bury(*server, FailureCause::TimeLimit,
                 "the simulation took longer than the time limit of " +
                     std::to_string(options_.time_limit.count()) + " ms");
        }
        servers_ = std::move(running);
    }

    /// The first request of a server that is no more is what it was at.
    void bury(Server& server, FailureCause cause, const std::string& reason) {
        std::deque<Attempt>& queue = server.queue();
        if (queue.empty()) return;
        PointAnswer answer;
        answer.id = queue.front().request.id;
        answer.failure = PointFailure{cause, reason};
        Attempt first = std::move(queue.front());
        queue.pop_front();
        for (Attempt& innocent : queue) again_.push_back(std::move(innocent));
        queue.clear();
        settle(std::move(first), std::move(answer));
    }

    void settle(Attempt attempt, PointAnswer answer) {
        const bool may_pass = answer.failure && answer.failure->cause != FailureCause::Inputs;
        if (may_pass && attempt.number < kMostAttempts) {
            ++attempt.number;
            again_.push_back(std::move(attempt));
            return;
        }
        answered_(std::move(answer));
    }

    const PointPoolOptions& options_;
    const std::string& setup_;
    const std::function<std::optional<PointRequest>()>& next_;
    const std::function<void(PointAnswer)>& answered_;
    const SignalWatch signals_;
    const PipeSignalIgnored no_pipe_signal_;
    std::vector<std::unique_ptr<Server>> servers_;
    std::vector<bool> has_news_;
    std::deque<Attempt> again_;
};

}  // namespace

PointPool::PointPool(PointPoolOptions options)
    : options_(std::move(options)), setup_(encode(options_.setup)) {}

void PointPool::run(const std::function<std::optional<PointRequest>()>& next,
                    const std::function<void(PointAnswer)>& answered) const {
    Run(options_, setup_, next, answered).run();
}

}  // namespace lpusim
