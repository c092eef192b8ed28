#include <algorithm>
#include <string>

#include "sim/compiler/emission.h"
#include "sim/compiler/payloads.h"

namespace lpusim {

namespace {

class VectorEmitter {
public:
    explicit VectorEmitter(const Emission& emission) : e_(emission), s_(emission.semaphores) {}

    void emit_token() {
        emit_section(e_.plan.prologue);
        e_.builder.loop(e_.plan.layers, [this] { emit_section(e_.plan.layer); });
        emit_section(e_.plan.epilogue);
    }

private:
    void emit_section(const Section& section) {
        for (const PlannedOperator& planned : section) {
            const VectorWork* work = planned.op.vector();
            if (work == nullptr) continue;
            if (planned.op.per_head) {
                e_.builder.loop(e_.plan.sequences, [&] {
                    e_.builder.loop(e_.plan.kv_heads, [&] { emit(planned, *work); });
                });
            } else {
                emit(planned, *work);
            }
        }
    }

    void emit(const PlannedOperator& planned, const VectorWork& work) {
        isa::Instruction instruction;
        isa::VectorOp op = vector_op(work, e_.chip.vector_unit);
        op.independent = reads_products_only(planned.op);
        instruction.payload = op;
        instruction.op = planned.id;
        instruction.waits = waits_of(planned, work);
        instruction.signals = signals_of(planned, work);
        instruction.ends_operator = true;
        e_.builder.emit(instruction);
    }

    /// An operator without inputs of its section reads what the section before it left.
    bool reads_products_only(const Operator& op) const {
        const auto is_product = [this](const std::string& input) {
            return std::any_of(e_.plan.layer.begin(), e_.plan.layer.end(),
                               [&](const PlannedOperator& other) {
                                   return other.op.name == input && other.op.matmul() != nullptr;
                               });
        };
        const VectorWork& work = *op.vector();
        // The residual stream, and the cache, are read beside the inputs.
        if (work.kind == VectorKind::Residual || work.touches == Touches::KvCache) return false;
        return !op.inputs.empty() && std::all_of(op.inputs.begin(), op.inputs.end(), is_product);
    }

    isa::SemaphoreUses waits_of(const PlannedOperator& planned, const VectorWork& work) const {
        const bool embeds = work.touches == Touches::EmbeddingTable;
        // The embedding's transfer has waited for the sampled token already, if there is such a
        // transfer.
        const SemaphoreId token = s_.embedding_ready ? s_.embedding_ready : s_.logits;
        return uses({only_if(planned.sync.takes_from(HandOver::ArrayToVector), s_.mac_to_vec),
                     only_if(work.parameters > Bytes(0), s_.side_ready), only_if(embeds, token),
                     only_if(work.touches == Touches::KvCache, s_.append_free)});
    }

    isa::SemaphoreUses signals_of(const PlannedOperator& planned, const VectorWork& work) const {
        return uses({only_if(planned.sync.gives_to(HandOver::VectorToArray), s_.vec_to_mac),
                     only_if(planned.sync.gives_to(HandOver::VectorToKv), s_.kv_new),
                     only_if(work.releases_parameters, s_.side_free),
                     only_if(work.touches == Touches::KvCache, s_.kv_append)});
    }

    const Emission& e_;
    const Semaphores& s_;
};

}  // namespace

void emit_vector(const Emission& emission) { VectorEmitter(emission).emit_token(); }

}  // namespace lpusim
