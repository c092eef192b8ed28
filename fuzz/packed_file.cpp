#include "sim/quantize/packed_file.h"

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include "sim/quantize/packed_layout.h"
#include "sim/quantize/strict_json.h"

namespace {

namespace layout = lpusim::packed_layout;

void put(std::vector<std::uint8_t>& bytes, std::uint64_t value, std::uint32_t size) {
    for (std::uint32_t i = 0; i < size; ++i) {
        bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
}

/// A file of 1024 zeros of payload with this index: no input would find its checksum by itself.
std::vector<std::uint8_t> file_around(const std::uint8_t* index, std::size_t size) {
    std::vector<std::uint8_t> file(layout::kHeadMagic.begin(), layout::kHeadMagic.end());
    put(file, layout::kVersion, 4);
    file.resize(1024);
    file.insert(file.end(), index, index + size);
    put(file, 1024, 8);
    put(file, size, 8);
    put(file, lpusim::crc32({index, size}), 4);
    file.insert(file.end(), layout::kTailMagic.begin(), layout::kTailMagic.end());
    return file;
}

void check(const lpusim::PackedTensor& tensor, std::uint64_t file_size) {
    const auto& tiles = tensor.tiling.k_tiles;
    const bool inside = tensor.offset <= file_size && tensor.bytes <= file_size - tensor.offset;
    const bool complete =
        std::accumulate(tiles.begin(), tiles.end(), std::uint64_t{0}) == tensor.tiling.k;
    if (!inside || !complete || tensor.tiling.n == 0 || tensor.tiling.strip_columns == 0) {
        __builtin_trap();
    }
}

}  // namespace

// Any bytes are an index whose tensors lie inside them, or a JsonError.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<std::uint8_t> file(data, data + size);
    if (size > 0 && data[0] == 'i') file = file_around(data + 1, size - 1);
    try {
        const lpusim::PackedIndex index = lpusim::parse_packed_file({file.data(), file.size()});
        for (const lpusim::PackedTensor& tensor : index.tensors) check(tensor, file.size());
    } catch (const lpusim::JsonError&) {
        return 0;
    }
    return 0;
}
