#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/quantize/staged_file.h"

namespace lpusim {

/// Writes matrices as F32, [out_features, in_features] = [N, K]: our columns one after the other.
/// The file appears when it is whole. Throws what StagedFile throws.
class SafetensorsWriter {
public:
    struct Matrix {
        std::string name;
        std::uint64_t k = 0;
        std::uint64_t n = 0;
    };
    /// `matrices`: in the order in which their weights will come; their names differ.
    SafetensorsWriter(const std::string& path, const std::vector<Matrix>& matrices);

    void append(const float* weights, std::uint64_t count);
    /// Throws std::logic_error if the weights appended are not those announced.
    void finish();

private:
    StagedFile file_;
    std::uint64_t weights_left_ = 0;
};

}  // namespace lpusim
