#pragma once

#include <cstdint>

#include "hw_models/isa/instruction.h"

namespace lpusim {

/// What carries the data of a chip. Timing and function are apart: units decide when something
/// moves, and tell their data path in the cycle in which they commit it; no answer comes back, so
/// data cannot change a cycle. Without one (the usual run) each move costs a branch.
///
/// Everything is in order: per queue instructions start and end in the order of the program, and
/// bytes leave a channel as they entered it. A unit that sleeps tells of its moves when it settles,
/// which is before anybody can see their effect: whatever signals completion is done awake.
class DataPath {
public:
    DataPath() = default;
    DataPath(const DataPath&) = delete;
    DataPath& operator=(const DataPath&) = delete;
    virtual ~DataPath() = default;

    // WeightStream
    virtual void transfer_started(const isa::Instruction& transfer) = 0;
    /// Bytes [begin, end) of the oldest transfer that is not done, padding included, are in SRAM
    /// (of a write-back: in memory). It is done with its last byte.
    virtual void transferred(std::uint64_t begin, std::uint64_t end) = 0;

    // Readers of tiles: `read` is an UnpackTile or a KvReadTile.
    virtual void read_started(const isa::Instruction& read) = 0;
    /// Its next `bytes` have been read and pushed into the reader's channel.
    virtual void bytes_read(const isa::Instruction& read, std::uint64_t bytes) = 0;

    // UnpackUnit
    /// `packed_bytes` have been popped, and the next `weights` of the tile pushed as operands.
    virtual void unpacked(const isa::Instruction& tile, std::uint64_t packed_bytes,
                          std::uint64_t weights) = 0;

    // MacArray
    virtual void install_started(const isa::Instruction& install) = 0;
    /// `bytes` of this tile have crossed the load port: into the shadow planes, or, packed, on to
    /// the unpack unit inside the array.
    virtual void crossed_port(const isa::Instruction& install, std::uint64_t bytes,
                              bool into_planes) = 0;
    /// Operand bytes from the unpack unit inside the array have filled the shadow planes.
    virtual void filled_from_unpack(std::uint64_t bytes) = 0;
    /// The oldest tile is complete in the shadow planes.
    virtual void tile_installed() = 0;
    /// Shadow and live planes have been swapped for this compute.
    virtual void planes_swapped(const isa::Instruction& compute) = 0;
    /// The next `vectors` of it have entered the live planes, and into the result pipe if their
    /// partial sums leave the accumulators.
    virtual void vectors_entered(std::uint64_t vectors, bool into_pipe) = 0;

    // Rescaler
    /// The oldest vector in the result pipe has been rescaled.
    virtual void vector_rescaled() = 0;
    /// Bytes [begin, end) of the oldest result, the last word's unused part included, are in SRAM.
    virtual void result_written(std::uint64_t begin, std::uint64_t end) = 0;

    // VectorUnit
    virtual void vector_started(const isa::Instruction& operation) = 0;
    /// The result of the oldest operation is in SRAM.
    virtual void vector_completed() = 0;
};

}  // namespace lpusim
