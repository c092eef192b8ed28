#pragma once

#include <cstdint>
#include <variant>

#include <boost/container/static_vector.hpp>

#include "hw_models/core/quantities.h"

namespace lpusim::isa {

/// The in-order instruction queues: one per engine that is told what to do.
enum class Queue : std::uint8_t { Stream, Unpack, Kv, Load, Compute, Vector };
inline constexpr std::size_t kQueueCount = 6;
constexpr Queue queue_at(std::size_t index) { return static_cast<Queue>(index); }
const char* name_of(Queue queue);

/// What a stream transfer carries; bytes moved are reported by kind.
enum class Traffic : std::uint8_t { Weights, KvRead, KvWrite, Embedding, Norms };
inline constexpr std::size_t kTrafficCount = 5;
const char* name_of(Traffic traffic);

/// Moves payload + padding bytes between off-chip memory and SRAM. Padding rounds up to whole
/// bursts.
struct StreamTransfer {
    Traffic traffic = Traffic::Weights;
    Bytes payload;
    Bytes padding;

    Bytes total() const { return payload + padding; }
    bool writes_memory() const { return traffic == Traffic::KvWrite; }
};

/// Reads one packed weight tile from SRAM and emits its weights towards the array.
struct UnpackTile {
    /// Index into Program::layouts.
    std::uint32_t layout = 0;
    std::uint32_t columns = 0;
    /// Bytes of one emitted weight on the array's operand bus: 1 for INT8, 2 for FP16.
    std::uint32_t operand_bytes = 1;
};

/// Reads stationary attention operands (K or V) from SRAM towards the array's load port.
struct KvReadTile {
    Bytes bytes;
};

enum class OperandSource : std::uint8_t { Weights, Kv };

/// Installs one stationary tile into the array's shadow planes.
struct InstallTile {
    OperandSource source = OperandSource::Weights;
    /// Bytes that cross the load port: operands, or packed bytes when the unpack unit sits inside
    /// the array.
    Bytes port_bytes;
    /// Operand bytes that are installed.
    Bytes operand_bytes;
};

/// Swaps the shadow planes in and streams activation vectors through them.
struct ComputeTile {
    /// M: activation vectors that enter each plane.
    std::uint32_t vectors = 0;
    /// Cycles between two vectors: 1 for INT8, the hardware file's figure for FP16.
    std::uint32_t cycles_per_vector = 1;
    /// Activation bytes that one vector reads from SRAM.
    Bytes activation_bytes;
    /// Rescale operations that one vector costs, over all columns and the groups of this tile; 0
    /// when the partial sums stay in the INT32 accumulators.
    std::uint64_t rescales_per_vector = 0;
    /// Result bytes that one vector writes to SRAM: only on the last tile along K.
    Bytes result_bytes;
    /// Useful multiply-accumulates of one vector (padding rows and columns excluded).
    std::uint64_t macs_per_vector = 0;
};

/// Classes of the vector unit; each has its own passes and latency in the hardware file.
enum class VectorClass : std::uint8_t { Norm, Rope, Softmax, Activation, Residual, Quantize, Copy };
inline constexpr std::size_t kVectorClassCount = 7;
const char* name_of(VectorClass vector_class);

struct VectorOp {
    VectorClass vector_class = VectorClass::Norm;
    std::uint64_t elements = 0;
    /// SRAM traffic of the whole operation, over all its passes.
    Bytes read_bytes;
    Bytes write_bytes;
    /// Reads no result of an earlier vector operation, so it need not wait for one to be complete.
    bool independent = false;
};

using Payload =
    std::variant<StreamTransfer, UnpackTile, KvReadTile, InstallTile, ComputeTile, VectorOp>;

/// The queue whose engine executes this payload.
Queue queue_of(const Payload& payload);

/// `count` taken from, or added to, semaphore `id`.
struct SemaphoreUse {
    std::uint16_t id = 0;
    std::uint32_t count = 1;
};
using SemaphoreUses = boost::container::static_vector<SemaphoreUse, 3>;

/// One instruction. It starts when all its waits can be taken together, and signals when it has
/// completed: a transfer when its last word is in SRAM, an unpack or KV read when its last word has
/// been read (its buffer is free), an install when the tile is complete, a compute when its last
/// result is in SRAM (or, without results, when its last vector has been rescaled), a vector
/// operation when its result is in SRAM.
struct Instruction {
    Payload payload;
    /// Index into Program::operators.
    std::uint16_t op = 0;
    SemaphoreUses waits;
    SemaphoreUses signals;
    /// Its completion completes the operator `op`.
    bool ends_operator = false;
    /// Its completion ends a token.
    bool ends_token = false;
};

}  // namespace lpusim::isa
