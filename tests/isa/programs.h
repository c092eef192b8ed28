#pragma once

#include "hw_models/isa/program.h"

namespace lpusim::isa {

/// An instruction for the given queue that does nothing worth mentioning.
inline Instruction instruction_for(Queue queue, std::uint16_t op = 0) {
    Instruction instruction;
    instruction.op = op;
    switch (queue) {
        case Queue::Stream:
            instruction.payload = StreamTransfer{};
            break;
        case Queue::Unpack:
            instruction.payload = UnpackTile{};
            break;
        case Queue::Kv:
            instruction.payload = KvReadTile{};
            break;
        case Queue::Load:
            instruction.payload = InstallTile{};
            break;
        case Queue::Compute:
            instruction.payload = ComputeTile{};
            break;
        case Queue::Vector:
            instruction.payload = VectorOp{};
            break;
    }
    return instruction;
}

/// A column of `rows` one-byte weights.
inline TileLayout byte_layout(std::uint32_t rows) {
    TileLayout layout;
    layout.rows = rows;
    layout.column_bytes = Bytes(rows);
    for (std::uint32_t k = 0; k <= rows; ++k) layout.prefix_bytes.push_back(k);
    return layout;
}

}  // namespace lpusim::isa
