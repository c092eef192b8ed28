#include "sim/compiler/step_plan.h"

#include <algorithm>

namespace lpusim {

namespace {

class Planner {
public:
    Planner(const MacArrayParams& array, const NumberFormat& format)
        : array_(array), layouts_(format) {}

    Section plan(const std::vector<Operator>& operators) {
        const std::vector<Synchronisation> syncs = synchronise(operators);
        Section section;
        for (std::size_t i = 0; i < operators.size(); ++i) {
            section.push_back({operators[i], next_id_++, syncs[i], tile(operators[i])});
        }
        return section;
    }

    const std::vector<isa::TileLayout>& layouts() const { return layouts_.layouts(); }

private:
    Tiling tile(const Operator& op) {
        const MatMul* matmul = op.matmul();
        if (matmul == nullptr) return {};
        if (matmul->stationary != Stationary::Weight) return tile_cache(op.name, *matmul, array_);
        return tile_weights(op.name, *matmul, array_, layouts_);
    }

    const MacArrayParams& array_;
    LayoutTable layouts_;
    std::uint16_t next_id_ = 0;
};

}  // namespace

AttentionBlock StepPlan::attention() const {
    const auto scores = std::find_if(layer.begin(), layer.end(),
                                     [](const PlannedOperator& it) { return it.op.per_head; });
    return {scores[0], scores[1], scores[2]};
}

StepPlan plan_step(const DecodeStep& step, const MacArrayParams& array,
                   const NumberFormat& format) {
    StepPlan plan;
    Planner planner(array, format);
    plan.prologue = planner.plan(step.prologue);
    plan.layer = planner.plan(step.layer);
    plan.epilogue = planner.plan(step.epilogue);
    plan.layers = step.layers;
    plan.sequences = step.sequences;
    plan.kv_heads = step.kv_heads;
    plan.embedding_rows = step.embedding_rows;
    plan.appended_kv = step.appended_kv;
    plan.kv_cache_per_layer = step.kv_cache;
    plan.layouts = planner.layouts();
    const std::string note = cut_along_k(array, format).note;
    if (!note.empty()) plan.notes.push_back(note);
    return plan;
}

}  // namespace lpusim
