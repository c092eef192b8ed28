#include "sim/quantize/packed_file.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sim/quantize/file_error.h"
#include "sim/quantize/packed_layout.h"
#include "sim/quantize/strict_json.h"

namespace lpusim {

namespace {

using Json = nlohmann::json;
namespace layout = packed_layout;

/// Lengths of tiles with their numbers: [[320, 25], [192, 1]].
Json run_lengths(const std::vector<std::uint32_t>& tiles) {
    Json runs = Json::array();
    for (const std::uint32_t rows : tiles) {
        if (!runs.empty() && runs.back()[0] == rows) {
            runs.back()[1] = runs.back()[1].get<std::uint64_t>() + 1;
        } else {
            runs.push_back({rows, 1U});
        }
    }
    return runs;
}

Json json_of(const PackedTensor& tensor) {
    return {{"name", tensor.name},
            {"k", tensor.tiling.k},
            {"n", tensor.tiling.n},
            {"k_tiles", run_lengths(tensor.tiling.k_tiles)},
            {"strip_columns", tensor.tiling.strip_columns},
            {"tensor_scale", tensor.tensor_scale},
            {"offset", tensor.offset},
            {"bytes", tensor.bytes},
            {"crc32", tensor.crc}};
}

/// Little-endian numbers and magics, put together.
class Record {
public:
    template <std::size_t Size>
    Record& magic(const std::array<std::uint8_t, Size>& bytes) {
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
        return *this;
    }
    Record& number(std::uint64_t value, std::uint32_t size) {
        for (std::uint32_t i = 0; i < size; ++i) {
            bytes_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
        }
        return *this;
    }
    ByteView view() const { return {bytes_.data(), bytes_.size()}; }

private:
    std::vector<std::uint8_t> bytes_;
};

}  // namespace

std::uint32_t crc32(ByteView bytes) {
    boost::crc_32_type crc;
    crc.process_bytes(bytes.data, bytes.size);
    return crc.checksum();
}

PackedFileWriter::PackedFileWriter(const std::string& path, const std::string& format_json)
    : file_(path) {
    if (!parse_strict_json(format_json).is_object()) throw JsonError("the format is no object");
    index_.format_json = format_json;
    file_.append(
        Record().magic(layout::kHeadMagic).number(layout::kVersion, 4).number(0, 4).view());
}

void PackedFileWriter::align() {
    static constexpr std::array<std::uint8_t, layout::kAlignment> kZeros{};
    file_.append(
        ByteView{kZeros.data(), round_up(file_.size(), layout::kAlignment) - file_.size()});
}

void PackedFileWriter::begin(const std::string& name, const MatrixTiling& tiling) {
    align();
    PackedTensor& tensor = index_.tensors.emplace_back();
    tensor.name = name;
    tensor.tiling = tiling;
    tensor.offset = file_.size();
    crc_.reset();
}

void PackedFileWriter::append(ByteView bytes) {
    PackedTensor& tensor = index_.tensors.back();
    tensor.bytes += bytes.size;
    crc_.process_bytes(bytes.data, bytes.size);
    file_.append(bytes);
}

void PackedFileWriter::end(float tensor_scale) {
    index_.tensors.back().tensor_scale = tensor_scale;
    index_.tensors.back().crc = crc_.checksum();
}

void PackedFileWriter::finish() {
    align();
    Json index;
    index["format"] = parse_strict_json(index_.format_json);
    index["tensors"] = Json::array();
    for (const PackedTensor& tensor : index_.tensors) index["tensors"].push_back(json_of(tensor));
    const std::string text = index.dump();
    const std::uint64_t offset = file_.size();
    file_.append(text);
    const ByteView bytes{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
    file_.append(Record()
                     .number(offset, 8)
                     .number(bytes.size, 8)
                     .number(crc32(bytes), 4)
                     .magic(layout::kTailMagic)
                     .view());
    file_.commit();
}

PackedFile::PackedFile(const std::string& path) : file_(path) {
    try {
        index_ = parse_packed_file(file_.bytes());
    } catch (const JsonError& error) {
        throw FileError(path + ": " + error.what());
    }
}

ByteView PackedFile::bytes(const PackedTensor& tensor, const MatrixPacker& packer) const {
    const std::string subject = path() + ": tensor " + shown_name(tensor.name) + ": ";
    if (tensor.bytes != packer.bytes()) {
        throw FileError(subject + std::to_string(tensor.bytes) +
                        " bytes, but its format and shape make " + std::to_string(packer.bytes()));
    }
    const ByteView bytes{file_.bytes().data + tensor.offset, tensor.bytes};
    if (crc32(bytes) != tensor.crc)
        throw FileError(subject + "its bytes do not match their checksum");
    return bytes;
}

}  // namespace lpusim
