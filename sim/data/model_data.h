#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hw_models/numerics/group_scaling.h"
#include "hw_models/numerics/packing.h"
#include "sim/data/tensor_source.h"
#include "sim/data/visits.h"
#include "sim/quantize/weight_source.h"
#include "sim/workload/model.h"
#include "sim/workload/scenario.h"

namespace lpusim {

/// A linear layer's weights in the format, of all simulated layers, as they lie in memory.
struct LinearWeights {
    struct Layer {
        std::vector<std::uint8_t> packed;
        float tensor_scale = 1;
    };
    LinearWeights(const NumberFormat& format, MatrixTiling tiling)
        : packer(format, std::move(tiling)), scaling(packer.format(), packer.codes()) {}

    /// Bytes of the strip's tile in a layer's matrix.
    const std::uint8_t* tile(std::uint64_t layer, std::uint64_t strip, std::size_t k_tile) const;

    MatrixPacker packer;
    GroupScaling scaling;
    std::vector<Layer> layers;
};

/// What a run with data is computed from: the model's tensors, random ones or a file's; and the K
/// and V of earlier positions, Gaussian numbers that depend on the seed alone.
class ModelData {
public:
    /// Told of each weight matrix before it is packed, in the order of the token.
    using OnMatrix = std::function<void(const ModelData& so_far, const PlannedOperator& planned,
                                        std::uint64_t layer, const WeightSource& weights)>;

    ModelData(const Model& model, const Scenario& scenario, const NumberFormat& format,
              const StepPlan& plan, const OperatorTable& table, std::uint64_t seed,
              const OnMatrix& on_matrix, const DataWeights& weights = {});

    const LinearWeights& linear(std::uint16_t op) const { return *linear_[op]; }
    /// FP16 numbers in the order in which they are streamed with a norm: its weight and, of a layer
    /// norm, its bias; then the biases of the linear layers that follow it.
    const std::vector<std::uint8_t>& parameters(std::uint16_t op, std::uint64_t layer) const {
        return parameters_[op][layer];
    }
    /// Where a linear layer's bias begins among the parameters of its norm.
    struct Bias {
        std::uint16_t norm = 0;
        std::uint64_t offset = 0;
    };
    /// Null without biases.
    const Bias* bias(std::uint16_t op) const { return biases_[op].get(); }

    /// The operator of that name.
    std::uint16_t norm_id(const std::string& name) const { return table_.named(name).id; }

    /// FP16 rows of the token table and, of learned positions, of the position table.
    std::vector<std::uint8_t> token_row(std::uint64_t token) const;
    std::vector<std::uint8_t> position_row() const;
    /// The first token of a sequence.
    std::uint64_t first_token(std::uint64_t sequence) const;

    /// K or V of an earlier position: head_dim numbers.
    std::vector<float> history(bool value, std::uint64_t layer, std::uint64_t sequence,
                               std::uint64_t head, std::uint64_t position) const;

    const Model& model() const { return model_; }
    const Scenario& scenario() const { return scenario_; }
    std::uint64_t weights() const { return weights_; }

private:
    void make_linear(const PlannedOperator& planned, std::uint64_t layer,
                     const NumberFormat& format, const OnMatrix& on_matrix);
    void make_parameters(const Section& section, std::uint64_t layers);
    void make_norm(const PlannedOperator& planned, std::uint64_t layer);

    const Model& model_;
    const Scenario& scenario_;
    const OperatorTable& table_;
    std::uint64_t seed_;
    std::unique_ptr<TensorSource> tensors_;
    std::uint64_t weights_ = 0;
    std::vector<std::unique_ptr<LinearWeights>> linear_;
    std::vector<std::vector<std::vector<std::uint8_t>>> parameters_;
    std::vector<std::unique_ptr<Bias>> biases_;
};

/// Bytes that a run with data keeps, of weights packed and, of the largest matrix, in FP32.
std::uint64_t data_bytes(const StepPlan& plan, const NumberFormat& format);

}  // namespace lpusim
