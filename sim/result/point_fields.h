#pragma once

#include <type_traits>

#include "sim/result/result.h"

namespace lpusim {

/// Calls visit(key, member) for the plain members of a result struct: the one list that JSON goes
/// by, in both directions. T may be const.
template <class T, class Visit>
void for_each_field(T& object, Visit visit) {
    using Struct = std::remove_const_t<T>;
    if constexpr (std::is_same_v<Struct, Point>) {
        visit("cycles", object.cycles);
        visit("cold_cycles", object.cold_cycles);
        visit("clock_hz", object.clock);
        visit("batch", object.batch);
        visit("layers_simulated", object.layers_simulated);
        visit("layers_total", object.layers_total);
        visit("parameters", object.parameters);
        visit("weights", object.weights);
        visit("weight_bytes", object.weight_bytes);
        visit("model_bytes", object.model_bytes);
        visit("useful_macs", object.useful_macs);
        visit("peak_macs_per_cycle", object.peak_macs_per_cycle);
        visit("stream_bandwidth_bytes_per_second", object.stream_bandwidth);
        visit("stream_deviation_ppm", object.stream_deviation_ppm);
        visit("weights_resident", object.weights_resident);
        visit("weight_slots", object.weight_slots);
        visit("kv_resident", object.kv_resident);
        visit("kv_bytes", object.kv_bytes);
        visit("sram_capacity_bytes", object.sram_capacity);
        visit("sram_used_bytes", object.sram_used);
    } else if constexpr (std::is_same_v<Struct, StreamTraffic>) {
        visit("weights", object.weights);
        visit("kv_read", object.kv_read);
        visit("kv_write", object.kv_write);
        visit("embedding", object.embedding);
        visit("norms", object.norms);
        visit("padding", object.padding);
    } else if constexpr (std::is_same_v<Struct, EngineCycles>) {
        visit("busy", object.busy);
        visit("starved", object.starved);
        visit("blocked", object.blocked);
        visit("waiting", object.waiting);
        visit("idle", object.idle);
    } else if constexpr (std::is_same_v<Struct, Assumption>) {
        visit("key", object.key);
        visit("value", object.value);
        visit("confidence", object.confidence);
        visit("source", object.source);
    } else if constexpr (std::is_same_v<Struct, Untested>) {
        visit("key", object.key);
        visit("value", object.value);
        visit("tested", object.tested);
    } else if constexpr (std::is_same_v<Struct, DataCheck>) {
        visit("elements", object.elements);
        visit("partial_sums", object.partial_sums);
        visit("mismatches", object.mismatches);
        visit("weights", object.weights);
        visit("layer_deviation", object.layer_deviation);
        visit("logit_deviation", object.logit_deviation);
    } else if constexpr (std::is_same_v<Struct, FormatQuality>) {
        visit("source", object.source);
        visit("weights", object.weights);
        visit("rmse", object.rmse);
        visit("relative_rmse", object.relative_rmse);
        visit("max_error", object.max_error);
    } else {
        static_assert(std::is_same_v<Struct, SimulatorStats>, "no list of fields for this struct");
        visit("wall_seconds", object.wall_seconds);
        visit("cycles_simulated", object.cycles_simulated);
        visit("cycles_skipped", object.cycles_skipped);
        visit("evaluations", object.evaluations);
    }
}

}  // namespace lpusim
