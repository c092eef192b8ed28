#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/quantize/mapped_file.h"
#include "sim/quantize/weight_source.h"

namespace lpusim {

/// One entry of a file's header, checked.
struct TensorEntry {
    std::string name;
    /// As written: "F32", "BF16", ...
    std::string dtype;
    std::vector<std::uint64_t> shape;
    ByteView bytes;

    bool is_matrix() const { return shape.size() == 2; }
    /// Whether its numbers can be read as weights: F32, F16, BF16.
    bool is_readable() const;
};

/// Which axis of a stored matrix is K, the one that a matrix product sums over.
enum class Orientation : std::uint8_t {
    /// [out_features, in_features] = [N, K], as torch.nn.Linear stores it, and so nearly every
    /// model: a column of ours is
    /// a row of the file.
    OutIn,
    /// [in_features, out_features] = [K, N]: the Conv1D layers of GPT-2. Read with a stride.
    InOut
};

/// A safetensors file: https://github.com/huggingface/safetensors, "Format". The header is checked
/// as a whole before anything is read: its length, its JSON, types, shapes, and that the tensors
/// cover the data exactly, without gaps and overlaps. Numbers of dtypes that we cannot use may be
/// there, of unknown ones not.
class SafetensorsFile {
public:
    /// Throws FileError.
    explicit SafetensorsFile(const std::string& path);

    const std::string& path() const { return file_->path(); }
    /// In the order of their bytes.
    const std::vector<TensorEntry>& tensors() const { return tensors_; }

    /// Entries whose names match a shell pattern: *, ?, [...].
    std::vector<const TensorEntry*> matching(const std::string& glob) const;

    /// The weights of a matrix with at least one weight. Valid without the file object. Throws
    /// FileError for what is no matrix of floating-point numbers.
    std::unique_ptr<WeightSource> weights(const TensorEntry& tensor, Orientation orientation) const;

private:
    std::shared_ptr<const MappedFile> file_;
    std::vector<TensorEntry> tensors_;
};

/// The entries of a file whose bytes are given; what SafetensorsFile does with a file. Throws
/// JsonError.
std::vector<TensorEntry> parse_safetensors(ByteView file);

}  // namespace lpusim
