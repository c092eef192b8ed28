#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "hw_models/numerics/number_format.h"
#include "hw_models/numerics/tile_codec.h"

namespace lpusim {

/// How a matrix of K = k rows and N = n columns is cut for the array. Strips of columns come one
/// after the other; in a strip its tiles along K; in a tile its columns; in a column its weights
/// along K.
struct MatrixTiling {
    std::uint64_t k = 0;
    std::uint64_t n = 0;
    /// Lengths of the tiles along K; they sum to k.
    std::vector<std::uint32_t> k_tiles;
    /// Columns of a strip; the last strip has what is left.
    std::uint64_t strip_columns = 0;
};

/// Tiles of tile_rows weights along K, the last one shorter, and strips of strip_columns columns.
MatrixTiling uniform_tiling(std::uint64_t k, std::uint64_t n, std::uint32_t tile_rows,
                            std::uint64_t strip_columns);

/// Columns that lie together in the packed matrix.
struct Strip {
    std::uint64_t first_column = 0;
    std::uint64_t columns = 0;
    /// From the begin of the matrix, in bytes.
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
};

/// Packs a matrix into the bytes that the machine streams, and back: docs/formats.md. The bytes are
/// as many as footprint() says. Columns are independent of each other, so threads may share the
/// work by columns.
class MatrixPacker {
public:
    /// Throws std::invalid_argument for a format with value_problems(), or a tiling that does not
    /// add up.
    MatrixPacker(const NumberFormat& format, MatrixTiling tiling);

    const CodecTables& tables() const { return *tables_; }
    const NumberFormat& format() const { return tables_->format; }
    const WeightCodes& codes() const { return tables_->codes; }
    const MetadataMap& metadata() const { return tables_->map; }
    const MatrixTiling& tiling() const { return tiling_; }
    const std::vector<TileCodec>& tiles() const { return tiles_; }

    std::uint64_t bytes() const { return column_bytes_ * tiling_.n; }
    std::uint64_t strips() const;
    Strip strip(std::uint64_t index) const;

    /// A column of the right size.
    ColumnCodes blank_column() const;

    /// Packs a column into the bytes of its strip. Throws std::invalid_argument for a column of the
    /// wrong size, std::out_of_range for codes or metadata that are wider than their place.
    void pack(const Strip& strip, std::uint64_t column_of_strip, const ColumnCodes& column,
              std::uint8_t* strip_bytes) const;

    /// Throws PackedDataError for bytes that mean nothing, std::invalid_argument for a strip of the
    /// wrong size.
    void unpack(const Strip& strip, std::uint64_t column_of_strip, ByteView strip_bytes,
                ColumnCodes& column) const;

    /// A column as the unpack unit emits it: `operands` for k weights, and the column's metadata.
    /// Only for formats with operands of one byte.
    void unpack_int8(const Strip& strip, std::uint64_t column_of_strip, ByteView strip_bytes,
                     std::int8_t* operands, std::uint32_t* metadata) const;

private:
    void check(const ColumnCodes& column) const;
    static void check(const Strip& strip, ByteView bytes);

    std::shared_ptr<const CodecTables> tables_;
    MatrixTiling tiling_;
    std::vector<TileCodec> tiles_;
    /// Of one column in all tiles, header included.
    std::uint64_t column_bytes_ = 0;
};

}  // namespace lpusim
