#pragma once

#include <cstdint>
#include <vector>

#include "hw_models/core/quantities.h"

namespace lpusim::isa {

/// How one column of a packed weight tile lies in memory: what the unpack unit must have read
/// before it can emit the first k weights of that column. Tiles of equal layout share one entry of
/// Program::layouts.
struct TileLayout {
    /// Weights along K in this tile.
    std::uint32_t rows = 0;
    /// Packed bytes of one tile column, metadata that lies inline and the alignment at its end
    /// included.
    Bytes column_bytes;
    /// prefix_bytes[k]: bytes of the column that hold its first k weights and their inline
    /// metadata; rows + 1 entries, ascending, the last one equal to column_bytes.
    std::vector<std::uint32_t> prefix_bytes;
    /// Metadata bits of one column that lie in a separate plane in front of the tile (0 when
    /// inline).
    std::uint32_t header_bits_per_column = 0;

    Bytes header_bytes(std::uint64_t columns) const {
        return Bytes(ceil_div(columns * header_bits_per_column, 8));
    }
    /// Packed bytes of a tile of that many columns.
    Bytes tile_bytes(std::uint64_t columns) const {
        return header_bytes(columns) + column_bytes * columns;
    }
    /// Bytes from the start of a tile of `columns` columns that hold its first `weights` weights,
    /// in stream order (column-major along K). Nothing is needed for no weight; the header comes
    /// with the first.
    Bytes bytes_for(std::uint64_t weights, std::uint64_t columns) const {
        if (weights == 0) return Bytes(0);
        return header_bytes(columns) + column_bytes * (weights / rows) +
               Bytes(prefix_bytes[weights % rows]);
    }
};

}  // namespace lpusim::isa
