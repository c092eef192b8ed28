#include "sim/app/trace_run.h"

#include <csignal>
#include <exception>
#include <iostream>
#include <stdexcept>

#include <fmt/format.h>

#include "sim/app/progress_line.h"
#include "sim/app/tool_info.h"
#include "sim/platform/simulate.h"
#include "sim/platform/worker_pool.h"
#include "sim/quantize/staged_file.h"
#include "sim/report/number_text.h"
#include "sim/result/output_file.h"

namespace lpusim::app {

namespace {

constexpr std::uint32_t kMostEvents = 1'000'000'000;

bool ends_with(const std::string& text, const std::string& end) {
    return text.size() > end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

TraceFormat format_of(const std::string& path) {
    if (ends_with(path, ".vcd")) return TraceFormat::Vcd;
    if (ends_with(path, ".json")) return TraceFormat::Perfetto;
    throw InputError(
        "error: --trace: the name says what is written; allowed: NAME.json (Perfetto, "
        "chrome://tracing) or NAME.vcd (GTKWave)");
}

/// Keeps SIGINT and SIGTERM waiting, so that the trace can be closed.
class PendingSignals {
public:
    PendingSignals() {
        sigemptyset(&signals_);
        sigaddset(&signals_, SIGINT);
        sigaddset(&signals_, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &signals_, &before_);
    }
    ~PendingSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    PendingSignals(const PendingSignals&) = delete;
    PendingSignals& operator=(const PendingSignals&) = delete;

    /// Takes one that has come.
    bool arrived() {
        constexpr timespec kAtOnce{0, 0};
        const int signal = sigtimedwait(&signals_, nullptr, &kAtOnce);
        if (signal > 0) taken_ = signal;
        return taken_ != 0;
    }
    int taken() const { return taken_; }

private:
    sigset_t signals_{};
    sigset_t before_{};
    int taken_ = 0;
};

TraceRequest request_of(const SimulationInput& input, const TraceChoice& choice) {
    TraceRequest request;
    request.format = choice.format;
    request.window = choice.window;
    request.most_events = choice.most_events;
    request.title = fmt::format("{} on {}, weights in {}", input.model.name, input.hardware.name,
                                input.format.name);
    const ToolInfo tool = tool_info();
    request.facts = {{"tool", fmt::format("lpusim {}", tool.version)},
                     {"batch", fmt::format("{}", input.scenario.batch)},
                     {"context", fmt::format("{}", input.scenario.context)}};
    return request;
}

std::string summary_text(const TraceChoice& choice, const TraceSummary& summary) {
    std::string text = fmt::format("trace: {}: cycles {} to {}, {} events", choice.path,
                                   count_text(summary.from.count()), count_text(summary.to.count()),
                                   count_text(summary.events));
    if (summary.skips > 0) {
        text += fmt::format(
            "; {} of these cycles were skipped by fast-forward in {} steps, marked as such "
            "(--no-fast-forward records them, too)",
            count_text(summary.skipped.count()), summary.skips);
    }
    if (summary.limit_reached) {
        text += fmt::format(
            "; not the rest: the limit of {} events was reached (choose a part with "
            "--trace-window, or raise --trace-limit)",
            count_text(choice.most_events));
    }
    if (summary.interrupted) text += "; not the rest: the run was interrupted";
    return text + "\n";
}

}  // namespace

void add_trace_options(CommandLine& line) {
    line.add_value("trace", "FILE",
                   "record what every unit does: FILE.json for Perfetto, FILE.vcd for GTKWave; of "
                   "one format");
    line.add_value("trace-window", "PART",
                   "record only that: cycles (1000..2000), token:2, layer:5 or token:1,layer:5");
    line.add_value(
        "trace-limit", "N",
        fmt::format("stop recording after about N events (default {})", TraceChoice{}.most_events));
}

std::optional<TraceChoice> read_trace_choice(const CommandLine& line, InputErrors& errors) {
    const std::optional<std::string> path = line.value("trace");
    if (!path) {
        for (const char* name : {"trace-window", "trace-limit"}) {
            if (line.has(name)) errors.add(fmt::format("--{}: there is no --trace", name));
        }
        return std::nullopt;
    }
    TraceChoice choice;
    choice.path = *path;
    errors.collect([&] { choice.format = format_of(*path); });
    if (const auto text = line.value("trace-window")) {
        errors.collect([&] {
            try {
                choice.window = parse_trace_window(*text);
            } catch (const std::invalid_argument& e) {
                throw InputError(fmt::format("error: --trace-window: {}", e.what()));
            }
        });
    }
    if (const auto text = line.value("trace-limit")) {
        errors.collect(
            [&] { choice.most_events = parse_count("--trace-limit", *text, 1, kMostEvents); });
    }
    return choice;
}

PointRun simulate_with_trace(const NamedJob& job, const TraceChoice& choice) {
    SimulationInput input = load_input(job.job);
    const std::uint32_t layers =
        input.scenario.layers != 0 ? input.scenario.layers : input.model.layers;
    if (choice.window.layer && *choice.window.layer >= layers) {
        throw InputError(
            fmt::format("error: --trace-window: layer {} does not exist; {} of {} are "
                        "simulated",
                        *choice.window.layer + 1, layers, input.model.name));
    }
    PendingSignals signals;
    StagedFile file(choice.path);
    TraceRequest request = request_of(input, choice);
    // SystemC would put words of its own around what leaves the simulation as an exception.
    std::exception_ptr not_written;
    request.output = [&](std::string_view text) {
        if (not_written) return;
        try {
            file.append(ByteView{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
        } catch (const OutputError&) {
            not_written = std::current_exception();
        }
    };
    request.interrupted = [&] { return not_written || signals.arrived(); };

    TraceSummary summary;
    try {
        ProgressLine progress({job.label});
        input.progress = [&](double share) { progress.update(0, share); };
        PointRun run = simulate_traced(input, request, summary);
        if (not_written) std::rethrow_exception(not_written);
        if (summary.to == summary.from && !summary.limit_reached) {
            throw InputError(fmt::format(
                "error: --trace-window: begins behind the end of the run, which simulates {} "
                "cycles",
                run.simulator.cycles_simulated.count() + run.simulator.cycles_skipped.count()));
        }
        file.commit();
        std::cerr << summary_text(choice, summary);
        return run;
    } catch (const TraceInterrupted& e) {
        if (not_written) std::rethrow_exception(not_written);
        if (e.summary().to > Cycles(0)) {
            file.commit();
            std::cerr << summary_text(choice, e.summary());
        }
        throw Interrupted(signals.taken());
    }
}

}  // namespace lpusim::app
