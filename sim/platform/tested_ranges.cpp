#include "sim/platform/tested_ranges.h"

#include <fmt/format.h>

namespace lpusim {

namespace {

using Input = SimulationInput;

constexpr const char* kCycles = "cycles";
constexpr std::uint64_t kKibi = 1024;

const VectorClassParams& class_of(const Input& input, isa::VectorClass c) {
    return input.hardware.chip.vector_unit.of(c);
}

template <isa::VectorClass Class>
void add_vector_class(std::vector<TestedRange>& ranges, const std::string& name) {
    ranges.push_back({"vector." + name + ".passes", "", 1, 8,
                      [](const Input& in) { return std::uint64_t{class_of(in, Class).passes}; }});
    ranges.push_back({"vector." + name + ".latency", kCycles, 0, 256,
                      [](const Input& in) { return class_of(in, Class).latency.count(); }});
}

void add_memory(std::vector<TestedRange>& ranges) {
    ranges.push_back(
        {"stream.weight.bandwidth", "B per 1000 cycles", 10, 100'000'000, [](const Input& in) {
             return in.hardware.chip.weight_stream.rate.after(Cycles(1000)).count();
         }});
    ranges.push_back({"stream.weight.latency", kCycles, 0, 1000, [](const Input& in) {
                          return in.hardware.chip.weight_stream.latency.count();
                      }});
    ranges.push_back({"stream.weight.burst", "B", 1, 4 * kKibi, [](const Input& in) {
                          return in.hardware.chip.weight_stream.burst.count();
                      }});
    ranges.push_back({"stream.weight.outstanding", "", 1, 64, [](const Input& in) {
                          return std::uint64_t{in.hardware.chip.weight_stream.outstanding};
                      }});
    ranges.push_back({"stream.weight.refresh_duration", kCycles, 0, 1000, [](const Input& in) {
                          return in.hardware.chip.weight_stream.refresh_duration.count();
                      }});
    ranges.push_back(
        {"sram.capacity", "B", 16 * kKibi, 128 * kKibi * kKibi * kKibi,
         [](const Input& in) { return in.hardware.chip.sram_banks.capacity.count(); }});
    ranges.push_back({"sram.banks", "", 1, 256, [](const Input& in) {
                          return std::uint64_t{in.hardware.chip.sram_banks.banks};
                      }});
    ranges.push_back({"sram.width", "B", 1, 4 * kKibi,
                      [](const Input& in) { return in.hardware.chip.sram_banks.width.count(); }});
    ranges.push_back({"sram.ports", "", 1, 8, [](const Input& in) {
                          return std::uint64_t{in.hardware.chip.sram_banks.ports};
                      }});
    ranges.push_back({"sram.read_latency", kCycles, 0, 64, [](const Input& in) {
                          return in.hardware.chip.sram_banks.read_latency.count();
                      }});
    ranges.push_back({"sram.interleave", "words", 1, 16, [](const Input& in) {
                          return std::uint64_t{in.hardware.chip.sram_banks.interleave_words};
                      }});
}

void add_array(std::vector<TestedRange>& ranges) {
    ranges.push_back({"unpack.lanes", "", 2, 64 * kKibi, [](const Input& in) {
                          return std::uint64_t{in.hardware.chip.unpack_unit.lanes};
                      }});
    ranges.push_back({"unpack.depth", kCycles, 0, 64,
                      [](const Input& in) { return in.hardware.chip.unpack_unit.depth.count(); }});
    ranges.push_back({"unpack.read_bandwidth", "B/cycle", 1, 256 * kKibi, [](const Input& in) {
                          return in.hardware.chip.unpack_unit.read_bytes.count();
                      }});
    ranges.push_back({"array.planes", "", 1, 8, [](const Input& in) {
                          return std::uint64_t{in.hardware.chip.mac_array.planes};
                      }});
    ranges.push_back({"array.rows", "", 1, kKibi, [](const Input& in) {
                          return std::uint64_t{in.hardware.chip.mac_array.rows};
                      }});
    ranges.push_back({"array.cols", "", 1, kKibi, [](const Input& in) {
                          return std::uint64_t{in.hardware.chip.mac_array.cols};
                      }});
    ranges.push_back({"array.load_bandwidth", "B/cycle", 1, 64 * kKibi, [](const Input& in) {
                          return in.hardware.chip.mac_array.load_bytes.count();
                      }});
    ranges.push_back({"array.fp16_cycles_per_vector", "", 1, 8, [](const Input& in) {
                          return std::uint64_t{in.hardware.chip.mac_array.fp16_cycles_per_vector};
                      }});
}

void add_back_end(std::vector<TestedRange>& ranges) {
    ranges.push_back({"rescaler.lanes", "", 1, 8 * kKibi, [](const Input& in) {
                          return std::uint64_t{in.hardware.chip.rescaler.lanes};
                      }});
    ranges.push_back({"rescaler.depth", kCycles, 0, 64,
                      [](const Input& in) { return in.hardware.chip.rescaler.depth.count(); }});
    ranges.push_back({"vector.lanes", "", 1, 4 * kKibi, [](const Input& in) {
                          return std::uint64_t{in.hardware.chip.vector_unit.lanes};
                      }});
    add_vector_class<isa::VectorClass::Norm>(ranges, "norm");
    add_vector_class<isa::VectorClass::Rope>(ranges, "rope");
    add_vector_class<isa::VectorClass::Softmax>(ranges, "softmax");
    add_vector_class<isa::VectorClass::Activation>(ranges, "activation");
    add_vector_class<isa::VectorClass::Residual>(ranges, "residual");
    add_vector_class<isa::VectorClass::Quantize>(ranges, "quantize");
    add_vector_class<isa::VectorClass::Copy>(ranges, "copy");
    ranges.push_back({"sequencer.queue_depth", "", 1, 64, [](const Input& in) {
                          return std::uint64_t{in.hardware.chip.sequencer.queue_depth};
                      }});
    ranges.push_back({"sequencer.issue_latency", kCycles, 0, 64, [](const Input& in) {
                          return in.hardware.chip.sequencer.issue_latency.count();
                      }});
}

void add_workload(std::vector<TestedRange>& ranges) {
    ranges.push_back({"hidden", "", 1, 16 * kKibi,
                      [](const Input& in) { return std::uint64_t{in.model.hidden}; }});
    ranges.push_back({"intermediate", "", 1, 53'248,
                      [](const Input& in) { return std::uint64_t{in.model.intermediate}; }});
    ranges.push_back(
        {"layers", "", 1, 128, [](const Input& in) { return std::uint64_t{in.model.layers}; }});
    ranges.push_back(
        {"heads", "", 1, 128, [](const Input& in) { return std::uint64_t{in.model.heads}; }});
    ranges.push_back(
        {"kv_heads", "", 1, 128, [](const Input& in) { return std::uint64_t{in.model.kv_heads}; }});
    ranges.push_back(
        {"head_dim", "", 1, 256, [](const Input& in) { return std::uint64_t{in.model.head_dim}; }});
    ranges.push_back({"vocab", "", 1, 128 * kKibi,
                      [](const Input& in) { return std::uint64_t{in.model.vocab}; }});
    ranges.push_back({"group_size", "weights, 0 for a column", 0, kKibi,
                      [](const Input& in) { return std::uint64_t{in.format.group_size}; }});
    ranges.push_back(
        {"--batch", "", 1, 1024, [](const Input& in) { return std::uint64_t{in.scenario.batch}; }});
    ranges.push_back({"--context", "", 1, 128 * kKibi,
                      [](const Input& in) { return std::uint64_t{in.scenario.context}; }});
}

std::string with_unit(std::uint64_t value, const std::string& unit) {
    return unit.empty() ? fmt::to_string(value) : fmt::format("{} {}", value, unit);
}

}  // namespace

const std::vector<TestedRange>& tested_ranges() {
    static const std::vector<TestedRange> kRanges = [] {
        std::vector<TestedRange> ranges;
        add_memory(ranges);
        add_array(ranges);
        add_back_end(ranges);
        add_workload(ranges);
        return ranges;
    }();
    return kRanges;
}

std::vector<Untested> untested_settings(const SimulationInput& input) {
    std::vector<Untested> settings;
    for (const TestedRange& range : tested_ranges()) {
        const std::uint64_t value = range.value(input);
        if (value >= range.least && value <= range.most) continue;
        settings.push_back({range.key, with_unit(value, range.unit),
                            fmt::format("{} to {}", range.least, range.most)});
    }
    return settings;
}

std::string tested_ranges_table() {
    std::string table = "| setting | tested from | to | unit |\n|---|---:|---:|---|\n";
    for (const TestedRange& range : tested_ranges()) {
        table += fmt::format("| `{}` | {} | {} | {} |\n", range.key, range.least, range.most,
                             range.unit);
    }
    return table;
}

}  // namespace lpusim
