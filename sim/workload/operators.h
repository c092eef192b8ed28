#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "hw_models/core/quantities.h"
#include "sim/workload/model.h"
#include "sim/workload/scenario.h"

namespace lpusim {

/// What stays in the array while the activations pass.
enum class Stationary : std::uint8_t {
    Weight,
    /// K^T of one KV head, head_dim x context: its newest position is the last column.
    Key,
    /// V of one KV head, context x head_dim: its newest position is the last row.
    Value
};

/// m activation vectors times a stationary k x n matrix.
struct MatMul {
    std::uint64_t k = 0;
    std::uint64_t n = 0;
    std::uint32_t m = 0;
    Stationary stationary = Stationary::Weight;
    /// Of an activation and of a stationary operand on the array's buses: 1 (INT8) or 2 (FP16).
    std::uint32_t operand_bytes = 1;
};

enum class VectorKind : std::uint8_t { Norm, Rope, Softmax, Activation, Residual, Quantize, Copy };

/// What a vector operation touches besides activations and parameters.
enum class Touches : std::uint8_t { Nothing, EmbeddingTable, KvCache };

struct VectorWork {
    VectorKind kind = VectorKind::Norm;
    std::uint64_t elements = 0;
    /// Activations that each pass over the elements reads, and what all passes together write.
    Bytes read_per_pass;
    Bytes written;
    /// Norm weights: read once.
    Bytes read_once;
    Touches touches = Touches::Nothing;
    /// FP16 parameters that must be in SRAM from here on until an operator releases them: norm
    /// weights, and the biases of the linear layers in between (the rescaler adds those; that costs
    /// no access of its own).
    Bytes parameters;
    bool releases_parameters = false;
};

struct Operator {
    std::string name;
    std::variant<MatMul, VectorWork> work;
    /// Operators of the same section whose results it reads.
    std::vector<std::string> inputs;
    /// For a product with the cache: the operator that appends to it.
    std::string cache_input;
    /// Done once per sequence and KV head. These operators stand side by side.
    bool per_head = false;

    const MatMul* matmul() const { return std::get_if<MatMul>(&work); }
    const VectorWork* vector() const { return std::get_if<VectorWork>(&work); }
};

/// One token for each sequence of the batch: prologue, `layers` times layer, epilogue.
struct DecodeStep {
    std::vector<Operator> prologue;
    std::vector<Operator> layer;
    std::vector<Operator> epilogue;
    std::uint32_t layers = 0;
    std::uint32_t sequences = 0;
    std::uint32_t kv_heads = 0;
    /// Rows of the embedding (and position) tables that the step reads, FP16.
    Bytes embedding_rows;
    /// New K and V of one layer.
    Bytes appended_kv;
    /// K and V of one layer, the new ones included.
    Bytes kv_cache;
};

/// The operators of a decoder's step, in program order. `operand_bytes` of the weight format
/// decides whether activations are quantised before a linear layer. Expects a decoder, a decode
/// scenario, and sizes that are not zero.
DecodeStep decode_step(const Model& model, const Scenario& scenario, std::uint32_t operand_bytes);

}  // namespace lpusim
