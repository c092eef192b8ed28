#pragma once

#include <cstdint>

#include "hw_models/chip/chip_params.h"
#include "hw_models/isa/instruction.h"
#include "sim/compiler/step_plan.h"

namespace lpusim {

/// One tile of a matmul.
struct TileSite {
    const Tiling& tiling;
    const KTile& tile;
    std::uint32_t columns = 0;
    bool last_along_k = false;
    bool last_strip = false;

    std::uint64_t operands() const { return std::uint64_t{tile.rows} * columns; }
    Bytes operand_bytes() const { return Bytes(operands() * tiling.matmul.operand_bytes); }
};

/// Calls visit(site, count) once for all tiles of a matmul that lie at the same place along K and
/// are equally wide.
template <class Visit>
void for_each_tile_shape(const Tiling& tiling, Visit visit) {
    for (const KTile& tile : tiling.k_tiles) {
        const bool last = &tile == &tiling.k_tiles.back();
        if (tiling.strips > 1) {
            visit(TileSite{tiling, tile, tiling.strip_columns, last, false}, tiling.strips - 1);
        }
        visit(TileSite{tiling, tile, tiling.last_columns, last, true}, std::uint64_t{1});
    }
}

isa::StreamTransfer transfer(isa::Traffic traffic, Bytes payload, const WeightStreamParams& stream);

/// Stored bytes of a weight tile.
Bytes packed_bytes(const TileSite& site, const StepPlan& plan);
/// Bytes of a cache tile that come from memory: all but those of the new token, which are still on
/// the chip.
Bytes cached_bytes(const TileSite& site);

isa::UnpackTile unpack_tile(const TileSite& site);
isa::InstallTile install_weights(const TileSite& site, const StepPlan& plan,
                                 UnpackPosition position);
isa::InstallTile install_cache(const TileSite& site);
isa::ComputeTile compute_tile(const TileSite& site, const MacArrayParams& array);

std::uint32_t cycles_per_vector(const MatMul& matmul, const MacArrayParams& array);
/// Results and activations between operators are FP16.
Bytes result_bytes(std::uint64_t columns);

isa::VectorOp vector_op(const VectorWork& work, const VectorUnitParams& vector_unit);
Cycles vector_beats(const VectorWork& work, const VectorUnitParams& vector_unit);

}  // namespace lpusim
