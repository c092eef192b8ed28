#include "sim/config/hardware_schema.h"

#include <optional>

namespace lpusim::config {

namespace {

/// A hardware file as written: some values mean something only beside others.
struct HardwareFile {
    HardwareConfig config;
    std::optional<Bytes> interleave;
    PortRate unpack_read;
    PortRate array_load;
};

// Bounds that keep every product of two parameters far inside 64 bits; no chip comes near them.
constexpr std::uint64_t kMaxCycles = 1'000'000;
constexpr std::uint64_t kMaxLanes = 1U << 24U;
constexpr std::uint64_t kMaxPortBytes = 1U << 24U;
constexpr std::uint64_t kMaxBlockBytes = 1U << 20U;
constexpr std::uint64_t kMaxExtent = 1U << 16U;

constexpr std::uint64_t kTera = 1'000'000'000'000;

Measure cycles(std::uint64_t min) { return {Dimension::Duration, min, kMaxCycles}; }
Measure block_size() { return {Dimension::Size, 1, kMaxBlockBytes}; }

using HardwareSchema = Schema<HardwareFile>;

void add_chip(HardwareSchema& schema) {
    schema.add(
        "name", Text(1, 100), required(), [](auto& f) -> auto& { return f.config.name; },
        "Name in tables and results.");
    schema.add(
        "description", Text(0, 1000), by_default(""),
        [](auto& f) -> auto& { return f.config.description; }, "One line about the chip.");
    schema.add(
        "placement",
        Choice<Placement>({{"streamed", Placement::Streamed}, {"resident", Placement::Resident}}),
        by_default("streamed"), [](auto& f) -> auto& { return f.config.placement; },
        "Whether weights come over the stream for each token, or stay in SRAM.");
    schema.add(
        "clock", Measure(Dimension::Frequency, 1'000, kTera), required(),
        [](auto& f) -> auto& { return f.config.chip.clock; }, "Core clock, shared by all units.");
}

void add_stream(HardwareSchema& schema) {
    schema.add(
        "stream.weight.bandwidth", Measure(Dimension::Bandwidth, 1, 1'000 * kTera), required(),
        [](auto& f) -> auto& { return f.config.stream_bandwidth; },
        "Bandwidth of the stream. Divided by the clock it is snapped down, by at most 50 ppm, to a "
        "ratio of small denominator; results state the effective value.");
    schema.add(
        "stream.weight.efficiency", Percent(), by_default("100 %"),
        [](auto& f) -> auto& { return f.config.stream_efficiency; },
        "Share of the bandwidth that is sustained.");
    schema.add(
        "stream.weight.latency", cycles(0), required(),
        [](auto& f) -> auto& { return f.config.chip.weight_stream.latency; },
        "From the request of a transfer to its first byte.");
    schema.add(
        "stream.weight.burst", block_size(), required(),
        [](auto& f) -> auto& { return f.config.chip.weight_stream.burst; },
        "Transfers are padded to whole bursts.");
    schema.add(
        "stream.weight.outstanding", Count(1, 4096), required(),
        [](auto& f) -> auto& { return f.config.chip.weight_stream.outstanding; },
        "Transfers under way, the one being delivered or written included.");
    schema.add(
        "stream.weight.refresh_period", OrWord("none", cycles(2)), by_default("none"),
        [](auto& f) -> auto& { return f.config.chip.weight_stream.refresh_period; },
        "Every so often the memory behind the stream is refreshed.");
    schema.add(
        "stream.weight.refresh_duration", cycles(0), by_default("0 cycles"),
        [](auto& f) -> auto& { return f.config.chip.weight_stream.refresh_duration; },
        "Cycles at the start of each refresh period in which nothing is delivered; shorter than "
        "the period.");
}

void add_sram(HardwareSchema& schema) {
    schema.add(
        "sram.capacity", Measure(Dimension::Size, 1, 1'000 * kTera), required(),
        [](auto& f) -> auto& { return f.config.chip.sram_banks.capacity; },
        "Size of all banks together; at least one round of the banks.");
    schema.add(
        "sram.banks", Count(1, kMaxExtent), required(),
        [](auto& f) -> auto& { return f.config.chip.sram_banks.banks; },
        "Banks, each accessed on its own.");
    schema.add(
        "sram.width", block_size(), required(),
        [](auto& f) -> auto& { return f.config.chip.sram_banks.width; },
        "One word: what an access to a bank moves.");
    schema.add(
        "sram.ports", Count(1, 16), required(),
        [](auto& f) -> auto& { return f.config.chip.sram_banks.ports; },
        "Accesses per bank and cycle. Those beyond conflict, and wait.");
    schema.add(
        "sram.read_latency", cycles(0), required(),
        [](auto& f) -> auto& { return f.config.chip.sram_banks.read_latency; },
        "From a granted read to its data, in addition to the registered output.");
    schema.add(
        "sram.interleave", Measure(Dimension::Size, 1, 64 * kMaxBlockBytes), implied("sram.width"),
        [](auto& f) -> auto& { return f.interleave; },
        "Consecutive bytes that lie in one bank before the next bank follows; a multiple of the "
        "width. With one word, a client reaches all banks in a cycle; with more, one bank.");
    schema.add(
        "sram.arbitration",
        Choice<Arbitration>({{"fixed_priority", Arbitration::FixedPriority},
                             {"round_robin", Arbitration::RoundRobin}}),
        by_default("fixed_priority"),
        [](auto& f) -> auto& { return f.config.chip.sram_banks.arbitration; },
        "Who wins a bank: stream write, activation, KV, unpack read in this order, or in turns.");
}

void add_unpack(HardwareSchema& schema) {
    schema.add(
        "unpack.lanes", Count(2, kMaxLanes), required(),
        [](auto& f) -> auto& { return f.config.chip.unpack_unit.lanes; },
        "Operand bytes emitted per cycle: INT8 weights, or half as many FP16 weights.");
    schema.add(
        "unpack.depth", cycles(0), required(),
        [](auto& f) -> auto& { return f.config.chip.unpack_unit.depth; },
        "Pipeline stages from packed bytes to weights.");
    schema.add(
        "unpack.read_bandwidth", PortRateType(kMaxPortBytes), required(),
        [](auto& f) -> auto& { return f.unpack_read; },
        "Packed bytes read from SRAM per cycle; a bandwidth is divided by the clock and rounded "
        "down. At most what all ports of all banks give.");
    schema.add(
        "unpack.position",
        Choice<UnpackPosition>({{"before_load_port", UnpackPosition::BeforeLoadPort},
                                {"inside_array", UnpackPosition::InsideArray}}),
        by_default("before_load_port"),
        [](auto& f) -> auto& { return f.config.chip.unpack_unit.position; },
        "Whether weights cross the array's load port expanded, or packed.");
}

void add_array(HardwareSchema& schema) {
    schema.add(
        "array.planes", Count(1, 4096), required(),
        [](auto& f) -> auto& { return f.config.chip.mac_array.planes; },
        "Planes: they share the K tile and the activations, and have an N tile each.");
    schema.add(
        "array.rows", Count(1, kMaxExtent), required(),
        [](auto& f) -> auto& { return f.config.chip.mac_array.rows; }, "K extent of a plane.");
    schema.add(
        "array.cols", Count(1, kMaxExtent), required(),
        [](auto& f) -> auto& { return f.config.chip.mac_array.cols; }, "N extent of a plane.");
    schema.add(
        "array.tap_rows", OrWord("none", Count(1, kMaxExtent)), by_default("none"),
        [](auto& f) -> auto& { return f.config.chip.mac_array.tap_rows; },
        "Partial sums can leave a column every so many rows, for the scales of groups; divides the "
        "rows. Without taps a K tile holds at most one group.");
    schema.add(
        "array.load_bandwidth", PortRateType(kMaxPortBytes), required(),
        [](auto& f) -> auto& { return f.array_load; },
        "Bytes that cross the load port per cycle, over all planes; a bandwidth is divided by the "
        "clock and rounded down.");
    schema.add(
        "array.double_buffering", flag(), by_default("true"),
        [](auto& f) -> auto& { return f.config.chip.mac_array.double_buffering; },
        "Whether shadow planes are loaded while the live ones compute.");
    schema.add(
        "array.accumulator_bits", Count(16, 64), by_default("32"),
        [](auto& f) -> auto& { return f.config.chip.mac_array.accumulator_bits; },
        "Width of an accumulator.");
    schema.add(
        "array.accumulator_vectors", Count(1, 1U << 20U), required(),
        [](auto& f) -> auto& { return f.config.chip.mac_array.accumulator_vectors; },
        "Activation vectors whose partial sums the accumulators hold.");
    schema.add(
        "array.fp16_cycles_per_vector", Count(1, 1024), required(),
        [](auto& f) -> auto& { return f.config.chip.mac_array.fp16_cycles_per_vector; },
        "Cycles between two FP16 activation vectors; INT8 vectors enter one per cycle.");
}

template <class Member>
void add_vector_class(HardwareSchema& schema, const std::string& name, const std::string& what,
                      Member member) {
    const std::string prefix = "vector." + name;
    schema.doc.groups.push_back({prefix, what});
    schema.add(
        prefix + ".passes", Count(1, 1024),
        required(), [member](auto& f) -> auto& { return member(f).passes; },
        "Times that each element passes through the lanes.");
    schema.add(
        prefix + ".latency", cycles(0),
        required(), [member](auto& f) -> auto& { return member(f).latency; },
        "From the last beat to the result.");
}

template <isa::VectorClass Class>
void add_vector_class(HardwareSchema& schema, const std::string& name, const std::string& what) {
    add_vector_class(
        schema, name, what, [](auto& f) -> auto& {
            return f.config.chip.vector_unit.classes[static_cast<std::size_t>(Class)];
        });
}

void add_back_end(HardwareSchema& schema) {
    schema.add(
        "rescaler.lanes", Count(1, kMaxLanes), required(),
        [](auto& f) -> auto& { return f.config.chip.rescaler.lanes; },
        "Partial sums rescaled and accumulated per cycle.");
    schema.add(
        "rescaler.depth", cycles(0), required(),
        [](auto& f) -> auto& { return f.config.chip.rescaler.depth; }, "Pipeline stages.");
    schema.add(
        "vector.lanes", Count(1, kMaxLanes), required(),
        [](auto& f) -> auto& { return f.config.chip.vector_unit.lanes; }, "Elements per cycle.");
    add_vector_class<isa::VectorClass::Norm>(schema, "norm", "RMSNorm and LayerNorm");
    add_vector_class<isa::VectorClass::Rope>(schema, "rope", "Rotary position embedding");
    add_vector_class<isa::VectorClass::Softmax>(schema, "softmax", "Softmax of attention scores");
    add_vector_class<isa::VectorClass::Activation>(schema, "activation", "SiLU(gate) * up, GELU");
    add_vector_class<isa::VectorClass::Residual>(schema, "residual", "Residual addition");
    add_vector_class<isa::VectorClass::Quantize>(schema, "quantize",
                                                 "Quantisation of activations to INT8");
    add_vector_class<isa::VectorClass::Copy>(schema, "copy", "Moves within SRAM");
    schema.add(
        "sequencer.queue_depth", Count(1, 1024), required(),
        [](auto& f) -> auto& { return f.config.chip.sequencer.queue_depth; },
        "Fetched instructions that a unit's queue holds.");
    schema.add(
        "sequencer.issue_latency", cycles(0), required(),
        [](auto& f) -> auto& { return f.config.chip.sequencer.issue_latency; },
        "From an instruction's fetch to the front of its queue; one fetch per queue and cycle.");
}

const HardwareSchema& hardware_schema() {
    static const HardwareSchema kSchema = [] {
        HardwareSchema schema;
        schema.doc.kind = "hardware";
        schema.doc.doc = "A chip: the rates, widths and latencies of its units.";
        schema.doc.groups = {
            {"stream", "What moves between off-chip memory and SRAM"},
            {"stream.weight", "The weight stream (module WeightStream)"},
            {"sram", "On-chip memory (module SramBanks)"},
            {"unpack", "Expands packed weights (module UnpackUnit)"},
            {"array", "Weight-stationary multiply-accumulate array (module MacArray)"},
            {"rescaler", "Applies the scales of groups (module Rescaler)"},
            {"vector", "Everything that is no matrix product (module VectorUnit)"},
            {"sequencer", "Feeds the units' instruction queues (module Sequencer)"}};
        add_chip(schema);
        add_stream(schema);
        add_sram(schema);
        add_unpack(schema);
        add_array(schema);
        add_back_end(schema);
        return schema;
    }();
    return kSchema;
}

void resolve_stream(HardwareConfig& config, FieldValues& values) {
    WeightStreamParams& stream = config.chip.weight_stream;
    if (values.valid({"stream.weight.refresh_period", "stream.weight.refresh_duration"}) &&
        stream.refresh_duration.count() > 0 && stream.refresh_duration >= stream.refresh_period) {
        const bool refreshes = stream.refresh_period.count() > 0;
        values.error(
            "stream.weight.refresh_duration",
            fmt::format("got {}, but {}",
                        print_measure(stream.refresh_duration.count(), Dimension::Duration),
                        refreshes ? fmt::format("stream.weight.refresh_period is only {}",
                                                print_measure(stream.refresh_period.count(),
                                                              Dimension::Duration))
                                  : "there is no stream.weight.refresh_period"));
    }
    if (!values.valid({"clock", "stream.weight.bandwidth", "stream.weight.efficiency"})) return;
    const auto snapped =
        snap_rate(config.stream_bandwidth, config.chip.clock, config.stream_efficiency);
    if (!snapped) {
        values.error(
            "stream.weight.bandwidth",
            "bandwidth x efficiency / clock is no ratio of 64-bit integers; write rounder numbers");
        return;
    }
    stream.rate = snapped->rate;
    config.stream_deviation_ppm = snapped->deviation_ppm;
}

void resolve_sram(const HardwareFile& file, SramBanksParams& sram, FieldValues& values) {
    if (!values.valid({"sram.width", "sram.interleave"})) return;
    const std::uint64_t width = sram.width.count();
    const std::uint64_t interleave = file.interleave.value_or(sram.width).count();
    if (interleave % width != 0) {
        values.error("sram.interleave",
                     fmt::format("got {}, which is no multiple of sram.width = {}",
                                 print_measure(interleave, Dimension::Size),
                                 print_measure(width, Dimension::Size)));
        return;
    }
    sram.interleave_words = static_cast<std::uint32_t>(interleave / width);
    if (values.valid({"sram.capacity", "sram.banks"}) && sram.capacity < sram.round()) {
        values.error("sram.capacity",
                     fmt::format("got {}, less than one round of the banks ({} banks x {})",
                                 print_measure(sram.capacity.count(), Dimension::Size), sram.banks,
                                 print_measure(interleave, Dimension::Size)));
    }
}

/// Bytes per cycle; 1 when it is out of range, which is reported.
Bytes resolve_port(PortRate port, Hertz clock, std::string_view key, FieldValues& values) {
    if (!values.valid({key, "clock"})) return Bytes(1);
    if (!port.per_second) return Bytes(port.amount);
    const std::uint64_t bytes = port.amount / clock.count();
    if (bytes >= 1 && bytes <= kMaxPortBytes) return Bytes(bytes);
    values.error(key,
                 fmt::format("got {}, which is {} B/cycle at {}; allowed: 1 to {} B/cycle",
                             print_measure(port.amount, Dimension::Bandwidth), bytes,
                             print_measure(clock.count(), Dimension::Frequency), kMaxPortBytes));
    return Bytes(1);
}

void resolve_unpack(HardwareFile& file, FieldValues& values) {
    ChipParams& chip = file.config.chip;
    chip.unpack_unit.read_bytes =
        resolve_port(file.unpack_read, chip.clock, "unpack.read_bandwidth", values);
    const SramBanksParams& sram = chip.sram_banks;
    const Bytes sram_bytes = sram.width * sram.banks * sram.ports;
    if (values.valid({"sram.banks", "sram.width", "sram.ports", "unpack.read_bandwidth"}) &&
        chip.unpack_unit.read_bytes > sram_bytes) {
        values.error(
            "unpack.read_bandwidth",
            fmt::format("got {}, more than SRAM gives: {} banks x {} x {} ports = {}",
                        print_measure(chip.unpack_unit.read_bytes.count(), Dimension::PortRate),
                        sram.banks, print_measure(sram.width.count(), Dimension::Size), sram.ports,
                        print_measure(sram_bytes.count(), Dimension::PortRate)));
    }
}

void check_taps(const MacArrayParams& array, FieldValues& values) {
    if (!values.valid({"array.rows", "array.tap_rows"}) || array.tap_rows == 0) return;
    if (array.rows % array.tap_rows == 0) return;
    values.error("array.tap_rows", fmt::format("got {}, which does not divide array.rows = {}",
                                               array.tap_rows, array.rows));
}

/// The file that would give this configuration, with all values written out.
HardwareFile as_file(const HardwareConfig& config) {
    const SramBanksParams& sram = config.chip.sram_banks;
    HardwareFile file;
    file.config = config;
    file.interleave = sram.width * sram.interleave_words;
    file.unpack_read = {config.chip.unpack_unit.read_bytes.count(), false};
    file.array_load = {config.chip.mac_array.load_bytes.count(), false};
    return file;
}

}  // namespace

const SchemaDoc& hardware_doc() { return hardware_schema().doc; }
void check_hardware_value(std::string_view key, const YamlNode& node) {
    check_value(hardware_schema(), key, node);
}

HardwareConfig read_hardware(const YamlNode& root, Diagnostics& diagnostics) {
    HardwareFile file;
    ChipParams& chip = file.config.chip;
    FieldValues values(root, hardware_schema().doc, diagnostics);
    values.read_into(file, hardware_schema());
    resolve_stream(file.config, values);
    resolve_sram(file, chip.sram_banks, values);
    resolve_unpack(file, values);
    chip.mac_array.load_bytes =
        resolve_port(file.array_load, chip.clock, "array.load_bandwidth", values);
    check_taps(chip.mac_array, values);
    if (diagnostics.empty()) {
        file.config.provenance =
            values.provenance(hardware_json(file.config), {"name", "description"});
    }
    return file.config;
}

Json hardware_json(const HardwareConfig& config) {
    Json json = to_json(hardware_schema(), as_file(config));
    // Prose about the chip: a better wording is no other configuration.
    json.erase("description");
    return json;
}

}  // namespace lpusim::config
