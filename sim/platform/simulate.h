#pragma once

#include <functional>
#include <stdexcept>

#include "hw_models/numerics/number_format.h"
#include "sim/config/hardware_config.h"
#include "sim/data/tensor_source.h"
#include "sim/platform/trace_request.h"
#include "sim/result/result.h"
#include "sim/workload/model.h"
#include "sim/workload/scenario.h"

namespace lpusim {

struct SimulationInput {
    HardwareConfig hardware;
    Model model;
    NumberFormat format;
    Scenario scenario;
    /// Evaluate every unit in every cycle; the result is the same, slower.
    bool every_cycle = false;
    /// Skip what repeats; the result is the same, sooner. Never together with every_cycle.
    bool fast_forward = true;
    /// Carry data and compare every result; time does not change, and nothing is skipped.
    bool data = false;
    /// Whose weights.
    DataWeights data_weights;
    /// Called now and then with the share of the token that is done, 0..1.
    std::function<void(double)> progress;
};

/// The run was ended by TraceRequest::interrupted.
class TraceInterrupted : public std::runtime_error {
public:
    explicit TraceInterrupted(const TraceSummary& summary)
        : std::runtime_error("interrupted"), summary_(summary) {}
    const TraceSummary& summary() const { return summary_; }

private:
    TraceSummary summary_;
};

/// Elaborates one chip, runs it to the steady state and collects the result. One simulation per
/// process: SystemC's kernel cannot be elaborated twice. Throws CompileError for a point that
/// cannot run.
PointRun simulate(const SimulationInput& input);
/// The same with a trace, which says in `summary` what it holds. Throws TraceInterrupted besides.
PointRun simulate_traced(const SimulationInput& input, const TraceRequest& trace,
                         TraceSummary& summary);

}  // namespace lpusim
