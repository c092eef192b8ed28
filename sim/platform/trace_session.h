#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "hw_models/chip/fast_forward.h"
#include "hw_models/chip/lpu_chip.h"
#include "sim/platform/trace_request.h"
#include "sim/trace/trace_recorder.h"

namespace lpusim {

std::unique_ptr<TraceWriter> make_trace_writer(const TraceRequest& request);

/// Attaches a trace to a chip for one run. It watches, and keeps fast-forward out of what is to be
/// seen cycle by cycle.
class TraceSession {
public:
    TraceSession(LpuChip& chip, FastForward& fast_forward, const TraceRequest& request,
                 TracedProgram traced, std::unique_ptr<TraceWriter> writer);

    /// After each evaluated cycle, before fast-forward.
    void after_cycle();
    bool may_skip() const { return recorder_->may_skip(); }
    bool interrupted() const { return interrupted_; }
    /// All accounts stand at `end`; `result`: the cycles that the result counts, if there is one.
    TraceSummary finish(Cycles end, std::optional<TraceSummary::Window> result);

private:
    using States = std::array<std::uint64_t, kEngineStateCount>;
    void before_skip(const FastForward::Skip& skip);
    void after_skip();
    std::vector<States> spent() const;

    LpuChip& chip_;
    FastForward& fast_forward_;
    std::function<bool()> ask_;
    std::unique_ptr<TraceWriter> writer_;
    std::unique_ptr<TraceRecorder> recorder_;
    /// In the order in which the chip shows its engines.
    std::vector<const CycleAccount*> accounts_;
    std::vector<States> spent_before_;
    std::uint64_t cycles_ = 0;
    bool interrupted_ = false;
};

}  // namespace lpusim
