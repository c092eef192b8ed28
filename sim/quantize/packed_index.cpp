#include <algorithm>
#include <limits>
#include <string>
#include <unordered_set>

#include "sim/quantize/packed_file.h"
#include "sim/quantize/packed_layout.h"
#include "sim/quantize/strict_json.h"

namespace lpusim {

namespace {

using Json = nlohmann::json;
namespace layout = packed_layout;

std::uint64_t read_number(ByteView file, std::uint64_t offset, std::uint32_t size) {
    std::uint64_t value = 0;
    for (std::uint32_t i = 0; i < size; ++i) {
        value |= std::uint64_t{file.data[offset + i]} << (8 * i);
    }
    return value;
}

template <std::size_t Size>
bool has_magic(ByteView file, std::uint64_t offset, const std::array<std::uint8_t, Size>& magic) {
    return std::equal(magic.begin(), magic.end(), file.data + offset);
}

/// The index's text, and where it begins.
struct IndexText {
    std::uint64_t offset;
    std::string_view text;
};

IndexText find_index(ByteView file) {
    if (file.size < layout::kHeadBytes + layout::kTailBytes ||
        !has_magic(file, 0, layout::kHeadMagic)) {
        throw JsonError("is no packed tensor file");
    }
    const std::uint64_t version = read_number(file, 8, 4);
    if (version != layout::kVersion) {
        throw JsonError("is a packed tensor file of version " + std::to_string(version) +
                        "; this program reads version " + std::to_string(layout::kVersion));
    }
    const std::uint64_t tail = file.size - layout::kTailBytes;
    if (read_number(file, 12, 4) != 0 || !has_magic(file, tail + 20, layout::kTailMagic)) {
        throw JsonError("is damaged or truncated: it does not end as a packed tensor file does");
    }
    const std::uint64_t offset = read_number(file, tail, 8);
    const std::uint64_t length = read_number(file, tail + 8, 8);
    if (offset < layout::kHeadBytes || offset > tail || length != tail - offset) {
        throw JsonError("is damaged: its index is not in front of its end");
    }
    const ByteView bytes{file.data + offset, length};
    if (crc32(bytes) != read_number(file, tail + 16, 4)) {
        throw JsonError("is damaged: its index does not match its checksum");
    }
    return {offset, {reinterpret_cast<const char*>(bytes.data), length}};
}

void check(bool good, const char* message) {
    if (!good) throw JsonError(message);
}

/// `most`: tiles that the tensor can have.
std::vector<std::uint32_t> read_tiles(const Json& runs, std::uint64_t most) {
    std::vector<std::uint32_t> tiles;
    for (const Json& run : as_array(runs, "'k_tiles'")) {
        check(as_array(run, "a run of tiles").size() == 2, "a run of tiles is no pair");
        const std::uint64_t rows = as_count(run[0], "a tile's length");
        const std::uint64_t count = as_count(run[1], "a number of tiles");
        check(rows > 0 && rows <= std::numeric_limits<std::uint32_t>::max(),
              "a tile's length is out of range");
        check(count > 0 && count <= most - tiles.size(), "it has more tiles than bytes");
        tiles.insert(tiles.end(), count, static_cast<std::uint32_t>(rows));
    }
    return tiles;
}

MatrixTiling read_tiling(const Json& value, std::uint64_t bytes) {
    MatrixTiling tiling;
    tiling.k = as_count(member(value, "k"), "'k'");
    tiling.n = as_count(member(value, "n"), "'n'");
    tiling.strip_columns = as_count(member(value, "strip_columns"), "'strip_columns'");
    check(tiling.k > 0 && tiling.n > 0 && tiling.strip_columns > 0, "it has no weights");
    // A weight takes a bit at least, and a column of a tile a byte: nothing below can grow past the
    // file.
    check(tiling.k <= 8 * bytes / tiling.n, "it has more weights than its bytes can hold");
    tiling.k_tiles = read_tiles(member(value, "k_tiles"), bytes / tiling.n);
    std::uint64_t rows = 0;
    for (const std::uint32_t tile : tiling.k_tiles) rows += tile;
    check(rows == tiling.k, "its tiles do not add up to K");
    return tiling;
}

float read_scale(const Json& value) {
    check(value.is_number(), "'tensor_scale' is no number");
    const auto scale = value.get<double>();
    check(scale > 0 && scale <= static_cast<double>(std::numeric_limits<float>::max()),
          "'tensor_scale' is out of range");
    return static_cast<float>(scale);
}

/// Reads the tensors in order. They fill the file up to the index, apart from zeros for alignment:
/// no byte of the file is unaccounted for, and no number in the index can ask for more memory than
/// the file has bytes.
class TensorReader {
public:
    TensorReader(ByteView file, std::uint64_t end) : file_(file), end_(end) {}

    PackedTensor read(const Json& value) {
        PackedTensor tensor;
        tensor.name = as_text(member(value, "name"), "'name'");
        try {
            // A safetensors file, which it may become, keeps this name for itself.
            check(!tensor.name.empty() && tensor.name != "__metadata__",
                  "no tensor may be called so");
            check(names_.insert(tensor.name).second, "another one has the same name");
            read_place(value, tensor);
            tensor.tensor_scale = read_scale(member(value, "tensor_scale"));
            tensor.tiling = read_tiling(value, tensor.bytes);
        } catch (const JsonError& error) {
            throw JsonError("tensor " + shown_name(tensor.name) + ": " + error.what());
        }
        return tensor;
    }
    void expect_end() {
        skip_alignment();
        check(at_ == end_, "has bytes that belong to no tensor");
    }

private:
    void skip_alignment() {
        for (; at_ % layout::kAlignment != 0; ++at_) {
            check(at_ < end_ && file_.data[at_] == 0, "is damaged between its tensors");
        }
    }

    void read_place(const Json& value, PackedTensor& tensor) {
        skip_alignment();
        tensor.offset = as_count(member(value, "offset"), "'offset'");
        tensor.bytes = as_count(member(value, "bytes"), "'bytes'");
        check(tensor.offset == at_ && tensor.bytes <= end_ - at_,
              "its bytes are not where they belong");
        at_ += tensor.bytes;
        const std::uint64_t crc = as_count(member(value, "crc32"), "'crc32'");
        check(crc <= std::numeric_limits<std::uint32_t>::max(), "'crc32' is out of range");
        tensor.crc = static_cast<std::uint32_t>(crc);
    }

    ByteView file_;
    std::uint64_t end_;
    std::uint64_t at_ = layout::kHeadBytes;
    std::unordered_set<std::string> names_;
};

}  // namespace

PackedIndex parse_packed_file(ByteView file) {
    const IndexText found = find_index(file);
    const Json json = parse_strict_json(found.text);
    PackedIndex index;
    const Json& format = member(json, "format");
    check(format.is_object(), "'format' is no object");
    index.format_json = format.dump();
    TensorReader reader(file, found.offset);
    for (const Json& tensor : as_array(member(json, "tensors"), "'tensors'")) {
        index.tensors.push_back(reader.read(tensor));
    }
    reader.expect_end();
    return index;
}

}  // namespace lpusim
