#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/workload/model.h"

namespace lpusim {

/// A tensor as a test writes it.
struct StoredTensor {
    std::string name;
    std::vector<std::uint64_t> shape;
    std::vector<float> numbers;
    /// F32 or BF16; any other name is written over the bytes of F32.
    std::string dtype = "F32";
};

/// Names of tensors: of Hugging Face's LLaMA, with Q, K, V and gate, up fused (Phi-3), of GPT-2
/// (Q, K, V fused, matrices [in, out]), and of our operators.
enum class Naming : std::uint8_t { Llama, Fused, Gpt2, Operators };

/// Random tensors of a model. BF16 holds them exactly.
std::vector<StoredTensor> model_tensors(const Model& model, Naming naming);
StoredTensor& tensor_named(std::vector<StoredTensor>& tensors, const std::string& name);

void write_safetensors(const std::string& path, const std::vector<StoredTensor>& tensors);

}  // namespace lpusim
