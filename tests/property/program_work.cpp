#include "tests/property/program_work.h"

#include <algorithm>

namespace lpusim::test {

namespace {

/// Adds one execution of an instruction to the work of its operator.
class Adder {
public:
    Adder(ProgramWork& work, const isa::Program& program, const ChipParams& chip,
          const isa::Instruction& instruction)
        : work_(work), program_(program), chip_(chip), instruction_(instruction) {}

    void operator()(const isa::StreamTransfer& transfer) const {
        work_.stream_bytes += transfer.total().count();
        work_.payload_bytes[static_cast<std::size_t>(transfer.traffic)] += transfer.payload.count();
        work_.stream_words += words(transfer.total());
    }
    void operator()(const isa::UnpackTile& tile) const {
        const isa::TileLayout& layout = program_.layouts[tile.layout];
        const std::uint64_t weights = std::uint64_t{layout.rows} * tile.columns;
        work_.weights += weights;
        work_.packed_bytes += layout.tile_bytes(tile.columns).count();
        work_.unpacked_bytes += weights * tile.operand_bytes;
        work_.unpack_beats += ceil_div(weights, chip_.unpack_unit.lanes / tile.operand_bytes);
        work_.unpack_words += words(layout.tile_bytes(tile.columns));
    }
    void operator()(const isa::KvReadTile& tile) const {
        work_.kv_bytes += tile.bytes.count();
        work_.kv_words += words(tile.bytes);
    }
    void operator()(const isa::InstallTile& tile) const {
        ++work_.tiles;
        work_.port_bytes += tile.port_bytes.count();
        work_.port_beats += ceil_div(tile.port_bytes.count(), chip_.mac_array.load_bytes.count());
        work_.installed_bytes += tile.operand_bytes.count();
    }
    void operator()(const isa::ComputeTile& tile) const {
        const std::uint64_t vectors = tile.vectors;
        work_.macs += vectors * tile.macs_per_vector;
        work_.compute_cycles += vectors * tile.cycles_per_vector;
        work_.activation_words += vectors * words(tile.activation_bytes);
        work_.rescales += vectors * tile.rescales_per_vector;
        work_.result_bytes += vectors * tile.result_bytes.count();
        work_.result_words += vectors * words(tile.result_bytes);
        const bool passes = tile.rescales_per_vector > 0 || tile.result_bytes > Bytes(0) ||
                            !instruction_.signals.empty() || instruction_.ends_operator ||
                            instruction_.ends_token;
        if (!passes) return;
        work_.rescale_cycles +=
            vectors *
            std::max<std::uint64_t>(1, ceil_div(tile.rescales_per_vector, chip_.rescaler.lanes));
    }
    void operator()(const isa::VectorOp& op) const {
        const VectorUnitParams& unit = chip_.vector_unit;
        work_.vector_beats += unit.of(op.vector_class).passes * ceil_div(op.elements, unit.lanes);
        work_.vector_words += words(op.read_bytes) + words(op.write_bytes);
    }

private:
    std::uint64_t words(Bytes bytes) const {
        return ceil_div(bytes.count(), chip_.sram_banks.width.count());
    }

    ProgramWork& work_;
    const isa::Program& program_;
    const ChipParams& chip_;
    const isa::Instruction& instruction_;
};

}  // namespace

std::vector<ProgramWork> work_of(const isa::Program& program, const ChipParams& chip) {
    std::vector<ProgramWork> works(program.operators.size());
    for (const isa::QueueProgram& queue : program.queues) {
        for (isa::Cursor cursor(queue); !cursor.at_end(); cursor.advance(queue)) {
            const auto& instruction = std::get<isa::Instruction>(queue[cursor.position()]);
            std::visit(Adder(works[instruction.op], program, chip, instruction),
                       instruction.payload);
        }
    }
    return works;
}

ProgramWork sum(const std::vector<ProgramWork>& works) {
    ProgramWork total;
    for (const ProgramWork& work : works) {
        total.stream_bytes += work.stream_bytes;
        for (std::size_t i = 0; i < isa::kTrafficCount; ++i) {
            total.payload_bytes[i] += work.payload_bytes[i];
        }
        total.stream_words += work.stream_words;
        total.weights += work.weights;
        total.packed_bytes += work.packed_bytes;
        total.unpacked_bytes += work.unpacked_bytes;
        total.unpack_beats += work.unpack_beats;
        total.unpack_words += work.unpack_words;
        total.kv_bytes += work.kv_bytes;
        total.kv_words += work.kv_words;
        total.tiles += work.tiles;
        total.port_bytes += work.port_bytes;
        total.port_beats += work.port_beats;
        total.installed_bytes += work.installed_bytes;
        total.macs += work.macs;
        total.compute_cycles += work.compute_cycles;
        total.activation_words += work.activation_words;
        total.rescales += work.rescales;
        total.rescale_cycles += work.rescale_cycles;
        total.result_bytes += work.result_bytes;
        total.result_words += work.result_words;
        total.vector_beats += work.vector_beats;
        total.vector_words += work.vector_words;
    }
    return total;
}

}  // namespace lpusim::test
