#include "tests/property/random_machine.h"

#include <algorithm>
#include <sstream>

#include "tests/support/instructions.h"
#include "tests/support/pick.h"

namespace lpusim::test {

namespace {

BytesPerCycle random_rate() {
    switch (pick(0, 4)) {
        case 0:
            return {{1, pick(2, 20)}};
        case 1:
            return {reduced(pick(1, 60), pick(1, 22))};
        case 2:
            return {reduced(pick(1, 2000), pick(1, 22))};
        default:
            return {{pick(1, 65), 1}};
    }
}

WeightStreamParams random_stream() {
    WeightStreamParams stream;
    stream.rate = random_rate();
    stream.latency = Cycles(pick(0, 40));
    stream.outstanding = pick<std::uint32_t>(1, 6);
    if (chance(40)) {
        const std::uint64_t period = pick(2, 60);
        stream.refresh_period = Cycles(period);
        stream.refresh_duration = Cycles(pick(0, period * 2 / 3 + 1));
    }
    return stream;
}

SramBanksParams random_sram() {
    SramBanksParams sram;
    sram.capacity = Bytes(1 << 20);
    sram.banks = pick<std::uint32_t>(1, 6);
    sram.width = Bytes(std::uint64_t{1} << pick(0, 5));
    sram.ports = pick<std::uint32_t>(1, 5);
    sram.read_latency = Cycles(pick(0, 5));
    sram.interleave_words = chance(25) ? pick<std::uint32_t>(2, 5) : 1;
    sram.arbitration = chance(50) ? Arbitration::RoundRobin : Arbitration::FixedPriority;
    return sram;
}

MacArrayParams random_array() {
    MacArrayParams array;
    array.planes = pick<std::uint32_t>(1, 3);
    array.rows = pick<std::uint32_t>(1, 8);
    array.cols = pick<std::uint32_t>(1, 8);
    array.load_bytes = Bytes(pick(1, 33));
    array.double_buffering = chance(65);
    return array;
}

VectorUnitParams random_vector_unit() {
    VectorUnitParams unit;
    unit.lanes = pick<std::uint32_t>(1, 9);
    for (VectorClassParams& c : unit.classes) {
        c.passes = pick<std::uint32_t>(1, 4);
        c.latency = Cycles(pick(0, 12));
    }
    return unit;
}

/// What has been signalled in a loop body and not yet been waited for, so that waiting for it is
/// safe.
struct Pending {
    std::uint32_t for_vector = 0;
    std::uint32_t for_compute = 0;
    std::uint32_t for_kv = 0;
    std::uint32_t for_load = 0;
    std::uint32_t for_stream = 0;
};

class Generator {
public:
    explicit Generator(const ChipParams& chip) : chip_(chip) {
        slots_ = pick<std::uint32_t>(1, 5);
        kv_slots_ = pick<std::uint32_t>(1, 4);
        weight_free_ = builder_.add_semaphore("weight_free", isa::SemaphoreKind::Space, slots_);
        weight_ready_ = data("weight_ready");
        kv_free_ = builder_.add_semaphore("kv_free", isa::SemaphoreKind::Space, kv_slots_);
        kv_ready_ = data("kv_ready");
        to_vector_ = data("to_vector");
        to_compute_ = data("to_compute");
        to_kv_ = data("to_kv");
        to_load_ = data("to_load");
        to_stream_ = data("to_stream");
    }

    isa::Program program() {
        body(0);
        return builder_.finish();
    }

private:
    /// What runs ahead by some initial counts is no less safe.
    std::uint16_t data(const char* name) {
        return builder_.add_semaphore(name, isa::SemaphoreKind::Data, chance(30) ? pick(1, 4) : 0);
    }

    void body(int depth) {
        Pending pending;
        std::swap(pending, pending_);
        const std::uint64_t statements = pick(1, depth == 0 ? 5 : 4);
        for (std::uint64_t i = 0; i < statements; ++i) statement(depth);
        std::swap(pending, pending_);
    }

    void statement(int depth) {
        switch (pick(0, depth < 2 ? 6 : 4)) {
            case 0:
            case 1:
                return weights();
            case 2:
                return attention();
            case 3:
                return vector();
            default:
                builder_.loop(pick(1, 5), [&] { body(depth + 1); });
        }
    }

    std::uint16_t new_operator() {
        return builder_.add_operator("op" + std::to_string(operators_++));
    }

    void emit(isa::Payload payload, isa::SemaphoreUses waits = {}, isa::SemaphoreUses signals = {},
              bool ends = false) {
        isa::Instruction it = instruction(payload, std::move(waits), std::move(signals));
        it.op = op_;
        it.ends_operator = ends;
        it.ends_token = ends && chance(30);
        builder_.emit(it);
    }

