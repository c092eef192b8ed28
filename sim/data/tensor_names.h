#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/quantize/safetensors.h"
#include "sim/workload/model.h"

namespace lpusim {

/// What a model's tensor may be called in a file, without ".weight" and ".bias", and which of the
/// stored tensor's outputs are its own.
struct TensorName {
    std::string stem;
    /// Fused matrices hold the outputs of several linear layers, one after the other.
    std::uint64_t first_output = 0;
    std::uint64_t outputs = 0;
    Orientation orientation = Orientation::OutIn;
};

/// Names of an operator's tensor, the usual one of the model's kind first: those of Hugging Face
/// for LLaMA and its like, and for GPT-2; layers.N.OPERATOR. `outputs`: of the operator.
/// `orientation`: of matrices that are not GPT-2's.
std::vector<TensorName> names_of(const std::string& op, std::uint64_t layer, std::uint64_t outputs,
                                 const Model& model, Orientation orientation);

/// The tables' own names; outputs are rows.
inline constexpr const char* kTokenTable = "embed";
inline constexpr const char* kPositionTable = "positions";

}  // namespace lpusim
