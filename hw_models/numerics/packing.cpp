#include "hw_models/numerics/packing.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace lpusim {

namespace {

void check_tiling(const MatrixTiling& tiling) {
    const std::uint64_t rows =
        std::accumulate(tiling.k_tiles.begin(), tiling.k_tiles.end(), std::uint64_t{0});
    const bool empty_tile =
        std::find(tiling.k_tiles.begin(), tiling.k_tiles.end(), 0U) != tiling.k_tiles.end();
    if (rows != tiling.k || empty_tile) {
        throw std::invalid_argument("tiles along K do not add up to K");
    }
    if (tiling.n != 0 && tiling.strip_columns == 0) {
        throw std::invalid_argument("strips have no columns");
    }
}

}  // namespace

MatrixTiling uniform_tiling(std::uint64_t k, std::uint64_t n, std::uint32_t tile_rows,
                            std::uint64_t strip_columns) {
    if (tile_rows == 0) throw std::invalid_argument("tiles have no rows");
    MatrixTiling tiling{k, n, {}, strip_columns};
    for (std::uint64_t begin = 0; begin < k; begin += tile_rows) {
        tiling.k_tiles.push_back(
            static_cast<std::uint32_t>(std::min<std::uint64_t>(tile_rows, k - begin)));
    }
    return tiling;
}

MatrixPacker::MatrixPacker(const NumberFormat& format, MatrixTiling tiling)
    : tables_(std::make_shared<const CodecTables>(format, tiling.k)), tiling_(std::move(tiling)) {
    check_tiling(tiling_);
    std::uint64_t begin = 0;
    for (const std::uint32_t rows : tiling_.k_tiles) {
        tiles_.emplace_back(tables_, begin, rows);
        column_bytes_ += tiles_.back().tile_bytes(1);
        begin += rows;
    }
}

std::uint64_t MatrixPacker::strips() const {
    return tiling_.n == 0 ? 0 : ceil_div(tiling_.n, tiling_.strip_columns);
}

Strip MatrixPacker::strip(std::uint64_t index) const {
    Strip strip;
    strip.first_column = index * tiling_.strip_columns;
    strip.columns = std::min(tiling_.strip_columns, tiling_.n - strip.first_column);
    strip.offset = strip.first_column * column_bytes_;
    strip.bytes = strip.columns * column_bytes_;
    return strip;
}

ColumnCodes MatrixPacker::blank_column() const {
    ColumnCodes column;
    column.codes.resize(tiling_.k);
    column.metadata.resize(tables_->map.size());
    return column;
}

void MatrixPacker::check(const ColumnCodes& column) const {
    if (column.codes.size() != tiling_.k || column.metadata.size() != tables_->map.size()) {
        throw std::invalid_argument("a column of another size than the matrix");
    }
}

void MatrixPacker::check(const Strip& strip, ByteView bytes) {
    if (bytes.size != strip.bytes) {
        throw std::invalid_argument("a strip of another size than the matrix has");
    }
}

void MatrixPacker::pack(const Strip& strip, std::uint64_t column_of_strip,
                        const ColumnCodes& column, std::uint8_t* strip_bytes) const {
    check(column);
    for (const TileCodec& tile : tiles_) {
        tile.pack(column, strip_bytes, strip.columns, column_of_strip);
        strip_bytes += tile.tile_bytes(strip.columns);
    }
}

void MatrixPacker::unpack(const Strip& strip, std::uint64_t column_of_strip, ByteView strip_bytes,
                          ColumnCodes& column) const {
    check(column);
    check(strip, strip_bytes);
    for (const TileCodec& tile : tiles_) {
        tile.unpack(strip_bytes, strip.columns, column_of_strip, column);
        strip_bytes = strip_bytes.from(tile.tile_bytes(strip.columns));
    }
}

void MatrixPacker::unpack_int8(const Strip& strip, std::uint64_t column_of_strip,
                               ByteView strip_bytes, std::int8_t* operands,
                               std::uint32_t* metadata) const {
    check(strip, strip_bytes);
    for (const TileCodec& tile : tiles_) {
        tile.unpack_int8(strip_bytes, strip.columns, column_of_strip, operands, tiling_.k,
                         metadata);
        strip_bytes = strip_bytes.from(tile.tile_bytes(strip.columns));
    }
}

}  // namespace lpusim
