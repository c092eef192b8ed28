#pragma once

#include <cstdint>
#include <vector>

#include "hw_models/numerics/packing.h"
#include "sim/quantize/code_kernels.h"
#include "sim/quantize/metadata_chooser.h"
#include "sim/quantize/weight_source.h"

namespace lpusim {

/// Turns columns of weights into codes and metadata, and back. Const calls may come from several
/// threads.
class ColumnQuantizer {
public:
    /// The packer must outlive it.
    explicit ColumnQuantizer(const MatrixPacker& packer);

    /// What the column asks of the tensor's scale: MetadataChooser. Throws NonFiniteWeight.
    double outermost_scale(const float* weights) const;
    float tensor_scale(double outermost) const { return chooser_.tensor_scale(outermost); }

    /// `column`: of the packer's size. `restored`: null, or room for k weights: what dequantize()
    /// would give. Throws NonFiniteWeight. Returns the number of clipped weights:
    /// QuantizationError.
    std::uint64_t quantize(const float* weights, float tensor_scale, ColumnCodes& column,
                           float* restored) const;

    /// The weights that codes and metadata stand for. Throws PackedDataError for metadata, or
    /// codes, that are no finite number.
    void dequantize(const ColumnCodes& column, float tensor_scale, float* weights) const;
    /// The same from the operands that MatrixPacker::unpack_int8() gives, and faster.
    void dequantize(const std::int8_t* operands, const std::uint32_t* metadata, float tensor_scale,
                    float* weights) const;

private:
    /// Weights of one tile that the kernel takes at once.
    struct Block {
        std::uint64_t begin;
        std::uint32_t count;
        /// Of the first weight in its symbol: symbols start anew with each tile.
        std::uint32_t place;
    };
    void cut_blocks();
    void read_factors(const Block& block, const std::uint32_t* metadata, float tensor_scale,
                      CodeKernel::Use use, CodeKernel::Factors& factors) const;
    std::vector<WeightRange> ranges_of(const float* weights) const;
    float operand(std::size_t place, std::uint32_t code) const;

    const MatrixPacker& packer_;
    MetadataChooser chooser_;
    CodeKernel kernel_;
    GroupScaling scaling_;
    std::uint64_t group_size_;
    std::vector<Block> blocks_;
};

}  // namespace lpusim