    /// Waits for some of what is pending, perhaps.
    void maybe_wait(isa::SemaphoreUses& waits, std::uint16_t semaphore, std::uint32_t& pending) {
        if (pending == 0 || waits.size() == isa::SemaphoreUses::static_capacity || chance(25))
            return;
        const std::uint32_t count = pick<std::uint32_t>(1, pending + 1);
        pending -= count;
        waits.push_back({semaphore, count});
    }
    void maybe_signal(isa::SemaphoreUses& signals, std::uint16_t semaphore,
                      std::uint32_t& pending) {
        if (signals.size() == isa::SemaphoreUses::static_capacity || chance(50)) return;
        const std::uint32_t count = pick<std::uint32_t>(1, 3);
        pending += count;
        signals.push_back({semaphore, count});
    }
    isa::SemaphoreUses random_signals() {
        isa::SemaphoreUses signals;
        maybe_signal(signals, to_vector_, pending_.for_vector);
        maybe_signal(signals, to_compute_, pending_.for_compute);
        maybe_signal(signals, to_kv_, pending_.for_kv);
        maybe_signal(signals, to_load_, pending_.for_load);
        maybe_signal(signals, to_stream_, pending_.for_stream);
        return signals;
    }

    static isa::TileLayout random_layout() {
        isa::TileLayout layout;
        layout.rows = pick<std::uint32_t>(1, 12);
        layout.prefix_bytes = {0};
        const auto step = pick(1, 4);
        for (std::uint32_t k = 0; k < layout.rows; ++k) {
            layout.prefix_bytes.push_back(layout.prefix_bytes.back() +
                                          pick<std::uint32_t>(0, step + 1));
        }
        if (layout.prefix_bytes.back() == 0) layout.prefix_bytes.back() = 1;
        layout.column_bytes = Bytes(layout.prefix_bytes.back());
        if (chance(30)) layout.header_bits_per_column = pick<std::uint32_t>(1, 20);
        return layout;
    }

    isa::StreamTransfer random_transfer(isa::Traffic traffic, std::uint64_t bytes) {
        return {traffic, Bytes(bytes), Bytes(chance(30) ? pick(1, 17) : 0)};
    }

    /// Tiles of one weight matrix: streamed one by one, in pairs, in halves, or resident.
    void weights() {
        op_ = new_operator();
        const isa::TileLayout layout = random_layout();
        const auto columns = pick<std::uint32_t>(1, 13);
        const auto operand_bytes = pick<std::uint32_t>(1, 3);
        const std::uint32_t index = builder_.add_layout(layout);
        const isa::UnpackTile unpack{index, columns, operand_bytes};
        const std::uint64_t packed = layout.tile_bytes(columns).count();
        const std::uint64_t operands = std::uint64_t{layout.rows} * columns * operand_bytes;
        const bool inside = chip_.unpack_unit.position == UnpackPosition::InsideArray;
        const isa::InstallTile tile = inside ? install_packed(packed, operands) : install(operands);

        const bool streamed = chance(80);
        const auto together = std::min(slots_, pick<std::uint32_t>(1, 3));
        const auto parts = together == 1 ? std::min(slots_, pick<std::uint32_t>(1, 3)) : 1;
        const std::uint64_t rounds = pick(1, 7);
        const auto compute = random_compute();
        builder_.loop(rounds, [&] {
            isa::SemaphoreUses waits;
            if (streamed) waits.push_back({weight_free_, together});
            if (streamed) {
                for (std::uint32_t i = 0; i < parts; ++i) {
                    const std::uint64_t bytes = ceil_div(packed * together, parts);
                    emit(random_transfer(isa::Traffic::Weights, bytes), waits,
                         {{weight_ready_, together}});
                }
            }
            for (std::uint32_t i = 0; i < together; ++i) {
                emit(unpack, uses_if(streamed, weight_ready_, parts),
                     uses_if(streamed, weight_free_, parts));
                emit(tile);
                emit(compute);
            }
        });
        last_tile([&] { emit(unpack); }, tile);
    }

    void attention() {
        op_ = new_operator();
        const std::uint64_t bytes = pick(1, 65);
        const bool streamed = chance(50);
        const isa::InstallTile tile = install(bytes, isa::OperandSource::Kv);
        const auto compute = random_compute();
        builder_.loop(pick(1, 6), [&] {
            if (streamed) {
                emit(random_transfer(isa::Traffic::KvRead, bytes), {{kv_free_, 1}},
                     {{kv_ready_, 1}});
            }
            emit(kv_read(bytes), uses_if(streamed, kv_ready_, 1), uses_if(streamed, kv_free_, 1));
            emit(tile);
            emit(compute);
        });
        last_tile(
            [&] {
                isa::SemaphoreUses waits;
                maybe_wait(waits, to_kv_, pending_.for_kv);
                emit(kv_read(bytes), waits);
            },
            tile);
    }

    /// A tile whose compute waits and signals.
    template <class EmitRead>
    void last_tile(EmitRead emit_read, const isa::InstallTile& tile) {
        if (chance(30)) {
            isa::SemaphoreUses waits;
            maybe_wait(waits, to_stream_, pending_.for_stream);
            emit(random_transfer(isa::Traffic::Embedding, pick(1, 40)), waits);
        }
        emit_read();
        isa::SemaphoreUses load_waits;
        maybe_wait(load_waits, to_load_, pending_.for_load);
        emit(tile, load_waits);
        isa::SemaphoreUses waits;
        maybe_wait(waits, to_compute_, pending_.for_compute);
        emit(random_compute(), waits, random_signals(), /*ends=*/chance(80));
    }

