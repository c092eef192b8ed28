#include "sim/quantize/column_quantizer.h"

#include <algorithm>
#include <string>

#include "hw_models/numerics/packed_data_error.h"

namespace lpusim {

ColumnQuantizer::ColumnQuantizer(const MatrixPacker& packer)
    : packer_(packer),
      chooser_(packer),
      kernel_(packer.codes()),
      scaling_(packer.format(), packer.codes()),
      group_size_(packer.format().grouped() ? packer.format().group_size
                                            : std::max<std::uint64_t>(packer.tiling().k, 1)) {
    cut_blocks();
}

void ColumnQuantizer::cut_blocks() {
    const std::size_t places = packer_.codes().places().size();
    for (const TileCodec& tile : packer_.tiles()) {
        for (std::uint32_t row = 0; row < tile.rows(); row += CodeKernel::kMaxWeights) {
            const std::uint32_t count = std::min(CodeKernel::kMaxWeights, tile.rows() - row);
            blocks_.push_back(
                {tile.k_begin() + row, count, static_cast<std::uint32_t>(row % places)});
        }
    }
}

void ColumnQuantizer::read_factors(const Block& block, const std::uint32_t* metadata,
                                   float tensor_scale, CodeKernel::Use use,
                                   CodeKernel::Factors& factors) const {
    std::uint64_t group = block.begin / group_size_;
    for (std::uint32_t i = 0; i < block.count; ++group) {
        const std::uint64_t stop = (group + 1) * group_size_ - block.begin;
        const auto end = static_cast<std::uint32_t>(std::min<std::uint64_t>(block.count, stop));
        kernel_.fill(factors, i, end,
                     scaling_.factors(packer_.metadata(), metadata, group, tensor_scale), use);
        i = end;
    }
}

std::vector<WeightRange> ColumnQuantizer::ranges_of(const float* weights) const {
    const std::uint64_t k = packer_.tiling().k;
    std::vector<WeightRange> ranges;
    ranges.reserve(ceil_div(k, group_size_));
    for (std::uint64_t begin = 0; begin < k; begin += group_size_) {
        const std::uint64_t count = std::min(group_size_, k - begin);
        ranges.push_back(finite_range_of(weights, begin, begin + count, chooser_.symmetric()));
    }
    return ranges;
}

double ColumnQuantizer::outermost_scale(const float* weights) const {
    const std::uint64_t k = packer_.tiling().k;
    // The largest scale is that of the largest magnitude, whose group does not matter.
    if (chooser_.symmetric() && k > 0) {
        return chooser_.outermost_scale({finite_range_of(weights, 0, k, true)});
    }
    return chooser_.outermost_scale(ranges_of(weights));
}

std::uint64_t ColumnQuantizer::quantize(const float* weights, float tensor_scale,
                                        ColumnCodes& column, float* restored) const {
    chooser_.choose(ranges_of(weights), tensor_scale, column.metadata.data());
    const auto use = restored == nullptr ? CodeKernel::Use::Quantise : CodeKernel::Use::Both;
    CodeKernel::Factors factors{};
    std::uint64_t clipped = 0;
    for (const Block& block : blocks_) {
        read_factors(block, column.metadata.data(), tensor_scale, use, factors);
        clipped += kernel_.quantize({weights + block.begin, block.count, block.place, factors},
                                    column.codes.data() + block.begin,
                                    restored == nullptr ? nullptr : restored + block.begin);
    }
    return clipped;
}

float ColumnQuantizer::operand(std::size_t place, std::uint32_t code) const {
    const WeightCodes& codes = packer_.codes();
    if (packer_.format().operand_bytes == 1) {
        return static_cast<float>(codes.int8_operand(place, code));
    }
    return codes.value_of_float_operand(codes.float_operand(place, code));
}

void ColumnQuantizer::dequantize(const ColumnCodes& column, float tensor_scale,
                                 float* weights) const {
    const WeightCodes& codes = packer_.codes();
    CodeKernel::Factors factors{};
    for (const Block& block : blocks_) {
        read_factors(block, column.metadata.data(), tensor_scale, CodeKernel::Use::Restore,
                     factors);
        for (std::uint32_t i = 0; i < block.count; ++i) {
            const std::size_t place = (block.place + i) % codes.places().size();
            const std::uint32_t code = column.codes[block.begin + i];
            if (!codes.valid(place, code)) {
                throw PackedDataError("weight " + std::to_string(block.begin + i) +
                                      ": its code is no finite number");
            }
            weights[block.begin + i] = factors.scale[i] * (operand(place, code) - factors.zero[i]);
        }
    }
}

void ColumnQuantizer::dequantize(const std::int8_t* operands, const std::uint32_t* metadata,
                                 float tensor_scale, float* weights) const {
    CodeKernel::Factors factors{};
    for (const Block& block : blocks_) {
        read_factors(block, metadata, tensor_scale, CodeKernel::Use::Restore, factors);
        for (std::uint32_t i = 0; i < block.count; ++i) {
            const auto operand = static_cast<float>(operands[block.begin + i]);
            weights[block.begin + i] = factors.scale[i] * (operand - factors.zero[i]);
        }
    }
}

}  // namespace lpusim
