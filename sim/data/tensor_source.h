#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/compiler/step_plan.h"
#include "sim/quantize/safetensors.h"
#include "sim/quantize/weight_source.h"
#include "sim/workload/model.h"

namespace lpusim {

/// Whose weights a run with data carries: those of a safetensors file, or random ones.
struct DataWeights {
    /// Empty: random ones.
    std::string file;
    /// How the file's matrices lie.
    Orientation orientation = Orientation::OutIn;
};

/// Where a run with data takes a model's tensors from.
class TensorSource {
public:
    TensorSource() = default;
    virtual ~TensorSource() = default;
    TensorSource(const TensorSource&) = delete;
    TensorSource& operator=(const TensorSource&) = delete;

    /// Of a linear layer: K x N of its product.
    virtual std::unique_ptr<WeightSource> linear(const PlannedOperator& planned,
                                                 std::uint64_t layer) const = 0;
    /// Of a linear layer: N numbers.
    virtual std::vector<float> bias(const PlannedOperator& planned, std::uint64_t layer) const = 0;
    /// Of a norm: as many as the hidden state has.
    virtual std::vector<float> norm_weight(const PlannedOperator& planned,
                                           std::uint64_t layer) const = 0;
    virtual std::vector<float> norm_bias(const PlannedOperator& planned,
                                         std::uint64_t layer) const = 0;
    /// Rows of the token table and of the table of learned positions.
    virtual std::vector<float> token_row(std::uint64_t token) const = 0;
    virtual std::vector<float> position_row(std::uint64_t position) const = 0;
};

/// The model's tensors. Throws FileError for a file that is not this model's.
std::unique_ptr<TensorSource> open_tensors(const DataWeights& weights, const Model& model,
                                           const StepPlan& plan, std::uint64_t seed);

}  // namespace lpusim
