#include "hw_models/chip/lpu_chip.h"

#include <algorithm>

namespace lpusim {

namespace {

isa::Program validated(isa::Program program) {
    isa::validate(program);
    return program;
}

/// Packed bytes that the widest unpack beat of the program waits for.
std::uint64_t widest_beat(const ChipParams& params, const isa::Program& program) {
    std::uint64_t widest = 1;
    for (const isa::Entry& entry : program.queue(isa::Queue::Unpack)) {
        const auto* instruction = std::get_if<isa::Instruction>(&entry);
        if (instruction == nullptr) continue;
        const auto& tile = std::get<isa::UnpackTile>(instruction->payload);
        const isa::TileLayout& layout = program.layouts[tile.layout];
        // A beat of n weights touches at most n / rows + 2 columns.
        const std::uint64_t weights = params.unpack_unit.lanes / tile.operand_bytes;
        const std::uint64_t columns =
            std::min<std::uint64_t>(tile.columns, weights / layout.rows + 2);
        widest = std::max(
            widest, (layout.header_bytes(tile.columns) + layout.column_bytes * columns).count());
    }
    return widest;
}

/// A channel between stages that move `producer` and `consumer` bytes at a time runs at full rate
/// when it holds two of the larger, and what is in flight.
std::uint64_t capacity(std::uint64_t producer, std::uint64_t consumer, Cycles delay) {
    return 2 * (producer + consumer) + producer * (delay.count() + 1);
}

std::uint64_t read_step(Bytes rate, const ChipParams& params) {
    return round_up(rate.count(), params.sram_banks.width.count());
}

/// Vectors that the rescaler's input can hold beyond those in flight.
constexpr std::size_t kResultSlack = 2;

}  // namespace

LpuChip::LpuChip(const sc_core::sc_module_name& name, const ChipParams& params,
                 isa::Program program, bool every_cycle)
    : sc_core::sc_module(name),
      params_(params),
      program_(validated(std::move(program))),
      retired_(program_.operators.size()),
      clock_domain_("clock_domain", params.clock, every_cycle),
      sequencer_("sequencer", params.sequencer, program_),
      sram_banks_("sram_banks", params.sram_banks),
      packed_(capacity(read_step(params.unpack_unit.read_bytes, params),
                       std::max(widest_beat(params, program_), params.mac_array.load_bytes.count()),
                       params.sram_banks.read_latency),
              params.sram_banks.read_latency),
      unpacked_(capacity(params.unpack_unit.lanes, params.mac_array.load_bytes.count(),
                         params.unpack_unit.depth),
                params.unpack_unit.depth),
      kv_(capacity(read_step(params.mac_array.load_bytes, params),
                   params.mac_array.load_bytes.count(), params.sram_banks.read_latency),
          params.sram_banks.read_latency),
      behind_port_(
          capacity(params.mac_array.load_bytes.count(), widest_beat(params, program_), Cycles(0)),
          Cycles(0)),
      results_(params.mac_array.pipeline() + params.sram_banks.read_latency, kResultSlack),
      weight_stream_("weight_stream", params.weight_stream, sequencer_.source(isa::Queue::Stream),
                     sram_banks_.port(SramClient::StreamWrite), program_.operators.size()),
      kv_reader_("kv_reader", params.mac_array.load_bytes, sequencer_.source(isa::Queue::Kv),
                 sram_banks_.port(SramClient::KvRead), kv_, program_.operators.size()),
      unpack_unit_(
          "unpack_unit", params.unpack_unit, program_, sequencer_.source(isa::Queue::Unpack),
          sram_banks_.port(SramClient::UnpackRead), packed_,
          params.unpack_unit.position == UnpackPosition::InsideArray ? behind_port_ : packed_,
          unpacked_),
      mac_array_("mac_array", params.mac_array, operand_paths(),
                 sequencer_.source(isa::Queue::Load), sequencer_.source(isa::Queue::Compute),
                 sram_banks_.port(SramClient::ActivationRead), results_, program_.operators.size()),
      rescaler_("rescaler", params.rescaler, results_, sequencer_.source(isa::Queue::Compute),
                sram_banks_.port(SramClient::ResultWrite), retired_, program_.operators.size()),
      vector_unit_("vector_unit", params.vector_unit, sequencer_.source(isa::Queue::Vector),
                   sram_banks_.port(SramClient::VectorAccess), retired_,
                   program_.operators.size()) {
    connect();
}

OperandPaths LpuChip::operand_paths() {
    if (params_.unpack_unit.position == UnpackPosition::InsideArray) {
        return {packed_, kv_, &behind_port_, &unpacked_};
    }
    return {unpacked_, kv_, nullptr, nullptr};
}

void LpuChip::connect() {
    clock_domain_.attach(sram_banks_);
    const Waker stream = clock_domain_.attach(weight_stream_);
    const Waker kv = clock_domain_.attach(kv_reader_);
    const Waker unpack = clock_domain_.attach(unpack_unit_);
    const Waker array = clock_domain_.attach(mac_array_);
    const Waker rescaler = clock_domain_.attach(rescaler_);
    const Waker vector = clock_domain_.attach(vector_unit_);

    const bool inside = params_.unpack_unit.position == UnpackPosition::InsideArray;
    packed_.connect(unpack, inside ? array : unpack);
    behind_port_.connect(array, unpack);
    unpacked_.connect(unpack, array);
    kv_.connect(kv, array);
    results_.connect(array, rescaler);

    sequencer_.connect(isa::Queue::Stream, stream);
    sequencer_.connect(isa::Queue::Unpack, unpack);
    sequencer_.connect(isa::Queue::Kv, kv);
    sequencer_.connect(isa::Queue::Load, array);
    sequencer_.connect(isa::Queue::Compute, array);
    sequencer_.connect(isa::Queue::Vector, vector);

    sram_banks_.connect(SramClient::StreamWrite, stream);
    sram_banks_.connect(SramClient::UnpackRead, unpack);
    sram_banks_.connect(SramClient::KvRead, kv);
    sram_banks_.connect(SramClient::ActivationRead, array);
    sram_banks_.connect(SramClient::ResultWrite, rescaler);
    sram_banks_.connect(SramClient::VectorAccess, vector);
}

void LpuChip::carry(DataPath& data) {
    weight_stream_.carry(data);
    kv_reader_.carry(data);
    unpack_unit_.carry(data);
    mac_array_.carry(data);
    rescaler_.carry(data);
    vector_unit_.carry(data);
}

void LpuChip::visit_stream_state(StateVisitor& visitor) {
    visitor.part("stream_queue");
    clock_domain_.visit_state(visitor, kStreamUnit);
    sequencer_.visit_state(visitor, isa::Queue::Stream);
    sram_banks_.visit_state(visitor, SramClient::StreamWrite);
    visitor.part("weight_stream");
    weight_stream_.visit_state(visitor);
}

void LpuChip::visit_other_state(StateVisitor& visitor) {
    visitor.part("clock_domain");
    for (std::size_t i = 0; i < kUnits; ++i) {
        if (i != kStreamUnit) clock_domain_.visit_state(visitor, i);
    }
    visitor.part("sequencer");
    for (std::size_t i = 0; i < isa::kQueueCount; ++i) {
        const auto queue = isa::queue_at(i);
        if (queue != isa::Queue::Stream) sequencer_.visit_state(visitor, queue);
    }
    visitor.part("sram_banks");
    sram_banks_.visit_state(visitor);
    for (std::size_t i = 0; i < kSramClientCount; ++i) {
        const auto client = static_cast<SramClient>(i);
        if (client != SramClient::StreamWrite) sram_banks_.visit_state(visitor, client);
    }
    visitor.part("channels");
    for (Channel* channel : {&packed_, &unpacked_, &kv_, &behind_port_}) {
        channel->visit_state(visitor);
    }
    visitor.part("results");
    results_.visit_state(visitor);
    visitor.part("kv_reader");
    kv_reader_.visit_state(visitor);
    visitor.part("unpack_unit");
    unpack_unit_.visit_state(visitor);
    visitor.part("mac_array");
    mac_array_.visit_state(visitor);
    visitor.part("rescaler");
    rescaler_.visit_state(visitor);
    visitor.part("vector_unit");
    vector_unit_.visit_state(visitor);
}

void LpuChip::visit_stream_counters(CounterVisitor& visitor) {
    sram_banks_.visit_counters(visitor, SramClient::StreamWrite);
    weight_stream_.visit_counters(visitor);
}

void LpuChip::visit_other_counters(CounterVisitor& visitor) {
    sram_banks_.visit_counters(visitor);
    for (std::size_t i = 0; i < kSramClientCount; ++i) {
        const auto client = static_cast<SramClient>(i);
        if (client != SramClient::StreamWrite) sram_banks_.visit_counters(visitor, client);
    }
    kv_reader_.visit_counters(visitor);
    unpack_unit_.visit_counters(visitor);
    mac_array_.visit_counters(visitor);
    rescaler_.visit_counters(visitor);
    vector_unit_.visit_counters(visitor);
    retired_.visit_counters(visitor);
}

void LpuChip::visit_probes(ProbeVisitor& visitor) {
    weight_stream_.visit_probes(visitor);
    kv_reader_.visit_probes(visitor);
    unpack_unit_.visit_probes(visitor);
    mac_array_.visit_probes(visitor);
    rescaler_.visit_probes(visitor);
    vector_unit_.visit_probes(visitor);
    retired_.visit_probes(visitor);
    const bool inside = params_.unpack_unit.position == UnpackPosition::InsideArray;
    visitor.level({"UnpackUnit", inside ? "packed, before the port" : "packed", "bytes", 0},
                  packed_.level());
    if (inside) {
        visitor.level({"UnpackUnit", "packed, behind the port", "bytes", 0}, behind_port_.level());
    }
    visitor.level({"UnpackUnit", "unpacked operands", "bytes", 0}, unpacked_.level());
    visitor.level({"SramBanks", "KV operands", "bytes", 0}, kv_.level());
    visitor.level({"MacArray", "result pipe", "vectors", 0}, results_.level());
    sequencer_.visit_probes(visitor);
}

std::vector<const CycleAccount*> LpuChip::accounts() const {
    return {&weight_stream_.stream_account(), &weight_stream_.write_account(),
            &unpack_unit_.read_account(),     &kv_reader_.account(),
            &unpack_unit_.unpack_account(),   &mac_array_.load_account(),
            &mac_array_.compute_account(),    &mac_array_.activation_account(),
            &rescaler_.rescale_account(),     &rescaler_.write_account(),
            &vector_unit_.vector_account(),   &vector_unit_.access_account()};
}

}  // namespace lpusim
