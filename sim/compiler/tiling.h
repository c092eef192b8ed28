#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "hw_models/isa/tile_layout.h"
#include "hw_models/numerics/number_format.h"
#include "hw_models/units/mac_array_params.h"
#include "sim/workload/operators.h"

namespace lpusim {

/// The different layouts of a format's tiles. Where a group's metadata lies depends on where the
/// tile begins in its group, so there are few, and each is worked out once.
class LayoutTable {
public:
    explicit LayoutTable(const NumberFormat& format);

    /// Index of the layout of tile [k_begin, k_begin + rows).
    std::uint32_t index_of(std::uint64_t k_begin, std::uint32_t rows);
    const std::vector<isa::TileLayout>& layouts() const { return layouts_; }
    const NumberFormat& format() const { return format_; }

private:
    std::uint32_t add(isa::TileLayout layout);

    NumberFormat format_;
    /// Metadata lies the same way again after so many weights.
    std::uint64_t period_ = 1;
    std::vector<isa::TileLayout> layouts_;
    /// By: first tile of the column, begin within the period, rows.
    std::map<std::tuple<bool, std::uint64_t, std::uint32_t>, std::uint32_t> known_;
};

/// A tile's place along K.
struct KTile {
    std::uint32_t rows = 0;
    /// Of weights: index into the layout table.
    std::uint32_t layout = 0;
    /// Partial sums of a column that leave the accumulators for the rescaler.
    std::uint32_t rescales = 0;
};

/// A stationary matrix cut into tiles: strips of all planes' columns, each strip cut along K.
struct Tiling {
    MatMul matmul;
    std::vector<KTile> k_tiles;
    /// Per K tile; equal numbers mean equal tiles.
    std::vector<std::uint32_t> kinds;
    std::uint64_t strips = 0;
    std::uint32_t strip_columns = 0;
    std::uint32_t last_columns = 0;

    std::uint64_t tiles() const { return strips * k_tiles.size(); }
};

/// How far a weight tile may reach along K.
struct KCut {
    std::uint32_t rows = 1;
    /// A tile holds at most one group, of this size; 0: groups may straddle tiles.
    std::uint32_t group = 0;
    /// Why it is not simply the array's rows; empty when it is, or when it was to be expected.
    std::string note;
};
KCut cut_along_k(const MacArrayParams& array, const NumberFormat& format);

/// Lengths of the tiles of k weights.
std::vector<std::uint32_t> rows_along_k(std::uint64_t k, const KCut& cut);

/// Throws CompileError, naming the operator, when the accumulators hold too few vectors or too few
/// bits.
Tiling tile_weights(const std::string& name, const MatMul& matmul, const MacArrayParams& array,
                    LayoutTable& layouts);
Tiling tile_cache(const std::string& name, const MatMul& matmul, const MacArrayParams& array);

}  // namespace lpusim
