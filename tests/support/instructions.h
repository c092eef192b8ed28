#pragma once

#include <utility>
#include <vector>

#include "hw_models/isa/program.h"

namespace lpusim::test {

inline isa::Instruction instruction(isa::Payload payload, isa::SemaphoreUses waits = {},
                                    isa::SemaphoreUses signals = {}) {
    isa::Instruction result;
    result.payload = payload;
    result.waits = std::move(waits);
    result.signals = std::move(signals);
    return result;
}

inline std::vector<isa::Instruction> repeat(std::size_t count, const isa::Instruction& it) {
    return std::vector<isa::Instruction>(count, it);
}

inline isa::StreamTransfer transfer(std::uint64_t payload, std::uint64_t padding = 0) {
    return {isa::Traffic::Weights, Bytes(payload), Bytes(padding)};
}

inline isa::KvReadTile kv_read(std::uint64_t bytes) { return {Bytes(bytes)}; }

/// A tile of which every operand byte crosses the load port.
inline isa::InstallTile install(std::uint64_t operand_bytes,
                                isa::OperandSource source = isa::OperandSource::Weights) {
    return {source, Bytes(operand_bytes), Bytes(operand_bytes)};
}

/// A tile that crosses the load port packed.
inline isa::InstallTile install_packed(std::uint64_t packed_bytes, std::uint64_t operand_bytes) {
    return {isa::OperandSource::Weights, Bytes(packed_bytes), Bytes(operand_bytes)};
}

/// Vectors of `activation_bytes` that leave the array and are neither rescaled nor written.
inline isa::ComputeTile compute(std::uint32_t vectors, std::uint64_t activation_bytes) {
    isa::ComputeTile tile;
    tile.vectors = vectors;
    tile.activation_bytes = Bytes(activation_bytes);
    return tile;
}

/// An operation that waits for those before it.
inline isa::VectorOp vector_op(isa::VectorClass vector_class, std::uint64_t elements,
                               std::uint64_t read_bytes = 0, std::uint64_t write_bytes = 0) {
    isa::VectorOp op;
    op.vector_class = vector_class;
    op.elements = elements;
    op.read_bytes = Bytes(read_bytes);
    op.write_bytes = Bytes(write_bytes);
    return op;
}
inline isa::VectorOp independent(isa::VectorOp op) {
    op.independent = true;
    return op;
}

/// A column of `rows` weights of `bits` each, packed densely, byte-aligned at its end.
inline isa::TileLayout dense_layout(std::uint32_t rows, std::uint32_t bits) {
    isa::TileLayout layout;
    layout.rows = rows;
    for (std::uint32_t k = 0; k <= rows; ++k) {
        layout.prefix_bytes.push_back(
            static_cast<std::uint32_t>(ceil_div(std::uint64_t{k} * bits, 8)));
    }
    layout.column_bytes = Bytes(layout.prefix_bytes.back());
    return layout;
}

/// The same with `metadata_bytes` before each group of `group` weights.
inline isa::TileLayout grouped_layout(std::uint32_t rows, std::uint32_t bits, std::uint32_t group,
                                      std::uint32_t metadata_bytes) {
    isa::TileLayout layout = dense_layout(rows, bits);
    for (std::uint32_t k = 1; k <= rows; ++k) {
        const auto groups = static_cast<std::uint32_t>(ceil_div(k, group));
        layout.prefix_bytes[k] += groups * metadata_bytes;
    }
    layout.column_bytes = Bytes(layout.prefix_bytes.back());
    return layout;
}

}  // namespace lpusim::test
