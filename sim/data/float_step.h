#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/data/model_data.h"

namespace lpusim {

/// The first step of a model in FP32: weights, activations and cache as they are before anything is
/// quantised. Sums are kept in FP64. It is fed with the weight matrices in the order of the token.
class FloatStep {
public:
    FloatStep(const Model& model, const Scenario& scenario) : model_(model), scenario_(scenario) {}

    void linear(const ModelData& data, const PlannedOperator& planned, std::uint64_t layer,
                const WeightSource& weights);

    /// The residual stream before and behind the first layer; logits behind the last.
    const std::vector<float>& input() const { return input_; }
    const std::vector<float>& first_layer() const { return first_layer_; }
    const std::vector<float>& logits() const { return values_.at("lm_head"); }

private:
    using Row = std::vector<float>;

    void embed(const ModelData& data);
    void norm(const ModelData& data, std::uint16_t op, std::uint64_t layer, Row& out) const;
    void attend(const ModelData& data, std::uint64_t layer);
    void attend_head(const ModelData& data, std::uint64_t layer, std::uint64_t sequence,
                     std::uint64_t head, Row& out) const;
    Row multiply(const Row& x, const WeightSource& weights) const;
    void add_bias(const ModelData& data, const PlannedOperator& planned, std::uint64_t layer,
                  Row& y) const;

    const Model& model_;
    const Scenario& scenario_;
    Row hidden_, normed_, input_, first_layer_;
    std::map<std::string, Row> values_;
};

/// RMS of a - b over that of b (over that of b - from, if there is one); 0 before there is an a.
double relative_deviation(const std::vector<float>& a, const std::vector<float>& b,
                          const std::vector<float>& from = {});

}  // namespace lpusim
