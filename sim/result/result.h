#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hw_models/core/quantities.h"

namespace lpusim {

/// What an engine did, cycle by cycle; the five sum to the window's cycles.
struct EngineCycles {
    /// Stable name, "<unit>.<engine>" or "<unit>": see docs/timing_model.md.
    std::string name;
    /// Name of the module it belongs to, as in "WeightStream".
    std::string unit;
    Cycles busy, starved, blocked, waiting, idle;
};

/// A counter of the machine over the window ("sram_banks.conflicts").
struct Counter {
    std::string name;
    std::uint64_t value = 0;
};

/// One operator of the layer (all layers together) over the window.
struct OperatorCycles {
    std::string name;
    /// Cycles between the previous operator's completion and its own: these sum to the window's
    /// cycles.
    Cycles cycles;
    /// Cycles in which the engine was busy for this operator, one per engine, in the order of
    /// Point::units.
    std::vector<Cycles> busy;
    Bytes stream_bytes;
};

/// Bytes moved over the stream during the window.
struct StreamTraffic {
    Bytes weights, kv_read, kv_write, embedding, norms, padding;
    Bytes total() const { return weights + kv_read + kv_write + embedding + norms + padding; }
};

struct Bottleneck {
    /// Module that binds ("WeightStream"), or "dependency-bound".
    std::string unit;
    /// Engine with the highest busy share.
    std::string engine;
    Cycles busy;
    /// For dependency-bound: the operators that take most of the token, in order.
    std::vector<std::string> chain;
};

/// A number of the hardware file and what it rests on.
struct Assumption {
    std::string key;
    std::string value;
    std::string confidence;
    std::string source;
};

/// What a format does to weights: how far the restored ones are from the original ones.
struct FormatQuality {
    /// Whose weights: "gaussian 8192x32, seed 12", or a file and which of its tensors.
    std::string source;
    std::uint64_t weights = 0;
    /// Root mean squared error, and the same over the RMS of the weights.
    double rmse = 0;
    double relative_rmse = 0;
    double max_error = 0;
};

/// A setting beyond what tests cover (docs/validation.md), and the range that they do.
struct Untested {
    std::string key;
    std::string value;
    std::string tested;
};

/// What comparing a machine's data with the definitions of its operators found: docs/data.md.
struct DataCheck {
    /// Results of operators that were compared, and partial sums of the array.
    std::uint64_t elements = 0;
    std::uint64_t partial_sums = 0;
    std::uint64_t mismatches = 0;
    /// Weights that were quantised, packed and carried.
    std::uint64_t weights = 0;
    /// Against the same step in FP32, RMS over RMS: what the first layer adds to the residual
    /// stream, and the logits.
    double layer_deviation = 0;
    double logit_deviation = 0;
};

/// Inputs as they took effect.
struct PointInputs {
    std::string hardware_name, model_name, format_name;
    /// Effective configuration: canonical JSON text of the three files' content after defaults, and
    /// of the scenario. Canonical: one object, keys in the order of the reference, as
    /// nlohmann::ordered_json::dump() writes it.
    std::string hardware_json, model_json, format_json, scenario_json;
    /// content_hash() of this (sim/result/content_hash.h).
    std::string content_hash;
};

/// One simulated point: a plain value, raw counts only; ratios are formulas in
/// sim/report/metrics.h.
struct Point {
    PointInputs inputs;
    std::uint32_t batch = 1;
    Hertz clock;
    /// Steady state: between the completions of two consecutive tokens.
    Cycles cycles;
    /// The first token on an empty machine.
    Cycles cold_cycles;
    /// All that happens in a token is of this many layers; sizes are those of the whole model.
    std::uint32_t layers_simulated = 0;
    std::uint32_t layers_total = 0;
    /// Model as stored: codes and metadata of all linear weights and the LM head.
    Weights weights;
    Bytes weight_bytes;
    /// weight_bytes and embedding table, norms and biases in FP16.
    Bytes model_bytes;
    std::uint64_t parameters = 0;
    /// Multiply-accumulates of one token step that are not padding.
    std::uint64_t useful_macs = 0;
    /// MACs per cycle that the array could do.
    std::uint64_t peak_macs_per_cycle = 0;
    StreamTraffic stream;
    /// Effective (snapped) stream rate, what was asked for, and the deviation.
    BytesPerCycle stream_rate;
    BytesPerSecond stream_bandwidth;
    double stream_deviation_ppm = 0;
    bool weights_resident = false;
    bool kv_resident = false;
    Bytes kv_bytes;
    Bytes sram_capacity, sram_used;
    std::uint32_t weight_slots = 0;
    std::vector<EngineCycles> units;
    std::vector<OperatorCycles> operators;
    std::vector<Counter> counters;
    Bottleneck bottleneck;
    /// What is assumed of the hardware, and what is published or derived.
    std::vector<Assumption> assumptions;
    std::vector<Assumption> sources;
    std::vector<Untested> untested;
    std::vector<std::string> notes;
    /// Of the format, not of this run: added by whoever asks for the point.
    std::optional<FormatQuality> quality;
    /// Of a run that carried data.
    std::optional<DataCheck> data;
};

/// How the simulator itself did: not part of the deterministic result.
struct SimulatorStats {
    double wall_seconds = 0;
    /// Over all tokens that were run: simulated one by one, and added by fast-forward.
    Cycles cycles_simulated;
    Cycles cycles_skipped;
    std::uint64_t evaluations = 0;
};

struct PointRun {
    Point point;
    SimulatorStats simulator;
};

}  // namespace lpusim
