#include "sim/compiler/emission.h"
#include "sim/compiler/payloads.h"
#include "sim/compiler/tile_loops.h"

namespace lpusim {

namespace {

/// One visit to an operator of the Kv or Compute queue: what its first tile takes and its last one
/// gives.
struct Visit {
    isa::SemaphoreUses waits;
    isa::SemaphoreUses signals;
    bool ends_token = false;
};

class ArrayEmitter {
public:
    explicit ArrayEmitter(const Emission& emission)
        : e_(emission), s_(emission.semaphores), attention_(emission.plan.attention()) {}

    void emit_token() {
        e_.builder.loop(e_.plan.layers, [this] { emit_section(e_.plan.layer, false); });
        emit_section(e_.plan.epilogue, true);
    }

private:
    void emit_section(const Section& section, bool ends_token) {
        for (const PlannedOperator& planned : section) {
            if (planned.uses_weights()) {
                emit_weights(planned, ends_token);
            } else if (&planned == &attention_.scores) {
                emit_attention();
            }
        }
    }

    void emit_weights(const PlannedOperator& planned, bool ends_token) {
        loop_tiles(e_.builder, planned.tiling, [&](const TileSite& site) {
            emit(planned, unpack_tile(site), uses({s_.weight_ready}), uses({s_.weight_free}));
            emit(planned, install_weights(site, e_.plan, e_.chip.unpack_unit.position), {}, {});
        });
        Visit visit{waits_of(planned), signals_of(planned), ends_token};
        if (ends_token) visit.signals.push_back({*s_.logits, 1});
        emit_compute(planned, visit);
    }

    isa::SemaphoreUses waits_of(const PlannedOperator& planned) const {
        const Synchronisation& sync = planned.sync;
        return uses({only_if(sync.takes_from(HandOver::VectorToArray), s_.vec_to_mac),
                     only_if(sync.takes_from(HandOver::ArrayToArray), s_.mac_to_mac)});
    }

    isa::SemaphoreUses signals_of(const PlannedOperator& planned) const {
        const Synchronisation& sync = planned.sync;
        return uses({only_if(sync.gives_to(HandOver::ArrayToVector), s_.mac_to_vec),
                     only_if(sync.gives_to(HandOver::ArrayToArray), s_.mac_to_mac)});
    }

    /// A sequence after the other, since the scores of one take the place of the other's; within it
    /// the scores of all heads before the first product with V, so that softmax has time.
    void emit_attention() {
        emit_attention_installs();
        emit_attention_reads();
        emit_attention_computes();
    }

    void emit_attention_installs() {
        e_.builder.loop(e_.plan.sequences, [this] {
            for (const PlannedOperator* planned : {&attention_.scores, &attention_.values}) {
                e_.builder.loop(e_.plan.kv_heads, [&] {
                    loop_tiles(e_.builder, planned->tiling, [&](const TileSite& site) {
                        emit(*planned, install_cache(site), {}, {});
                    });
                });
            }
        });
    }

    /// The layer's first read waits for the new K and V; nothing else does, since the queue is in
    /// order.
    void emit_attention_reads() {
        const std::uint64_t heads = e_.plan.kv_heads;
        emit_reads(attention_.scores, uses({s_.kv_new}));
        e_.builder.loop(heads - 1, [this] { emit_reads(attention_.scores, {}); });
        e_.builder.loop(heads, [this] { emit_reads(attention_.values, {}); });
        e_.builder.loop(e_.plan.sequences - 1, [this, heads] {
            e_.builder.loop(heads, [this] { emit_reads(attention_.scores, {}); });
            e_.builder.loop(heads, [this] { emit_reads(attention_.values, {}); });
        });
    }

    void emit_reads(const PlannedOperator& planned, const isa::SemaphoreUses& first_waits) {
        loop_tiles_first_apart(
            planned, !first_waits.empty(), [&](const TileSite& site, bool first) {
                // A tile that holds nothing but the new token does not come from memory.
                const bool streamed = cached_bytes(site) > Bytes(0);
                isa::SemaphoreUses waits = uses({only_if(streamed, s_.kv_ready)});
                if (first) waits.insert(waits.end(), first_waits.begin(), first_waits.end());
                emit(planned, isa::KvReadTile{site.operand_bytes()}, waits,
                     uses({only_if(streamed, s_.kv_slot_free)}));
            });
    }

    /// Scores and values signal and wait head by head; only the very last head's result is for the
    /// next operator.
    void emit_attention_computes() {
        const std::uint64_t heads = e_.plan.kv_heads;
        const Visit scores{waits_of(attention_.scores), signals_of(attention_.scores)};
        const Visit values{waits_of(attention_.values), {}};
        const Visit last_values{waits_of(attention_.values), signals_of(attention_.values)};
        e_.builder.loop(e_.plan.sequences - 1, [&] {
            e_.builder.loop(heads, [&] { emit_compute(attention_.scores, scores); });
            e_.builder.loop(heads, [&] { emit_compute(attention_.values, values); });
        });
        e_.builder.loop(heads, [&] { emit_compute(attention_.scores, scores); });
        e_.builder.loop(heads - 1, [&] { emit_compute(attention_.values, values); });
        emit_compute(attention_.values, last_values);
    }

    void emit_compute(const PlannedOperator& planned, const Visit& visit) {
        loop_tiles_first_apart(planned, !visit.waits.empty(),
                               [&](const TileSite& site, bool first) {
                                   const bool last = site.last_along_k && site.last_strip;
                                   isa::Instruction instruction;
                                   instruction.payload = compute_tile(site, e_.chip.mac_array);
                                   instruction.op = planned.id;
                                   if (first) instruction.waits = visit.waits;
                                   if (last) instruction.signals = visit.signals;
                                   instruction.ends_operator = last;
                                   instruction.ends_token = last && visit.ends_token;
                                   e_.builder.emit(instruction);
                               });
    }

    /// emit(site, first) for all tiles, the first one outside of all loops if it is to be
    /// different.
    template <class Emit>
    void loop_tiles_first_apart(const PlannedOperator& planned, bool apart, Emit emit) {
        const Tiling& tiling = planned.tiling;
        if (!apart) {
            loop_tiles(e_.builder, tiling, [&](const TileSite& site) { emit(site, false); });
            return;
        }
        bool first = true;
        loop_tiles_split(
            e_.builder, tiling, 1, [&](const TileSite& site) { emit(site, first); },
            [&first] { first = false; });
    }

    template <class Payload>
    void emit(const PlannedOperator& planned, Payload payload, const isa::SemaphoreUses& waits,
              const isa::SemaphoreUses& signals) {
        isa::Instruction instruction;
        instruction.payload = payload;
        instruction.op = planned.id;
        instruction.waits = waits;
        instruction.signals = signals;
        e_.builder.emit(instruction);
    }

    const Emission& e_;
    const Semaphores& s_;
    AttentionBlock attention_;
};

}  // namespace

void emit_array(const Emission& emission) { ArrayEmitter(emission).emit_token(); }

}  // namespace lpusim
