#include "sim/compiler/magnitude.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "sim/compiler/payloads.h"

namespace lpusim {

namespace {

/// Room for the tokens of a run, and for the parameters that a count is multiplied with on the way.
constexpr double kMostOperations = 0x1p62;
constexpr double kMostBytes = 0x1p60;
/// What readers of JSON keep exactly; 104 days at 1 GHz.
constexpr double kMostCycles = 0x1p53;

void require_below(double count, double most, const std::string& what) {
    if (count < most) return;
    throw CompileError(
        fmt::format("{}: about {:.1e}, and counts end at {:.1e}", what, count, most));
}

/// Cycles from one thing to the next that depends on it, at most.
double latencies(const ChipParams& chip) {
    const auto count = [](Cycles cycles) { return static_cast<double>(cycles.count()); };
    double vector = 0;
    for (const VectorClassParams& c : chip.vector_unit.classes) {
        vector = std::max(vector, count(c.latency));
    }
    return count(chip.weight_stream.latency) + 4 * count(chip.sram_banks.read_latency) +
           count(chip.unpack_unit.depth) + count(chip.mac_array.pipeline()) +
           count(chip.rescaler.depth) + vector + 8 * count(chip.sequencer.issue_latency);
}

/// Tiles and vector operations of a token.
double steps(const StepPlan& plan) {
    double count = 0;
    for_each_operator(plan, plan.layers, [&](const PlannedOperator& planned, std::uint64_t times) {
        const std::uint64_t parts = planned.op.matmul() ? planned.tiling.tiles() : 1;
        count += static_cast<double>(parts) * static_cast<double>(times);
    });
    return count;
}

/// The vector unit spreads an operation's words over its beats: words x beats is a step on the way.
void check_vector_work(const ChipParams& chip, const PlannedOperator& planned) {
    const VectorWork* work = planned.op.vector();
    if (work == nullptr) return;
    const isa::VectorOp op = vector_op(*work, chip.vector_unit);
    const double words = static_cast<double>((op.read_bytes + op.write_bytes).count()) /
                             static_cast<double>(chip.sram_banks.width.count()) +
                         2;
    const auto beats = static_cast<double>(vector_beats(*work, chip.vector_unit).count());
    require_below(words * beats, kMostOperations,
                  fmt::format("SRAM words x beats of {}", planned.op.name));
}

}  // namespace

void check_counts(const ChipParams& chip, const Model& model, const Scenario& scenario) {
    const double batch = scenario.batch;
    const double attended = batch * scenario.context * model.layers;
    const double query = static_cast<double>(model.heads) * model.head_dim;
    const double key_value = static_cast<double>(model.kv_heads) * model.head_dim;
    require_below(
        2 * attended * key_value * (scenario.kv_bits / 8.0), kMostBytes,
        fmt::format("KV cache bytes of batch {} and context {}", scenario.batch, scenario.context));

    double hidden = model.hidden;
    const double products = model.mlp == MlpKind::Gated ? 3 : 2;
    const double layer = hidden * (2 * query + 2 * key_value + products * model.intermediate);
    const double macs =
        batch * (model.layers * layer + hidden * model.vocab) + 2 * attended * query;
    // A product takes a place in the array's time, and an element one in each pass.
    double repeats = chip.mac_array.fp16_cycles_per_vector;
    for (const VectorClassParams& c : chip.vector_unit.classes) {
        repeats = std::max<double>(repeats, c.passes);
    }
    require_below(macs * repeats, kMostOperations,
                  fmt::format("operations of {} with batch {} and context {}", model.name,
                              scenario.batch, scenario.context));
}

void check_duration(const ChipParams& chip, const StepPlan& plan, const Work& work) {
    for_each_operator(plan, plan.layers, [&](const PlannedOperator& planned, std::uint64_t) {
        check_vector_work(chip, planned);
    });
    const auto count = [](auto quantity) { return static_cast<double>(quantity.count()); };
    const Fraction rate = chip.weight_stream.rate.ratio;
    const double cycles_per_byte = static_cast<double>(rate.den) / static_cast<double>(rate.num);
    const double streaming = count(work.stream_total()) * cycles_per_byte;
    require_below(
        streaming, kMostCycles,
        fmt::format("cycles that {} B take over the stream", work.stream_total().count()));

    // One thing after the other, each at its slowest.
    double refresh = 1;
    if (chip.weight_stream.refresh_period > Cycles(0)) {
        const double period = count(chip.weight_stream.refresh_period);
        refresh = period / (period - count(chip.weight_stream.refresh_duration));
    }
    const double operands = count(work.unpacked_operand_bytes) + count(work.kv_read_bytes);
    const double serial = streaming * refresh + steps(plan) * latencies(chip) +
                          count(work.unpack_read_bytes) + operands + count(work.port_bytes) +
                          count(work.compute_cycles) + static_cast<double>(work.rescales) +
                          count(work.vector_beats);
    require_below(serial, kMostCycles, "cycles that a token may take");
}

}  // namespace lpusim
