#include "sim/platform/trace_session.h"

#include <algorithm>

#include "sim/trace/perfetto_writer.h"
#include "sim/trace/vcd_writer.h"

namespace lpusim {

namespace {

/// Evaluated cycles between two looks at whether the run is to end.
constexpr std::uint64_t kLook = 1 << 12;

/// Engines by name, in the order in which they are shown.
class EngineNames : public ProbeVisitor {
public:
    void engine(const std::string& engine, const std::string&, EngineRole,
                Probe<EngineSink>&) override {
        names.push_back(engine);
    }
    void level(const LevelName&, Probe<LevelSink>&) override {}
    void retirement(Probe<RetireSink>&) override {}

    std::vector<std::string> names;
};

}  // namespace

std::unique_ptr<TraceWriter> make_trace_writer(const TraceRequest& request) {
    if (request.format == TraceFormat::Vcd) return std::make_unique<VcdWriter>(request.output);
    return std::make_unique<PerfettoWriter>(request.output);
}

TraceSession::TraceSession(LpuChip& chip, FastForward& fast_forward, const TraceRequest& request,
                           TracedProgram traced, std::unique_ptr<TraceWriter> writer)
    : chip_(chip),
      fast_forward_(fast_forward),
      ask_(request.interrupted),
      writer_(std::move(writer)) {
    traced.program = &chip.program();
    recorder_ =
        std::make_unique<TraceRecorder>(*writer_, traced, request.window, request.most_events);
    chip.visit_probes(*recorder_);

    EngineNames shown;
    chip.visit_probes(shown);
    const std::vector<const CycleAccount*> accounts = chip.accounts();
    for (const std::string& name : shown.names) {
        accounts_.push_back(
            *std::find_if(accounts.begin(), accounts.end(),
                          [&](const CycleAccount* account) { return account->engine() == name; }));
    }

    TraceHeader header;
    header.title = request.title;
    header.clock = chip.params().clock;
    header.operators = chip.program().operators;
    header.facts = request.facts;
    recorder_->start(header);
    fast_forward.on_skip([this](const FastForward::Skip& skip) { before_skip(skip); },
                         [this](const FastForward::Skip&) { after_skip(); });
    fast_forward.never_skip_beyond(recorder_->skip_limit());
}

void TraceSession::after_cycle() {
    recorder_->after_cycle(chip_.clock_domain());
    fast_forward_.never_skip_beyond(recorder_->skip_limit());
    if (++cycles_ % kLook == 0 && ask_ && ask_()) interrupted_ = true;
}

std::vector<TraceSession::States> TraceSession::spent() const {
    std::vector<States> result;
    for (const CycleAccount* account : accounts_) {
        States& states = result.emplace_back();
        for (std::size_t i = 0; i < kEngineStateCount; ++i) {
            states[i] = account->in(static_cast<EngineState>(i)).count();
        }
    }
    return result;
}

void TraceSession::before_skip(const FastForward::Skip& skip) {
    spent_before_ = spent();
    std::vector<TraceRecorder::LeftOut> parts;
    for (std::size_t i = 0; i < isa::kQueueCount; ++i) {
        const FastForward::LeftOut& left_out = skip.left_out[i];
        if (left_out.iterations == 0) continue;
        const auto queue = isa::queue_at(i);
        parts.push_back(
            {queue, chip_.cursor(queue).position(), left_out.depth, left_out.iterations});
    }
    recorder_->skip(skip.from, skip.to, skip.times, parts);
}

void TraceSession::after_skip() {
    const std::vector<States> after = spent();
    for (std::size_t engine = 0; engine < after.size(); ++engine) {
        States change{};
        for (std::size_t i = 0; i < kEngineStateCount; ++i) {
            change[i] = after[engine][i] - spent_before_[engine][i];
        }
        recorder_->skipped(engine, change);
    }
}

TraceSummary TraceSession::finish(Cycles end, std::optional<TraceSummary::Window> result) {
    return recorder_->finish(end, result, interrupted_);
}

}  // namespace lpusim
