#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "sim/data/tensor_names.h"
#include "sim/data/tensor_source.h"

namespace lpusim {

/// A model's tensors in a safetensors file, which stay there: columns are read when they are asked
/// for.
class FileTensors : public TensorSource {
public:
    /// Finds every tensor that a step of the plan reads. Throws FileError that names all that are
    /// missing or of another shape or type, and WeightError for a vector with NaN or infinity.
    FileTensors(const DataWeights& weights, const Model& model, const StepPlan& plan);

    std::unique_ptr<WeightSource> linear(const PlannedOperator& planned,
                                         std::uint64_t layer) const override;
    std::vector<float> bias(const PlannedOperator& planned, std::uint64_t layer) const override;
    std::vector<float> norm_weight(const PlannedOperator& planned,
                                   std::uint64_t layer) const override;
    std::vector<float> norm_bias(const PlannedOperator& planned,
                                 std::uint64_t layer) const override;
    std::vector<float> token_row(std::uint64_t token) const override;
    std::vector<float> position_row(std::uint64_t position) const override;

private:
    struct Found {
        const TensorEntry* tensor = nullptr;
        TensorName name;
    };
    /// What a tensor is for: an operator (or table), "weight" or "bias", and a layer.
    struct Key {
        std::string op;
        std::string part;
        std::uint64_t layer = 0;
        bool operator<(const Key& other) const {
            return std::tie(op, part, layer) < std::tie(other.op, other.part, other.layer);
        }
    };
    struct Wanted {
        Key key;
        std::uint64_t outputs = 0;
        /// 0: a vector of `outputs` numbers.
        std::uint64_t inputs = 0;
    };

    std::vector<Wanted> wanted(const StepPlan& plan) const;
    void want(const Section& section, std::uint64_t layer, std::vector<Wanted>& all) const;
    std::vector<TensorName> names(const Wanted& wanted) const;
    const Found* find(const Wanted& wanted);
    void require_layers(const std::vector<Wanted>& all) const;
    std::string missing(const Wanted& wanted) const;
    std::string unusable(const Wanted& wanted, const Found& found) const;
    std::vector<float> numbers_of(const Key& key, std::uint64_t count) const;
    std::vector<float> table_row(const char* table, std::uint64_t row) const;

    SafetensorsFile file_;
    Orientation orientation_;
    const Model& model_;
    std::map<std::string, const TensorEntry*> by_name_;
    std::map<Key, Found> found_;
};

}  // namespace lpusim
