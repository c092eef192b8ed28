#include "tests/quantize/quantize_support.h"

#include <algorithm>
#include <fstream>

#include "sim/config/data_files.h"

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

std::vector<NamedFormat> all_formats() {
    std::vector<NamedFormat> formats = {
        {"int8_asym", scaled(fields({8}), 0, 16, 16)},
        {"w3p5_g64_separate", separate(scaled(fields({4, 3}), 64, 16, 16))},
        {"w3p5_g64_symmetric", scaled(fields({4, 3}), 64, 16)},
        {"w11x11_g64_symmetric", scaled(radix({11, 11}), 64, 16)}};
    for (const ShippedFile& file : shipped_files(FileKind::Format)) {
        std::string name = file.name;
        std::replace(name.begin(), name.end(), '-', '_');
        formats.push_back({name, load_format(file.path)});
    }
    return formats;
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
