#pragma once

#include <cstdint>

#include "hw_models/units/sram_banks_params.h"
#include "sim/compiler/compiler.h"

namespace lpusim {

/// What wants a place in SRAM.
struct SramDemand {
    Bytes activations;
    /// All weights, tables, norms and biases of the model as they lie in SRAM when they are
    /// resident, and how much of that is padding to whole bank rounds.
    Bytes model;
    Bytes model_padding;
    /// Cache of the whole batch and of all the model's layers.
    Bytes kv_cache;
    /// Largest tile as it comes over the stream, and how many of them one layer has.
    Bytes weight_tile;
    std::uint64_t weight_tiles = 0;
    Bytes kv_tile;
    std::uint64_t kv_tiles = 0;
};

/// Divides SRAM: activations first; then the KV cache if it fits beside the resident weights or
/// beside a decent pool of weight slots; then slots for what is streamed. Throws CompileError that
/// says what is missing.
SramPlan divide_sram(const SramBanksParams& sram, Placement placement, const SramDemand& demand);

}  // namespace lpusim
