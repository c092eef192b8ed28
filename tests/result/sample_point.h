#pragma once

#include "sim/result/content_hash.h"
#include "sim/result/result.h"

namespace lpusim {

/// A point whose figures can be checked by heart: 1 GHz, 1,000,000 cycles per token, a stream of 80
/// bytes per cycle that moves 76,000,000 bytes, 4.25 bits for each of 140,000,000 weights.
inline Point sample_point() {
    Point p;
    p.inputs.hardware_name = "test-chip";
    p.inputs.model_name = "toy";
    p.inputs.format_name = "int4-g64";
    p.inputs.hardware_json = R"({"name":"test-chip","stream":{"bandwidth":"80 GB/s"}})";
    p.inputs.model_json = R"({"name":"toy","layers":4})";
    p.inputs.format_json = R"({"name":"int4-g64","group":64})";
    p.inputs.scenario_json =
        R"({"phase":"decode","batch":1,"context":2048,"kv_bits":8,"layers":0})";
    p.inputs.content_hash = content_hash(p.inputs);
    p.batch = 1;
    p.clock = Hertz(1'000'000'000);
    p.cycles = Cycles(1'000'000);
    p.cold_cycles = Cycles(1'250'000);
    p.layers_simulated = 4;
    p.layers_total = 4;
    p.weights = Weights(140'000'000);
    p.weight_bytes = Bytes(74'375'000);
    p.model_bytes = Bytes(75'000'000);
    p.parameters = 140'312'500;
    p.useful_macs = 140'000'000;
    p.peak_macs_per_cycle = 400;
    p.stream = {Bytes(74'375'000), Bytes(1'000'000), Bytes(500'000),
                Bytes(16'384),     Bytes(100'000),   Bytes(8'616)};
    p.stream_rate.ratio = {80, 1};
    p.stream_bandwidth = BytesPerSecond(80'001'600'000);
    p.stream_deviation_ppm = 20;
    p.kv_bytes = Bytes(1'000'000);
    p.sram_capacity = Bytes(2'000'000);
    p.sram_used = Bytes(1'500'000);
    p.weight_slots = 2;
    p.units = {{"weight_stream", "WeightStream", Cycles(950'000), Cycles(0), Cycles(50'000),
                Cycles(0), Cycles(0)},
               {"unpack_unit", "UnpackUnit", Cycles(400'000), Cycles(599'900), Cycles(0),
                Cycles(100), Cycles(0)},
               {"mac_array.compute", "MacArray", Cycles(2'000), Cycles(0), Cycles(0),
                Cycles(900'000), Cycles(98'000)}};
    p.operators = {
        {"q_proj",
         Cycles(300'000),
         {Cycles(290'000), Cycles(100'000), Cycles(600)},
         Bytes(24'000'000)},
        {"attention", Cycles(100'000), {Cycles(60'000), Cycles(0), Cycles(800)}, Bytes(0)},
        {"lm_head",
         Cycles(600'000),
         {Cycles(600'000), Cycles(300'000), Cycles(600)},
         Bytes(52'000'000)}};
    p.counters = {{"sram_banks.conflicts", 17}, {"weight_stream.bytes", 76'000'000}};
    p.bottleneck = {"WeightStream", "weight_stream", Cycles(950'000), {}};
    p.assumptions = {{"unpack.lanes", "256", "assumed", "no figure is published"},
                     {"stream.latency", "200 cycles", "assumed", "typical of HBM2"}};
    p.sources = {{"clock", "900 MHz", "published", "data sheet"}};
    p.notes = {"KV cache is streamed: 1 MB do not fit beside the buffers"};
    p.quality = FormatQuality{"gaussian 8192x32, seed 12", 262'144, 0.1077, 0.1076, 0.5};
    return p;
}

/// The same with 4.0 bits per weight, in 940,000 cycles; nothing binds.
inline Point smaller_sample_point() {
    Point p = sample_point();
    p.inputs.format_name = "w3p5-g64";
    p.inputs.format_json = R"({"name":"w3p5-g64","group":64})";
    p.inputs.content_hash = content_hash(p.inputs);
    p.cycles = Cycles(940'000);
    p.cold_cycles = Cycles(1'190'000);
    p.weight_bytes = Bytes(70'000'000);
    p.model_bytes = Bytes(70'625'000);
    p.stream.weights = Bytes(70'000'000);
    p.units[0].busy = Cycles(540'000);
    p.units[0].blocked = Cycles(400'000);
    p.units[1].starved = Cycles(539'900);
    p.units[2].waiting = Cycles(840'000);
    p.operators[2].cycles = Cycles(540'000);
    p.operators[2].stream_bytes = Bytes(47'625'000);
    p.quality->relative_rmse = 0.15004;
    p.bottleneck = {"dependency-bound", "weight_stream", Cycles(540'000), {"lm_head"}};
    return p;
}

}  // namespace lpusim
