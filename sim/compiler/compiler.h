#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "hw_models/chip/chip_params.h"
#include "hw_models/isa/program.h"
#include "hw_models/numerics/number_format.h"
#include "sim/config/hardware_config.h"
#include "sim/workload/model.h"
#include "sim/workload/scenario.h"

namespace lpusim {

/// The point cannot be compiled: says what does not fit or is not supported, with the numbers.
class CompileError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// How SRAM is divided. Every region starts on a whole round of the banks.
struct SramPlan {
    Bytes capacity;
    Bytes used;
    /// Activations, scores and norm buffers.
    Bytes activations;
    /// KV cache, when it is resident; otherwise the KV slots.
    Bytes kv;
    /// Weights, when they are resident; otherwise the weight slots.
    Bytes weights;
    std::uint32_t weight_slots = 0;
    std::uint32_t kv_slots = 0;
    bool weights_resident = false;
    bool kv_resident = false;
    /// Size of the KV cache of the whole batch and all of the model's layers, simulated or not.
    Bytes kv_cache;
};

/// Work of one token step, by formula from the operators (not by walking the program): the lower
/// bounds of model.md's laws are these divided by the hardware's rates, and conservation tests
/// compare counters with them.
struct Work {
    /// Stream bytes by kind, and burst padding.
    Bytes stream_weights, stream_kv_read, stream_kv_write, stream_embedding, stream_norms,
        stream_padding;
    /// Weights and operand bytes that the unpack unit emits.
    Weights unpacked_weights;
    Bytes unpacked_operand_bytes;
    /// Packed bytes that the unpack unit reads.
    Bytes unpack_read_bytes;
    Bytes kv_read_bytes;
    Bytes port_bytes;
    /// Sum over tiles of vectors x cycles per vector.
    Cycles compute_cycles;
    std::uint64_t useful_macs = 0;
    std::uint64_t rescales = 0;
    /// Sum over vector operations of passes x ceil(elements / lanes).
    Cycles vector_beats;

    Bytes stream_total() const {
        return stream_weights + stream_kv_read + stream_kv_write + stream_embedding + stream_norms +
               stream_padding;
    }
};

struct CompiledProgram {
    isa::Program program;
    SramPlan sram;
    Work work;
    std::uint32_t layers = 0;
    /// Operators [begin, end) of the program are done in each layer, the others once per token.
    struct OperatorRange {
        std::uint16_t begin = 0;
        std::uint16_t end = 0;
    };
    OperatorRange layer_operators;
    /// Linear weights and LM head of the whole model (all layers), and their stored bytes.
    Weights weights;
    Bytes weight_bytes;
    /// weight_bytes, embedding tables, norms and biases (FP16).
    Bytes model_bytes;
    /// Decisions a user should know ("groups of 48 do not end at a tap of 32 rows: K tiles hold one
    /// group").
    std::vector<std::string> notes;
};

/// Compiles `tokens` consecutive decode steps. Throws CompileError.
CompiledProgram compile(const ChipParams& chip, Placement placement, const Model& model,
                        const NumberFormat& format, const Scenario& scenario, std::uint64_t tokens);

}  // namespace lpusim
