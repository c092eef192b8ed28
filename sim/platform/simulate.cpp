#include "sim/platform/simulate.h"

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>

#include <systemc>

#include "hw_models/chip/fast_forward.h"
#include "hw_models/chip/lpu_chip.h"
#include "sim/compiler/bounds.h"
#include "sim/compiler/compiler.h"
#include "sim/data/data_run.h"
#include "sim/platform/point_inputs.h"
#include "sim/platform/tested_ranges.h"
#include "sim/platform/token_window.h"
#include "sim/platform/trace_session.h"
#include "sim/result/bottleneck.h"

namespace lpusim {

namespace {

/// A point that undercuts a law is wrong, and a wrong number is worse than none.
void check_bounds(Cycles cycles, const Work& work, const ChipParams& chip) {
    for (const LowerBound& bound : lower_bounds(work, chip)) {
        if (cycles >= bound.cycles) continue;
        throw std::logic_error("a token took " + std::to_string(cycles.count()) +
                               " cycles, less than the lower bound of " +
                               std::to_string(bound.cycles.count()) + " (" + bound.name +
                               "): this is a defect of the simulator, please report it");
    }
}

StreamTraffic traffic_of(const Work& work) {
    StreamTraffic traffic;
    traffic.weights = work.stream_weights;
    traffic.kv_read = work.stream_kv_read;
    traffic.kv_write = work.stream_kv_write;
    traffic.embedding = work.stream_embedding;
    traffic.norms = work.stream_norms;
    traffic.padding = work.stream_padding;
    return traffic;
}

void add_provenance(const HardwareConfig& hardware, Point& point) {
    for (const Provenance& entry : hardware.provenance) {
        const bool assumed = entry.confidence == Confidence::Assumed;
        (assumed ? point.assumptions : point.sources)
            .push_back({entry.key, entry.value, name_of(entry.confidence), entry.source});
    }
}

/// What is known before anything runs.
Point point_before_run(const SimulationInput& input, const CompiledProgram& compiled) {
    const MacArrayParams& array = input.hardware.chip.mac_array;
    Point point;
    point.inputs = inputs_of(input);
    point.batch = input.scenario.batch;
    point.clock = input.hardware.chip.clock;
    point.layers_simulated = compiled.layers;
    point.layers_total = input.model.layers;
    point.weights = compiled.weights;
    point.weight_bytes = compiled.weight_bytes;
    point.model_bytes = compiled.model_bytes;
    point.parameters = count_parameters(input.model).total();
    point.useful_macs = compiled.work.useful_macs;
    point.peak_macs_per_cycle = std::uint64_t{array.planes} * array.rows * array.cols;
    point.stream = traffic_of(compiled.work);
    point.stream_rate = input.hardware.chip.weight_stream.rate;
    point.stream_bandwidth = input.hardware.stream_bandwidth;
    point.stream_deviation_ppm = input.hardware.stream_deviation_ppm;
    point.weights_resident = compiled.sram.weights_resident;
    point.kv_resident = compiled.sram.kv_resident;
    point.kv_bytes = compiled.sram.kv_cache;
    point.sram_capacity = compiled.sram.capacity;
    point.sram_used = compiled.sram.used;
    point.weight_slots = compiled.sram.weight_slots;
    add_provenance(input.hardware, point);
    point.untested = untested_settings(input);
    point.notes = compiled.notes;
    return point;
}

/// A token's share that is done: its weights in the array, of all tokens that are run.
double progress_of(const LpuChip& chip, const Work& work) {
    const double wanted = static_cast<double>(work.useful_macs) * (TokenWindow::kTokens - 1);
    const double done = static_cast<double>(chip.mac_array().stats().useful_macs) / wanted;
    return done < 1 ? done : 1;
}

PointRun run(const SimulationInput& input, const TraceRequest* trace, TraceSummary* summary) {
    const auto started = std::chrono::steady_clock::now();
    const ChipParams& params = input.hardware.chip;
    CompiledProgram compiled = compile(params, input.hardware.placement, input.model, input.format,
                                       input.scenario, TokenWindow::kTokens);
    PointRun run;
    run.point = point_before_run(input, compiled);

    LpuChip chip("chip", params, std::move(compiled.program), input.every_cycle);
    const Cycles stream_cycles = params.weight_stream.rate.cycles_for(compiled.work.stream_total());
    TokenWindow window(chip, stream_cycles);
    std::unique_ptr<DataRun> data;
    if (input.data) {
        data = std::make_unique<DataRun>(params, input.hardware.placement, input.model,
                                         input.format, input.scenario, input.data_weights);
        chip.carry(data->path());
    }
    ClockDomain& domain = chip.clock_domain();
    FastForward fast_forward(chip);
    const bool may_skip = input.fast_forward && !input.every_cycle && !input.data;
    std::optional<TraceSession> session;
    if (trace != nullptr) {
        const TracedProgram traced{&chip.program(), TokenWindow::kTokens, compiled.layers,
                                   compiled.layer_operators.begin, compiled.layer_operators.end};
        session.emplace(chip, fast_forward, *trace, traced, make_trace_writer(*trace));
    }
    domain.stop_when([&] {
        if (session) session->after_cycle();
        if (window.complete()) return true;
        const bool skips = may_skip && (!session || session->may_skip());
        if (skips && !window.ending()) fast_forward.after_cycle();
        return session && session->interrupted();
    });
    if (input.progress) {
        domain.on_progress([&] { input.progress(progress_of(chip, compiled.work)); });
    }
    // Stopping is how each run ends, nothing to tell a user.
    sc_core::sc_report_handler::set_actions("/OSCI/SystemC", sc_core::SC_INFO,
                                            sc_core::SC_DO_NOTHING);
    sc_core::sc_start();
    if (domain.deadlocked()) {
        throw std::logic_error("the program came to a standstill (" +
                               chip.sequencer().describe_stalls() +
                               "): this is a defect of the simulator, please report it");
    }
    if (session) {
        if (session->interrupted()) {
            const Cycles next = domain.now() + Cycles(1);
            domain.settle_all(next);
            throw TraceInterrupted(session->finish(next, std::nullopt));
        }
        *summary =
            session->finish(window.end(), TraceSummary::Window{window.begin(), window.end()});
    }
    if (data != nullptr) {
        const std::string complaint = data->complaint();
        if (!complaint.empty()) {
            throw std::logic_error(complaint +
                                   "\nThis is a defect of the simulator, please report it");
        }
        run.point.data = data->result();
        if (!input.data_weights.file.empty()) {
            run.point.notes.push_back("the data that was carried is the model's in " +
                                      input.data_weights.file +
                                      "; K and V of earlier positions are random");
        }
    }
    check_bounds(window.cycles(), compiled.work, params);

    Point& point = run.point;
    point.cycles = window.cycles();
    point.cold_cycles = window.cold_cycles();
    point.units = engines_between(window.first(), window.last(), point.cycles);
    point.operators =
        operators_between(window.first(), window.last(), point.cycles, chip.program());
    point.counters = counters_between(window.first(), window.last());
    point.bottleneck = find_bottleneck(point.units, point.operators, point.cycles);

    run.simulator.cycles_simulated = domain.now() + Cycles(1) - fast_forward.skipped();
    run.simulator.cycles_skipped = fast_forward.skipped();
    run.simulator.evaluations = domain.evaluations();
    run.simulator.wall_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    return run;
}

}  // namespace

PointRun simulate(const SimulationInput& input) { return run(input, nullptr, nullptr); }

PointRun simulate_traced(const SimulationInput& input, const TraceRequest& trace,
                         TraceSummary& summary) {
    return run(input, &trace, &summary);
}

}  // namespace lpusim
