#include "sim/quantize/safetensors.h"

#include <cstring>
#include <utility>

#include <fnmatch.h>

#include "sim/quantize/file_error.h"
#include "sim/quantize/strict_json.h"
#include "sim/quantize/weight_decode.h"

namespace lpusim {

namespace {

/// A matrix that stays in its file. One column is one row of the file (OutIn), or every N-th number
/// (InOut).
class StoredMatrix : public WeightSource {
public:
    StoredMatrix(std::shared_ptr<const MappedFile> file, const TensorEntry& tensor,
                 StoredFloat type, Orientation orientation)
        : file_(std::move(file)),
          name_(tensor.name),
          bytes_(tensor.bytes),
          type_(type),
          orientation_(orientation) {
        const bool rows_are_columns = orientation == Orientation::OutIn;
        n_ = tensor.shape[rows_are_columns ? 0 : 1];
        k_ = tensor.shape[rows_are_columns ? 1 : 0];
    }

    const std::string& name() const override { return name_; }
    std::uint64_t k() const override { return k_; }
    std::uint64_t n() const override { return n_; }

    const float* column(std::uint64_t n, std::vector<float>& scratch) const override {
        scratch.resize(k_);
        const std::uint64_t bytes = bytes_per_weight(type_);
        if (orientation_ == Orientation::OutIn) {
            decode_weights(type_, bytes_.data + n * k_ * bytes, k_, scratch.data());
        } else {
            for (std::uint64_t k = 0; k < k_; ++k) {
                decode_weights(type_, bytes_.data + (k * n_ + n) * bytes, 1, &scratch[k]);
            }
        }
        return scratch.data();
    }

    std::string index_text(std::uint64_t k, std::uint64_t n) const override {
        const bool rows_are_columns = orientation_ == Orientation::OutIn;
        const std::uint64_t row = rows_are_columns ? n : k;
        const std::uint64_t column = rows_are_columns ? k : n;
        return "[" + std::to_string(row) + ", " + std::to_string(column) + "]";
    }

private:
    std::shared_ptr<const MappedFile> file_;
    std::string name_;
    ByteView bytes_;
    StoredFloat type_;
    Orientation orientation_;
    std::uint64_t k_ = 0;
    std::uint64_t n_ = 0;
};

}  // namespace

bool TensorEntry::is_readable() const { return stored_float(dtype).has_value(); }

SafetensorsFile::SafetensorsFile(const std::string& path)
    : file_(std::make_shared<const MappedFile>(path)) {
    try {
        tensors_ = parse_safetensors(file_->bytes());
    } catch (const JsonError& error) {
        throw FileError(path + ": " + error.what());
    }
}

std::vector<const TensorEntry*> SafetensorsFile::matching(const std::string& glob) const {
    std::vector<const TensorEntry*> found;
    for (const TensorEntry& tensor : tensors_) {
        if (::fnmatch(glob.c_str(), tensor.name.c_str(), 0) == 0) found.push_back(&tensor);
    }
    return found;
}

std::unique_ptr<WeightSource> SafetensorsFile::weights(const TensorEntry& tensor,
                                                       Orientation orientation) const {
    const std::string subject = path() + ": tensor " + shown_name(tensor.name) + " ";
    const std::optional<StoredFloat> type = stored_float(tensor.dtype);
    if (!type) {
        throw FileError(subject + "holds " + tensor.dtype + "; weights are F32, F16 or BF16");
    }
    if (!tensor.is_matrix()) {
        throw FileError(subject + "has " + std::to_string(tensor.shape.size()) +
                        " axes; a matrix has 2");
    }
    if (tensor.bytes.size == 0) throw FileError(subject + "is empty");
    return std::make_unique<StoredMatrix>(file_, tensor, *type, orientation);
}

}  // namespace lpusim
