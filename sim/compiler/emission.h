#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>

#include "hw_models/chip/chip_params.h"
#include "hw_models/isa/program.h"
#include "sim/compiler/compiler.h"
#include "sim/compiler/step_plan.h"

namespace lpusim {

/// A semaphore, or none where what it orders cannot happen: nothing waits for resident weights.
using SemaphoreId = std::optional<std::uint16_t>;

struct Semaphores {
    // Buffers that the stream fills.
    SemaphoreId weight_free, weight_ready;
    SemaphoreId kv_slot_free, kv_ready;
    SemaphoreId side_free, side_ready;
    SemaphoreId embedding_ready;
    // Results (HandOver).
    SemaphoreId vec_to_mac, mac_to_vec, mac_to_mac, kv_new;
    /// New K and V on their way to memory.
    SemaphoreId append_free, kv_append;
    /// The sampled token.
    SemaphoreId logits;
};

/// What the emitters of the queues share.
struct Emission {
    isa::ProgramBuilder& builder;
    const Semaphores& semaphores;
    const ChipParams& chip;
    const StepPlan& plan;
    const SramPlan& sram;
};

/// Those of the semaphores that exist, once each.
isa::SemaphoreUses uses(std::initializer_list<SemaphoreId> ids);
inline SemaphoreId only_if(bool condition, SemaphoreId id) { return condition ? id : std::nullopt; }

/// Each emits one token for its queues: the Stream queue; Unpack, Kv, Load and Compute; the Vector
/// queue. The queues' loops need not agree, only the order of what they do.
void emit_stream(const Emission& emission);
void emit_array(const Emission& emission);
void emit_vector(const Emission& emission);

/// The program for that many tokens.
isa::Program emit_program(const ChipParams& chip, const StepPlan& plan, const SramPlan& sram,
                          std::uint64_t tokens);

}  // namespace lpusim
