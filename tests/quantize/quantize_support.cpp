#include "tests/quantize/quantize_support.h"

#include <fstream>

namespace lpusim {

NumberFormat mxfp4() {
    NumberFormat format = scaled(fields({4}), 32, 8);
    format.code.kind = CodeKind::Float;
    format.scales[0].kind = MetadataKind::PowerOfTwo;
    return format;
}

NumberFormat nvfp4() {
    NumberFormat format = scaled(fields({4}), 16, 8);
    format.code.kind = CodeKind::Float;
    format.scales[0].kind = MetadataKind::Fp8E4m3;
    format.tensor_scale = true;
    return format;
}

NumberFormat bf16() {
    NumberFormat format = fp16();
    format.code.exponent_bits = 8;
    return format;
}

std::vector<NamedFormat> shipped_formats() {
    return {{"fp16", fp16()},
            {"bf16", bf16()},
            {"int8", scaled(fields({8}), 0, 16)},
            {"int8_asym", scaled(fields({8}), 0, 16, 16)},
            {"int4", scaled(fields({4}), 0, 16)},
            {"int4_asym", scaled(fields({4}), 0, 16, 16)},
            {"int4_g64", scaled(fields({4}), 64, 16)},
            {"int4_g32_asym", scaled(fields({4}), 32, 16, 16)},
            {"int3_g64", scaled(fields({3}), 64, 16)},
            {"w3p5", scaled(fields({4, 3}), 0, 16, 16)},
            {"w3p5_g64", scaled(fields({4, 3}), 64, 16, 16)},
            {"w3p5_g64_z8", scaled(fields({4, 3}), 64, 16, 8)},
            {"w3p5_g64_padded", padded(scaled(fields({4, 3}), 64, 16, 16))},
            {"w3p5_g64_separate", separate(scaled(fields({4, 3}), 64, 16, 16))},
            {"w3p5_symmetric", scaled(fields({4, 3}), 64, 16)},
            {"w3p5_r11_g64", scaled(radix({11, 11}), 64, 16, 16)},
            {"w3p5_r11_symmetric", scaled(radix({11, 11}), 64, 16)},
            {"w3p25_g64", scaled(fields({4, 3, 3, 3}), 64, 16, 16)},
            {"w3p75_g64", scaled(fields({4, 4, 4, 3}), 64, 16, 16)},
            {"mxfp4", mxfp4()},
            {"nvfp4", nvfp4()},
            {"q3_k_like", q3_k_like()}};
}

RoundTrip round_trip(const WeightSource& source, const NumberFormat& format,
                     const MatrixTiling& tiling, unsigned threads) {
    RoundTrip result;
    QuantizeOptions options;
    options.threads = threads;
    options.sink = [&result](ByteView bytes) {
        result.bytes.insert(result.bytes.end(), bytes.data, bytes.data + bytes.size);
    };
    result.tensor = quantize_tensor(source, format, tiling, options);

    const MatrixPacker packer(format, tiling);
    result.restored.resize(tiling.k * tiling.n);
    for (std::uint64_t i = 0; i < packer.strips(); ++i) {
        const Strip strip = packer.strip(i);
        restore_strip(packer, strip, {result.bytes.data() + strip.offset, strip.bytes},
                      result.tensor.tensor_scale, threads,
                      result.restored.data() + strip.first_column * tiling.k);
    }
    return result;
}

RoundTrip round_trip(const std::vector<float>& column, const NumberFormat& format) {
    const WeightMatrix matrix("w", column.size(), 1, column);
    return round_trip(matrix, format, uniform_tiling(column.size(), 1, 320, 1));
}

std::ptrdiff_t entries(const ScratchFolder& folder) {
    return std::distance(std::filesystem::directory_iterator(folder.path()),
                         std::filesystem::directory_iterator());
}

void write_bytes(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace lpusim
