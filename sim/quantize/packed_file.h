#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/crc.hpp>

#include "hw_models/numerics/packing.h"
#include "sim/quantize/mapped_file.h"
#include "sim/quantize/staged_file.h"

namespace lpusim {

/// One packed matrix in a packed tensor file: docs/formats.md, "The packed tensor file".
struct PackedTensor {
    std::string name;
    MatrixTiling tiling;
    float tensor_scale = 1;
    /// In the file.
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
    /// CRC-32 of the bytes, as zlib computes it.
    std::uint32_t crc = 0;
};

struct PackedIndex {
    /// The format, as JSON text: what a format file says, without its description.
    std::string format_json;
    std::vector<PackedTensor> tensors;
};

/// Writes a packed tensor file, tensor by tensor and strip by strip; it appears when it is whole.
/// Throws what StagedFile throws.
class PackedFileWriter {
public:
    /// `format_json`: a JSON object. Throws JsonError if it is none.
    PackedFileWriter(const std::string& path, const std::string& format_json);

    void begin(const std::string& name, const MatrixTiling& tiling);
    void append(ByteView bytes);
    void end(float tensor_scale);
    /// Puts the file in its place.
    void finish();

private:
    void align();

    StagedFile file_;
    PackedIndex index_;
    /// Of the current tensor.
    boost::crc_32_type crc_;
};

/// A packed tensor file. Its structure is checked when it is opened, a tensor's bytes when they are
/// asked for.
class PackedFile {
public:
    /// Throws FileError.
    explicit PackedFile(const std::string& path);

    const std::string& path() const { return file_.path(); }
    const PackedIndex& index() const { return index_; }

    /// The packed bytes of a tensor. Throws FileError if their checksum is wrong, or if they are
    /// not what the packer says that such a tensor has.
    ByteView bytes(const PackedTensor& tensor, const MatrixPacker& packer) const;

private:
    MappedFile file_;
    PackedIndex index_;
};

/// The index of a file whose bytes are given, without looking at the tensors' bytes. Throws
/// JsonError.
PackedIndex parse_packed_file(ByteView file);

std::uint32_t crc32(ByteView bytes);

}  // namespace lpusim
