#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hw_models/chip/chip_params.h"
#include "hw_models/numerics/number_format.h"
#include "sim/compiler/synchronisation.h"
#include "sim/compiler/tiling.h"
#include "sim/workload/operators.h"

namespace lpusim {

/// An operator with what the hardware makes of it.
struct PlannedOperator {
    Operator op;
    /// Its number in the program.
    std::uint16_t id = 0;
    Synchronisation sync;
    /// Of a matmul only.
    Tiling tiling;

    bool uses_weights() const {
        return op.matmul() && op.matmul()->stationary == Stationary::Weight;
    }
    bool uses_cache() const { return op.matmul() && !uses_weights(); }
};
using Section = std::vector<PlannedOperator>;

/// The products of attention, which run per sequence and KV head.
struct AttentionBlock {
    const PlannedOperator& scores;
    const PlannedOperator& softmax;
    const PlannedOperator& values;
};

/// A decode step on a given array and format, before memory is assigned.
struct StepPlan {
    Section prologue;
    Section layer;
    Section epilogue;
    std::uint32_t layers = 0;
    std::uint32_t sequences = 0;
    std::uint32_t kv_heads = 0;
    Bytes embedding_rows;
    Bytes appended_kv;
    Bytes kv_cache_per_layer;
    std::vector<isa::TileLayout> layouts;
    std::vector<std::string> notes;

    const isa::TileLayout& layout_of(const KTile& tile) const { return layouts[tile.layout]; }
    AttentionBlock attention() const;
};

/// Throws CompileError when a product does not fit the accumulators.
StepPlan plan_step(const DecodeStep& step, const MacArrayParams& array, const NumberFormat& format);

/// Calls visit(operator, times) for all operators of a step with that many layers: `times` is how
/// often the operator is done in a token, all layers, sequences and KV heads together.
template <class Visit>
void for_each_operator(const StepPlan& plan, std::uint32_t layers, Visit visit) {
    const std::uint64_t heads = std::uint64_t{plan.sequences} * plan.kv_heads;
    for (const PlannedOperator& planned : plan.prologue) visit(planned, std::uint64_t{1});
    for (const PlannedOperator& planned : plan.layer) {
        visit(planned, layers * (planned.op.per_head ? heads : 1));
    }
    for (const PlannedOperator& planned : plan.epilogue) visit(planned, std::uint64_t{1});
}

}  // namespace lpusim
