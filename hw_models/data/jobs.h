#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "hw_models/data/sram_image.h"
#include "hw_models/numerics/group_scaling.h"
#include "hw_models/numerics/tile_codec.h"

namespace lpusim {

// Where one execution of an instruction finds its data: its addresses, and what its operands mean.

/// A stream transfer between memory and consecutive bytes of SRAM; padding carries nothing.
struct TransferJob {
    /// Bytes that come from memory; those of a write-back go to `target`.
    const std::uint8_t* source = nullptr;
    std::uint8_t* target = nullptr;
    std::uint64_t payload = 0;
    Place sram;
    /// Keeps `source` alive, if it was put together for this transfer.
    std::shared_ptr<const std::vector<std::uint8_t>> owned;
};

/// Bytes of SRAM that a reader gathers, in order.
struct ReadJob {
    struct Span {
        Place place;
        std::uint64_t bytes = 0;
    };
    std::vector<Span> spans;
};

/// A weight tile that the unpack unit expands.
struct UnpackJob {
    const TileCodec* codec = nullptr;
    const CodecTables* tables = nullptr;
    const GroupScaling* scaling = nullptr;
    float tensor_scale = 1;
    std::uint32_t columns = 0;
    /// The columns begin anew: nothing of the scale registers is theirs.
    bool first_along_k = false;
    bool last_along_k = false;
};

/// How the bytes on the array's buses are to be read.
enum class OperandKind : std::uint8_t { Int8, Fp16, Bf16 };

/// A stationary tile and the vectors that pass through it.
struct ComputeJob {
    std::uint32_t rows = 0;
    std::uint32_t columns = 0;
    std::uint32_t vectors = 0;
    OperandKind stationary = OperandKind::Int8;
    /// Of the activations: Int8 or Fp16.
    OperandKind moving = OperandKind::Int8;
    /// Rows at which the groups of this tile end, the last one being `rows`. One if the sums stay
    /// in the accumulators until the last tile along K.
    std::vector<std::uint32_t> group_ends;
    /// Each group's sums leave for the rescaler; otherwise only those of whole columns do.
    bool grouped = false;
    bool first_along_k = false;
    bool last_along_k = false;
    /// Activations of this tile's rows: vector m begins at m * vector_stride.
    Place activations;
    std::uint64_t vector_stride = 0;
    /// FP32 scale of vector m: at m * scale_stride; none: 1.
    std::optional<Place> activation_scales;
    std::uint64_t scale_stride = 0;
    /// Scale of a stationary operand that brings none with it (the cache).
    std::optional<float> constant_scale;
    /// FP16, one per column of this tile.
    std::optional<Place> bias;
    /// Results: vector m at m * result_stride, FP16.
    Place results;
    std::uint64_t result_stride = 0;
    /// For whom it may concern: which tile of which operator this is.
    std::uint64_t tag = 0;
};

/// A vector operation: its result, from what SRAM holds when it begins.
struct VectorJob {
    struct Result {
        Place place;
        std::vector<std::uint8_t> bytes;
    };
    std::function<std::vector<Result>(const SramImage&)> run;
    std::uint64_t tag = 0;
};

}  // namespace lpusim
