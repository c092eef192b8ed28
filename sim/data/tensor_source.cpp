#include "sim/data/tensor_source.h"

#include "sim/data/file_tensors.h"
#include "sim/data/random_tensors.h"

namespace lpusim {

std::unique_ptr<TensorSource> open_tensors(const DataWeights& weights, const Model& model,
                                           const StepPlan& plan, std::uint64_t seed) {
    if (weights.file.empty()) return std::make_unique<RandomTensors>(model, seed);
    return std::make_unique<FileTensors>(weights, model, plan);
}

}  // namespace lpusim
