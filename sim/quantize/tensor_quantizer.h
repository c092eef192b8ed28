#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "hw_models/numerics/packing.h"
#include "sim/quantize/quantization_error.h"
#include "sim/quantize/weight_source.h"

namespace lpusim {

struct QuantizeOptions {
    /// 0: one per processor. The results do not depend on it.
    unsigned threads = 0;
    /// Whether the error is wanted; it costs about as much as quantising.
    bool measure = true;
    /// Takes the packed bytes in order, strip by strip; none: they are not packed.
    std::function<void(ByteView)> sink;
    /// Called with the columns done so far, strip by strip.
    std::function<void(std::uint64_t)> progress;
};

/// One matrix in one format.
struct QuantizedTensor {
    QuantizationError error;
    /// As the packer writes them: footprint().
    std::uint64_t packed_bytes = 0;
    float tensor_scale = 1;

    /// Everything stored, per weight; the tensor scale is not in the stream.
    double effective_bits(std::uint64_t weights) const {
        return 8 * static_cast<double>(packed_bytes) / static_cast<double>(weights);
    }
};

/// Quantises a matrix, column by column: memory for one strip, whatever the matrix's size. Throws
/// WeightError for NaN and infinity, and std::invalid_argument for a format with value_problems()
/// or a tiling of another shape.
QuantizedTensor quantize_tensor(const WeightSource& source, const NumberFormat& format,
                                const MatrixTiling& tiling, const QuantizeOptions& options);

/// Reads back what a sink got. `weights`: room for k weights per column of the strip, column after
/// column. Throws PackedDataError.
void restore_strip(const MatrixPacker& packer, const Strip& strip, ByteView strip_bytes,
                   float tensor_scale, unsigned threads, float* weights);

}  // namespace lpusim
