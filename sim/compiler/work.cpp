#include "sim/compiler/work.h"

#include "sim/compiler/payloads.h"

namespace lpusim {

namespace {

class WorkCounter {
public:
    WorkCounter(const StepPlan& plan, const SramPlan& sram, const ChipParams& chip)
        : plan_(plan), sram_(sram), chip_(chip) {}

    Work run() {
        if (!sram_.weights_resident) {
            stream(isa::Traffic::Embedding, plan_.embedding_rows, work_.stream_embedding, 1);
        }
        if (!sram_.kv_resident) {
            stream(isa::Traffic::KvWrite, plan_.appended_kv, work_.stream_kv_write, plan_.layers);
        }
        for_each_operator(plan_, plan_.layers,
                          [this](const PlannedOperator& planned, std::uint64_t times) {
                              if (const VectorWork* work = planned.op.vector()) {
                                  count_vector(*work, times);
                              } else {
                                  count_matmul(planned, times);
                              }
                          });
        return work_;
    }

private:
    void stream(isa::Traffic traffic, Bytes payload, Bytes& counter, std::uint64_t times) {
        counter += payload * times;
        work_.stream_padding += transfer(traffic, payload, chip_.weight_stream).padding * times;
    }

    void count_vector(const VectorWork& work, std::uint64_t times) {
        work_.vector_beats += vector_beats(work, chip_.vector_unit) * times;
        if (sram_.weights_resident) return;
        stream(isa::Traffic::Norms, work.parameters, work_.stream_norms, times);
    }

    void count_matmul(const PlannedOperator& planned, std::uint64_t times) {
        const Tiling& tiling = planned.tiling;
        const MatMul& matmul = tiling.matmul;
        const std::uint64_t vectors = matmul.m * times;
        const std::uint64_t operands = matmul.k * matmul.n * times;
        work_.useful_macs += matmul.k * matmul.n * vectors;
        work_.compute_cycles +=
            Cycles(tiling.tiles() * vectors * cycles_per_vector(matmul, chip_.mac_array));
        for (const KTile& tile : tiling.k_tiles)
            work_.rescales += tile.rescales * matmul.n * vectors;

        const Bytes operand_bytes(operands * matmul.operand_bytes);
        if (planned.uses_cache()) {
            work_.kv_read_bytes += operand_bytes;
            work_.port_bytes += operand_bytes;
            if (!sram_.kv_resident) count_cache_stream(tiling, times);
        } else {
            work_.unpacked_weights += Weights(operands);
            work_.unpacked_operand_bytes += operand_bytes;
            count_packed(tiling, operand_bytes, times);
        }
    }

    void count_packed(const Tiling& tiling, Bytes operand_bytes, std::uint64_t times) {
        Bytes packed;
        for_each_tile_shape(tiling, [&](const TileSite& site, std::uint64_t count) {
            const Bytes bytes = packed_bytes(site, plan_);
            packed += bytes * (count * times);
            if (sram_.weights_resident) return;
            stream(isa::Traffic::Weights, bytes, work_.stream_weights, count * times);
        });
        work_.unpack_read_bytes += packed;
        const bool inside = chip_.unpack_unit.position == UnpackPosition::InsideArray;
        work_.port_bytes += inside ? packed : operand_bytes;
    }

    void count_cache_stream(const Tiling& tiling, std::uint64_t times) {
        for_each_tile_shape(tiling, [&](const TileSite& site, std::uint64_t count) {
            stream(isa::Traffic::KvRead, cached_bytes(site), work_.stream_kv_read, count * times);
        });
    }

    const StepPlan& plan_;
    const SramPlan& sram_;
    const ChipParams& chip_;
    Work work_;
};

}  // namespace

Work count_work(const StepPlan& plan, const SramPlan& sram, const ChipParams& chip) {
    return WorkCounter(plan, sram, chip).run();
}

}  // namespace lpusim
