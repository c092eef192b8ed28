#include <cstddef>
#include <cstdint>
#include <vector>

#include "hw_models/numerics/group_scaling.h"
#include "hw_models/numerics/packed_data_error.h"
#include "hw_models/numerics/packing.h"
#include "sim/quantize/column_quantizer.h"

namespace {

using lpusim::MatrixPacker;
using lpusim::NumberFormat;

/// The input's bytes one by one; zeros when it has ended.
class Input {
public:
    Input(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}

    std::uint32_t byte() {
        if (left_ == 0) return 0;
        --left_;
        return *data_++;
    }
    std::uint32_t below(std::uint32_t bound) { return byte() % bound; }

private:
    const std::uint8_t* data_;
    std::size_t left_;
};

lpusim::MetadataKind kind_of(std::uint32_t i) { return static_cast<lpusim::MetadataKind>(i); }

NumberFormat read_format(Input& input) {
    NumberFormat format;
    const std::uint32_t shape = input.byte();
    if ((shape & 1U) != 0) format.packing = lpusim::Packing::Padded;
    if ((shape & 2U) != 0) format.layout = lpusim::MetadataLayout::Separate;
    if ((shape & 4U) != 0) format.operand_bytes = 2;
    if ((shape & 8U) != 0) format.code.kind = lpusim::CodeKind::Float;
    if ((shape & 16U) != 0) format.tensor_scale = true;
    format.code.exponent_bits = input.below(10);
    std::vector<std::uint32_t>& places =
        (shape & 32U) != 0 ? format.code.radix_levels : format.code.field_bits;
    for (std::uint32_t i = input.below(20); i > 0; --i) places.push_back(input.byte());
    format.group_size = input.byte();
    for (std::uint32_t i = input.below(4); i > 0; --i) {
        const std::uint32_t per = format.scales.empty() ? format.group_size : input.byte();
        format.scales.push_back({per, input.below(40), kind_of(input.below(7))});
    }
    format.zero_point_bits = input.below(40);
    format.zero_point_kind = kind_of(input.below(7));
    return format;
}

lpusim::MatrixTiling read_tiling(Input& input) {
    lpusim::MatrixTiling tiling;
    for (std::uint32_t i = input.below(5); i > 0; --i) {
        tiling.k_tiles.push_back(1 + input.below(100));
        tiling.k += tiling.k_tiles.back();
    }
    tiling.n = input.below(5);
    tiling.strip_columns = 1 + input.below(4);
    return tiling;
}

/// What can be unpacked packs to the same bytes again, but for the padding, which is not looked at.
void unpack_and_pack(const MatrixPacker& packer, const std::vector<std::uint8_t>& bytes) {
    std::vector<std::uint8_t> again(bytes.size());
    std::vector<std::uint8_t> once_more(bytes.size());
    lpusim::ColumnCodes column = packer.blank_column();
    for (std::uint64_t i = 0; i < packer.strips(); ++i) {
        const lpusim::Strip strip = packer.strip(i);
        for (std::uint64_t n = 0; n < strip.columns; ++n) {
            packer.unpack(strip, n, {bytes.data() + strip.offset, strip.bytes}, column);
            packer.pack(strip, n, column, again.data() + strip.offset);
        }
    }
    for (std::uint64_t i = 0; i < packer.strips(); ++i) {
        const lpusim::Strip strip = packer.strip(i);
        for (std::uint64_t n = 0; n < strip.columns; ++n) {
            packer.unpack(strip, n, {again.data() + strip.offset, strip.bytes}, column);
            packer.pack(strip, n, column, once_more.data() + strip.offset);
        }
    }
    if (again != once_more) __builtin_trap();
}

void restore(const MatrixPacker& packer, const std::vector<std::uint8_t>& bytes) {
    const lpusim::ColumnQuantizer quantizer(packer);
    lpusim::ColumnCodes column = packer.blank_column();
    std::vector<float> weights(packer.tiling().k);
    std::vector<float> same(packer.tiling().k);
    std::vector<std::int8_t> operands(packer.tiling().k);
    const bool int8 = packer.format().operand_bytes == 1;
    for (std::uint64_t i = 0; i < packer.strips(); ++i) {
        const lpusim::Strip strip = packer.strip(i);
        const lpusim::ByteView view{bytes.data() + strip.offset, strip.bytes};
        for (std::uint64_t n = 0; n < strip.columns; ++n) {
            packer.unpack(strip, n, view, column);
            quantizer.dequantize(column, 1, weights.data());
            if (!int8) continue;
            packer.unpack_int8(strip, n, view, operands.data(), column.metadata.data());
            quantizer.dequantize(operands.data(), column.metadata.data(), 1, same.data());
            if (weights != same) __builtin_trap();
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    const NumberFormat format = read_format(input);
    if (!problems(format).empty() || !value_problems(format).empty()) return 0;
    const MatrixPacker packer(format, read_tiling(input));
    std::vector<std::uint8_t> bytes(packer.bytes());
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(input.byte());
    try {
        unpack_and_pack(packer, bytes);
        restore(packer, bytes);
    } catch (const lpusim::PackedDataError&) {
        return 0;
    }
    return 0;
}
