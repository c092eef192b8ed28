#include "sim/compiler/emission.h"

#include "sim/compiler/demand.h"

namespace lpusim {

namespace {

using isa::SemaphoreKind;

Semaphores add_semaphores(isa::ProgramBuilder& builder, const SramPlan& sram, bool chained) {
    Semaphores s;
    if (!sram.weights_resident) {
        s.weight_free =
            builder.add_semaphore("weight_free", SemaphoreKind::Space, sram.weight_slots);
        s.weight_ready = builder.add_semaphore("weight_ready", SemaphoreKind::Data, 0);
        s.side_free = builder.add_semaphore("side_free", SemaphoreKind::Space, kParameterSlots);
        s.side_ready = builder.add_semaphore("side_ready", SemaphoreKind::Data, 0);
        s.embedding_ready = builder.add_semaphore("embedding_ready", SemaphoreKind::Data, 0);
    }
    if (!sram.kv_resident) {
        s.kv_slot_free = builder.add_semaphore("kv_slot_free", SemaphoreKind::Space, sram.kv_slots);
        s.kv_ready = builder.add_semaphore("kv_ready", SemaphoreKind::Data, 0);
        s.append_free = builder.add_semaphore("append_free", SemaphoreKind::Space, kAppendBuffers);
        s.kv_append = builder.add_semaphore("kv_append", SemaphoreKind::Data, 0);
    }
    s.vec_to_mac = builder.add_semaphore("vec_to_mac", SemaphoreKind::Data, 0);
    s.mac_to_vec = builder.add_semaphore("mac_to_vec", SemaphoreKind::Data, 0);
    if (chained) s.mac_to_mac = builder.add_semaphore("mac_to_mac", SemaphoreKind::Data, 0);
    s.kv_new = builder.add_semaphore("kv_new", SemaphoreKind::Data, 0);
    // The first token's input is there from the start.
    s.logits = builder.add_semaphore("logits", SemaphoreKind::Data, 1);
    return s;
}

void add_names(isa::ProgramBuilder& builder, const StepPlan& plan) {
    for (const Section* section : {&plan.prologue, &plan.layer, &plan.epilogue}) {
        for (const PlannedOperator& planned : *section) builder.add_operator(planned.op.name);
    }
}

bool has_chained_products(const StepPlan& plan) {
    for (const PlannedOperator& planned : plan.layer) {
        if (planned.sync.takes_from(HandOver::ArrayToArray)) return true;
    }
    return false;
}

}  // namespace

isa::SemaphoreUses uses(std::initializer_list<SemaphoreId> ids) {
    isa::SemaphoreUses result;
    for (const SemaphoreId& id : ids) {
        if (id) result.push_back({*id, 1});
    }
    return result;
}

isa::Program emit_program(const ChipParams& chip, const StepPlan& plan, const SramPlan& sram,
                          std::uint64_t tokens) {
    isa::ProgramBuilder builder;
    add_names(builder, plan);
    for (const isa::TileLayout& layout : plan.layouts) builder.add_layout(layout);
    const Semaphores semaphores = add_semaphores(builder, sram, has_chained_products(plan));
    const Emission emission{builder, semaphores, chip, plan, sram};
    builder.loop(tokens, [&emission] {
        emit_stream(emission);
        emit_array(emission);
        emit_vector(emission);
    });
    return builder.finish();
}

}  // namespace lpusim
