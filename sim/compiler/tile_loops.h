#pragma once

#include <cstdint>

#include "hw_models/isa/program.h"
#include "sim/compiler/fold.h"
#include "sim/compiler/payloads.h"

namespace lpusim {

/// Emits K tiles [begin, end) of one strip as loops: emit(site).
template <class Emit>
void loop_along_k(isa::ProgramBuilder& builder, const Tiling& tiling, bool last_strip,
                  std::size_t begin, std::size_t end, Emit emit) {
    const std::uint32_t columns = last_strip ? tiling.last_columns : tiling.strip_columns;
    for (const Repeat& run : fold(tiling.kinds, begin, end)) {
        builder.loop(run.count, [&] {
            for (std::size_t i = run.begin; i < run.begin + run.length; ++i) {
                const bool last_along_k = i + 1 == tiling.k_tiles.size();
                emit(TileSite{tiling, tiling.k_tiles[i], columns, last_along_k, last_strip});
            }
        });
    }
}

/// Emits strips [begin, end): equal ones as a loop, the last one apart, since it may be narrower
/// and ends the operator.
template <class Emit>
void loop_strips(isa::ProgramBuilder& builder, const Tiling& tiling, std::uint64_t begin,
                 std::uint64_t end, Emit emit) {
    const std::size_t k_tiles = tiling.k_tiles.size();
    const std::uint64_t full_end = end == tiling.strips ? end - 1 : end;
    if (begin < full_end) {
        builder.loop(full_end - begin,
                     [&] { loop_along_k(builder, tiling, false, 0, k_tiles, emit); });
    }
    if (end == tiling.strips) loop_along_k(builder, tiling, true, 0, k_tiles, emit);
}

template <class Emit>
void loop_tiles(isa::ProgramBuilder& builder, const Tiling& tiling, Emit emit) {
    loop_strips(builder, tiling, 0, tiling.strips, emit);
}

/// All tiles, `between()` after the first `apart` of them: emit(site) for the tiles.
template <class Emit, class Between>
void loop_tiles_split(isa::ProgramBuilder& builder, const Tiling& tiling, std::uint64_t apart,
                      Emit emit, Between between) {
    const std::size_t k_tiles = tiling.k_tiles.size();
    const std::uint64_t whole = apart / k_tiles;
    const std::size_t rest = apart % k_tiles;
    if (whole > 0) loop_strips(builder, tiling, 0, whole, emit);
    if (rest == 0) {
        between();
        if (whole < tiling.strips) loop_strips(builder, tiling, whole, tiling.strips, emit);
        return;
    }
    const bool last_strip = whole + 1 == tiling.strips;
    loop_along_k(builder, tiling, last_strip, 0, rest, emit);
    between();
    loop_along_k(builder, tiling, last_strip, rest, k_tiles, emit);
    if (!last_strip) loop_strips(builder, tiling, whole + 1, tiling.strips, emit);
}

}  // namespace lpusim
