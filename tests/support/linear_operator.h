#pragma once

#include "hw_models/chip/chip_params.h"
#include "tests/support/instructions.h"

namespace lpusim::test {

/// One matrix product: equal weight tiles that are streamed, unpacked, installed and computed.
struct LinearOperator {
    isa::TileLayout layout = dense_layout(8, 4);
    std::uint32_t columns = 8;
    std::uint64_t tiles = 1;
    /// Tiles that SRAM holds.
    std::uint64_t slots = 8;
    bool streamed = true;
    /// What each tile computes; the last one's results are in memory when the operator ends.
    isa::ComputeTile compute = [] {
        isa::ComputeTile tile;
        tile.vectors = 1;
        tile.activation_bytes = Bytes(8);
        tile.rescales_per_vector = 8;
        tile.result_bytes = Bytes(16);
        tile.macs_per_vector = 64;
        return tile;
    }();

    std::uint64_t packed_bytes() const { return layout.tile_bytes(columns).count(); }
    std::uint64_t weights() const { return std::uint64_t{layout.rows} * columns; }
    std::uint64_t port_bytes(const ChipParams& chip) const {
        return chip.unpack_unit.position == UnpackPosition::InsideArray ? packed_bytes()
                                                                        : weights();
    }
};

/// The program of one operator, which is also a token.
inline isa::Program program_of(const LinearOperator& op, const ChipParams& chip) {
    isa::ProgramBuilder builder;
    builder.add_operator("linear");
    const std::uint16_t free = builder.add_semaphore("free", isa::SemaphoreKind::Space, op.slots);
    const std::uint16_t ready = builder.add_semaphore("ready", isa::SemaphoreKind::Data, 0);
    const std::uint32_t layout = builder.add_layout(op.layout);
    const auto emit_tile = [&](bool last) {
        const isa::UnpackTile unpack{layout, op.columns, 1};
        if (op.streamed) {
            builder.emit(instruction(transfer(op.packed_bytes()), {{free, 1}}, {{ready, 1}}));
            builder.emit(instruction(unpack, {{ready, 1}}, {{free, 1}}));
        } else {
            builder.emit(instruction(unpack));
        }
        builder.emit(instruction(install_packed(op.port_bytes(chip), op.weights())));
        isa::Instruction compute = instruction(op.compute);
        compute.ends_operator = last;
        compute.ends_token = last;
        builder.emit(compute);
    };
    builder.loop(op.tiles - 1, [&] { emit_tile(false); });
    emit_tile(true);
    return builder.finish();
}

}  // namespace lpusim::test
