#include "sim/platform/point_server.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <optional>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/compiler/compiler.h"
#include "sim/platform/child_process.h"
#include "sim/platform/point_inputs.h"
#include "sim/platform/point_protocol.h"
#include "sim/platform/simulate.h"

namespace lpusim {

namespace {

bool operator==(const ChangedFile& a, const ChangedFile& b) {
    const auto equal = [](const Override& x, const Override& y) {
        return x.key == y.key && x.value == y.value;
    };
    return a.file == b.file && std::equal(a.overrides.begin(), a.overrides.end(),
                                          b.overrides.begin(), b.overrides.end(), equal);
}

/// The latest configuration of a kind: neighbours in a sweep share most of them.
template <class Config>
class Latest {
public:
    template <class Load>
    const Config& get(const ChangedFile& file, Load load) {
        if (!config_ || !(file == file_)) {
            config_.reset();
            config_ = load();
            file_ = file;
        }
        return *config_;
    }

private:
    ChangedFile file_;
    std::optional<Config> config_;
};

void write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno != EINTR) {
            throw std::system_error(errno, std::generic_category(), "write");
        }
        if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
    }
}

std::string read_to_end(int fd) {
    std::string text;
    std::array<char, 65536> buffer{};
    while (true) {
        const ssize_t n = ::read(fd, buffer.data(), buffer.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throw std::system_error(errno, std::generic_category(), "read");
        if (n == 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(n));
    }
}

/// Lines of standard input. Never more than there are: a child must not inherit what is not its.
class Lines {
public:
    std::optional<std::string> next() {
        while (true) {
            const std::size_t end = unread_.find('\n');
            if (end != std::string::npos) {
                std::string line = unread_.substr(0, end);
                unread_.erase(0, end + 1);
                return line;
            }
            std::array<char, 65536> buffer{};
            const ssize_t n = ::read(STDIN_FILENO, buffer.data(), buffer.size());
            if (n < 0 && errno == EINTR) continue;
            if (n <= 0) return std::nullopt;
            unread_.append(buffer.data(), static_cast<std::size_t>(n));
        }
    }

private:
    std::string unread_;
};

/// Whether memory ran out. SystemC wraps what its processes throw, so the exception does not tell.
bool& memory_ran_out() {
    static bool ran_out = false;
    return ran_out;
}

/// As std::new_handler.
[[noreturn]] void note_and_throw() {
    memory_ran_out() = true;
    throw std::bad_alloc();
}

class PointServer {
public:
    PointServer(PointServerSetup setup, int output)
        : setup_(std::move(setup)), output_(output), self_(::getpid()) {}

    void serve(const PointRequest& request) {
        PointAnswer answer;
        answer.id = request.id;
        std::optional<SimulationInput> input;
        try {
            input = load(request);
        } catch (const ConfigError& e) {
            answer.failure = PointFailure{FailureCause::Inputs, e.what()};
            return send(answer);
        }
        const pid_t child = ::fork();
        if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
        if (child == 0) run_child(request.id, *input);

        int status = 0;
        while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
        }
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
        answer.run.point.inputs = inputs_of(*input);
        answer.failure = PointFailure{FailureCause::Crash, describe_exit(status)};
        // The child may have been killed in the middle of a line.
        write_all(output_, "\n");
        send(answer);
    }

private:
    void send(const PointAnswer& answer) const { write_all(output_, encode(answer)); }

    SimulationInput load(const PointRequest& request) {
        const auto file = [&](const ChangedFile& changed) -> const ConfigFile& {
            return setup_.files.at(changed.file);
        };
        SimulationInput input;
        input.hardware = hardware_.get(request.hardware, [&] {
            return file(request.hardware).hardware(request.hardware.overrides);
        });
        input.model = model_.get(
            request.model, [&] { return file(request.model).model(request.model.overrides); });
        input.format = format_.get(
            request.format, [&] { return file(request.format).format(request.format.overrides); });
        input.scenario = request.scenario;
        return input;
    }

    /// In the child: one simulation, one answer, and no way back into the server.
    [[noreturn]] void run_child(std::uint64_t id, const SimulationInput& input) const {
        // Killed when the server is: before this call it may have been.
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != self_) ::_exit(1);
        std::set_new_handler(note_and_throw);
        if (setup_.memory_bytes > 0) set_memory_limit(setup_.memory_bytes);
        PointAnswer answer;
        answer.id = id;
        try {
            answer.run = simulate(input);
        } catch (const CompileError& e) {
            fail(answer, input, FailureCause::Inputs, e.what());
        } catch (const std::exception& e) {
            // What follows needs memory as well.
            set_memory_limit(RLIM_INFINITY);
            if (memory_ran_out()) {
                fail(answer, input, FailureCause::Memory,
                     "the simulation needs more memory than it may have");
            } else {
                fail(answer, input, FailureCause::Crash, e.what());
            }
        }
        int code = 0;
        try {
            send(answer);
        } catch (const std::exception&) {
            code = 1;
        }
        ::_exit(code);
    }

    static void fail(PointAnswer& answer, const SimulationInput& input, FailureCause cause,
                     const std::string& reason) {
        answer.run = {};
        answer.run.point.inputs = inputs_of(input);
        answer.failure = PointFailure{cause, reason};
    }

    /// Of this process, as far as the system lets it have that.
    static void set_memory_limit(rlim_t bytes) {
        rlimit limit{};
        if (::getrlimit(RLIMIT_AS, &limit) != 0) return;
        limit.rlim_cur = std::min(bytes, limit.rlim_max);
        ::setrlimit(RLIMIT_AS, &limit);
    }

    PointServerSetup setup_;
    int output_;
    pid_t self_;
    Latest<HardwareConfig> hardware_;
    Latest<Model> model_;
    Latest<NumberFormat> format_;
};

}  // namespace

int run_point_server() {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    try {
        // Standard output is for answers alone; what else is printed goes to standard error.
        const int output = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, kSetupDescriptor + 1);
        if (output < 0 || ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
            throw std::system_error(errno, std::generic_category(), "standard output");
        }
        PointServer server(decode_setup(read_to_end(kSetupDescriptor)), output);
        Lines lines;
        while (const auto line = lines.next()) server.serve(decode_request(*line));
    } catch (const std::exception& e) {
        std::fprintf(stderr, "lpusim: point server: %s\n", e.what());
        return 1;
    }
    return 0;
}

}  // namespace lpusim