    static isa::SemaphoreUses uses_if(bool condition, std::uint16_t id, std::uint32_t count) {
        if (!condition) return {};
        return {{id, count}};
    }

    isa::ComputeTile random_compute() const {
        const std::uint64_t word = chip_.sram_banks.width.count();
        isa::ComputeTile tile;
        tile.vectors = chance(30) ? pick<std::uint32_t>(1, 60) : pick<std::uint32_t>(1, 4);
        tile.cycles_per_vector = chance(30) ? pick<std::uint32_t>(2, 6) : 1;
        tile.activation_bytes = Bytes(pick(0, 3 * word + 1));
        tile.macs_per_vector = pick(0, 65);
        if (chance(60)) tile.rescales_per_vector = pick(0, 25);
        if (chance(40)) tile.result_bytes = Bytes(pick(1, 3 * word + 1));
        return tile;
    }

    void vector() {
        op_ = new_operator();
        isa::SemaphoreUses waits;
        maybe_wait(waits, to_vector_, pending_.for_vector);
        const std::uint64_t word = chip_.sram_banks.width.count();
        const auto vector_class = static_cast<isa::VectorClass>(pick(0, isa::kVectorClassCount));
        isa::VectorOp op =
            vector_op(vector_class, pick(1, 60), pick(0, 12 * word), pick(0, 6 * word));
        op.independent = chance(50);
        emit(op, waits, random_signals(), /*ends=*/chance(80));
    }

    const ChipParams& chip_;
    isa::ProgramBuilder builder_;
    Pending pending_;
    std::uint16_t op_ = 0;
    int operators_ = 0;
    std::uint32_t slots_;
    std::uint32_t kv_slots_;
    std::uint16_t weight_free_;
    std::uint16_t weight_ready_;
    std::uint16_t kv_free_;
    std::uint16_t kv_ready_;
    std::uint16_t to_vector_;
    std::uint16_t to_compute_;
    std::uint16_t to_kv_;
    std::uint16_t to_load_;
    std::uint16_t to_stream_;
};

}  // namespace

ChipParams random_chip() {
    ChipParams chip;
    chip.clock = Hertz(1'000'000'000);
    chip.weight_stream = random_stream();
    chip.sram_banks = random_sram();
    chip.unpack_unit.lanes = pick<std::uint32_t>(2, 33);
    chip.unpack_unit.depth = Cycles(pick(0, 8));
    chip.unpack_unit.read_bytes = Bytes(pick(1, 40));
    chip.unpack_unit.position =
        chance(50) ? UnpackPosition::InsideArray : UnpackPosition::BeforeLoadPort;
    chip.mac_array = random_array();
    chip.rescaler.lanes = pick<std::uint32_t>(1, 9);
    chip.rescaler.depth = Cycles(pick(0, 6));
    chip.vector_unit = random_vector_unit();
    chip.sequencer.queue_depth = pick<std::uint32_t>(1, 6);
    chip.sequencer.issue_latency = Cycles(pick(0, 6));
    return chip;
}

isa::Program random_program(const ChipParams& chip) { return Generator(chip).program(); }

std::string describe(const ChipParams& chip) {
    const WeightStreamParams& stream = chip.weight_stream;
    const SramBanksParams& sram = chip.sram_banks;
    const UnpackUnitParams& unpack = chip.unpack_unit;
    const MacArrayParams& array = chip.mac_array;
    std::ostringstream out;
    out << "stream: rate " << stream.rate.ratio.num << '/' << stream.rate.ratio.den << " latency "
        << stream.latency.count() << " outstanding " << stream.outstanding << " refresh "
        << stream.refresh_duration.count() << " of " << stream.refresh_period.count() << '\n'
        << "sram: banks " << sram.banks << " width " << sram.width.count() << " ports "
        << sram.ports << " read_latency " << sram.read_latency.count() << " interleave "
        << sram.interleave_words
        << (sram.arbitration == Arbitration::RoundRobin ? " round robin\n" : " priority\n")
        << "unpack: lanes " << unpack.lanes << " depth " << unpack.depth.count() << " read_bytes "
        << unpack.read_bytes.count()
        << (unpack.position == UnpackPosition::InsideArray ? " inside array\n" : "\n")
        << "array: " << array.planes << " x " << array.rows << " x " << array.cols << " load_bytes "
        << array.load_bytes.count() << (array.double_buffering ? " double buffering\n" : "\n")
        << "rescaler: lanes " << chip.rescaler.lanes << " depth " << chip.rescaler.depth.count()
        << '\n'
        << "vector unit: lanes " << chip.vector_unit.lanes << " (passes, latency)";
    for (const VectorClassParams& c : chip.vector_unit.classes) {
        out << " (" << c.passes << ", " << c.latency.count() << ')';
    }
    out << "\nsequencer: queue_depth " << chip.sequencer.queue_depth << " issue_latency "
        << chip.sequencer.issue_latency.count() << '\n';
    return out.str();
}

}  // namespace lpusim::test
