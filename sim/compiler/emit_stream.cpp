#include <algorithm>

#include "sim/compiler/emission.h"
#include "sim/compiler/payloads.h"
#include "sim/compiler/tile_loops.h"

namespace lpusim {

namespace {

/// The Stream queue is the order in which things are needed. It must never wait for something that
/// only a later transfer makes possible: all slots are freed by work that needs earlier transfers
/// only, in the order of the stream.
class StreamEmitter {
public:
    explicit StreamEmitter(const Emission& emission)
        : e_(emission),
          s_(emission.semaphores),
          weights_(!emission.sram.weights_resident),
          cache_(!emission.sram.kv_resident) {}

    void emit_token() {
        if (weights_) emit_parameters(e_.plan.prologue);
        // Only with streamed weights is the first layer different from the others: the embedding is
        // inside.
        if (weights_) emit_layer(/*with_embedding=*/true);
        const std::uint64_t equal_layers = e_.plan.layers - (weights_ ? 1 : 0);
        e_.builder.loop(equal_layers, [this] { emit_layer(/*with_embedding=*/false); });
        if (!weights_) return;
        emit_parameters(e_.plan.epilogue);
        for (const PlannedOperator& planned : e_.plan.epilogue) emit_weights(planned);
    }

private:
    void emit_layer(bool with_embedding) {
        if (weights_) emit_parameters(e_.plan.layer);
        for (const PlannedOperator& planned : e_.plan.layer) {
            if (planned.uses_weights() && weights_) {
                if (with_embedding) {
                    emit_weights_and_embedding(planned);
                } else {
                    emit_weights(planned);
                }
                with_embedding = false;
            } else if (&planned == &e_.plan.attention().scores && cache_) {
                emit_cache(e_.plan.attention());
            }
        }
        if (cache_) emit_write_back();
    }

    void emit_parameters(const Section& section) {
        for (const PlannedOperator& planned : section) {
            const VectorWork* work = planned.op.vector();
            if (work == nullptr || work->parameters == Bytes(0)) continue;
            emit(planned, isa::Traffic::Norms, work->parameters, uses({s_.side_free}),
                 uses({s_.side_ready}));
        }
    }

    void emit_weights(const PlannedOperator& planned) {
        loop_tiles(e_.builder, planned.tiling,
                   [&](const TileSite& site) { emit_weight_tile(planned, site); });
    }

    /// Cycles from the last weight tile of a token in SRAM to its logits, roughly.
    Cycles tail() const {
        const MacArrayParams& array = e_.chip.mac_array;
        const std::uint64_t operands = std::uint64_t{array.rows} * array.tile_columns();
        const std::uint64_t results = e_.plan.sequences * array.tile_columns();
        return array.pipeline() +
               Cycles(operands / e_.chip.unpack_unit.lanes + operands / array.load_bytes.count() +
                      results / e_.chip.rescaler.lanes);
    }

    /// Which rows of the embedding a token needs is known when the one before has been sampled, and
    /// the stream is in order. So as many tiles of the new token go before them as the stream
    /// delivers during the tail of the old one, and two more: the stream does not stop, and the
    /// rows come no later than they must. At most half of the buffer is filled so, lest the stream
    /// have nowhere to go while the first activations are computed.
    void emit_weights_and_embedding(const PlannedOperator& planned) {
        const std::uint64_t slot = e_.sram.weights.count() / e_.sram.weight_slots;
        const std::uint64_t in_tail = e_.chip.weight_stream.rate.after(tail()).count() / slot;
        const std::uint64_t ahead = std::min<std::uint64_t>(
            {in_tail + 2, e_.sram.weight_slots / 2, planned.tiling.tiles()});
        loop_tiles_split(
            e_.builder, planned.tiling, ahead,
            [&](const TileSite& site) { emit_weight_tile(planned, site); },
            [&] {
                emit(e_.plan.prologue.front(), isa::Traffic::Embedding, e_.plan.embedding_rows,
                     uses({s_.logits}), uses({s_.embedding_ready}));
            });
    }

    void emit_weight_tile(const PlannedOperator& planned, const TileSite& site) {
        emit(planned, isa::Traffic::Weights, packed_bytes(site, e_.plan), uses({s_.weight_free}),
             uses({s_.weight_ready}));
    }

    /// In the order in which the array works: K of all heads, then V, sequence by sequence.
    void emit_cache(const AttentionBlock& attention) {
        e_.builder.loop(e_.plan.sequences, [&] {
            for (const PlannedOperator* planned : {&attention.scores, &attention.values}) {
                e_.builder.loop(e_.plan.kv_heads, [&] { emit_cache_head(*planned); });
            }
        });
    }

    void emit_cache_head(const PlannedOperator& planned) {
        loop_tiles(e_.builder, planned.tiling, [&](const TileSite& site) {
            const Bytes cached = cached_bytes(site);
            if (cached == Bytes(0)) return;
            emit(planned, isa::Traffic::KvRead, cached, uses({s_.kv_slot_free}),
                 uses({s_.kv_ready}));
        });
    }

    /// At the end of the layer, where the new K and V have long been computed, so that it does not
    /// hold up the prefetch.
    void emit_write_back() {
        const auto append = std::find_if(
            e_.plan.layer.begin(), e_.plan.layer.end(), [](const PlannedOperator& planned) {
                const VectorWork* work = planned.op.vector();
                return work != nullptr && work->touches == Touches::KvCache;
            });
        emit(*append, isa::Traffic::KvWrite, e_.plan.appended_kv, uses({s_.kv_append}),
             uses({s_.append_free}));
    }

    void emit(const PlannedOperator& planned, isa::Traffic traffic, Bytes payload,
              const isa::SemaphoreUses& waits, const isa::SemaphoreUses& signals) {
        isa::Instruction instruction;
        instruction.payload = transfer(traffic, payload, e_.chip.weight_stream);
        instruction.op = planned.id;
        instruction.waits = waits;
        instruction.signals = signals;
        e_.builder.emit(instruction);
    }

    const Emission& e_;
    const Semaphores& s_;
    /// What is streamed.
    bool weights_;
    bool cache_;
};

}  // namespace

void emit_stream(const Emission& emission) { StreamEmitter(emission).emit_token(); }

}  // namespace lpusim
