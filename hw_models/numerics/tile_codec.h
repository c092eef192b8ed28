#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "hw_models/numerics/metadata_map.h"
#include "hw_models/numerics/operand_decoder.h"
#include "hw_models/numerics/packed_data_error.h"

namespace lpusim {

/// One column of a matrix as the format stores it, before packing.
struct ColumnCodes {
    /// One per weight.
    std::vector<std::uint16_t> codes;
    /// Scales and zero points as stored bits, in the order of the MetadataMap.
    std::vector<std::uint32_t> metadata;
};

/// What all tiles of a matrix need to know of its format.
struct CodecTables {
    CodecTables(NumberFormat number_format, std::uint64_t k);

    NumberFormat format;
    MetadataMap map;
    WeightCodes codes;
    SymbolCodec symbols;
    /// Null for formats with operands of two bytes.
    std::unique_ptr<const OperandDecoder> operands;
};

/// Packs and unpacks the columns of the tiles [k_begin, k_begin + rows) of a matrix. A tile is its
/// header (separate metadata, column after column) and its columns.
class TileCodec {
public:
    TileCodec(std::shared_ptr<const CodecTables> tables, std::uint64_t k_begin, std::uint32_t rows);

    std::uint64_t k_begin() const { return k_begin_; }
    std::uint32_t rows() const { return rows_; }
    std::uint64_t header_bytes() const { return header_bytes_; }
    std::uint64_t column_bytes() const { return column_bytes_; }
    std::uint64_t tile_bytes(std::uint64_t columns) const {
        return (header_bytes_ + column_bytes_) * columns;
    }

    /// Writes this tile's part of a column; throws std::out_of_range for a code or value that is
    /// wider than its place. `tile`: begin of a tile of that many columns.
    void pack(const ColumnCodes& source, std::uint8_t* tile, std::uint64_t columns,
              std::uint64_t column) const;

    /// Reads this tile's part of a column. `tile`: at least tile_bytes(columns) bytes. Throws
    /// PackedDataError.
    void unpack(ByteView tile, std::uint64_t columns, std::uint64_t column,
                ColumnCodes& destination) const;

    /// The same as the unpack unit does it: `operands` are those of the whole column, of k weights;
    /// `metadata` as in ColumnCodes.
    void unpack_int8(ByteView tile, std::uint64_t columns, std::uint64_t column,
                     std::int8_t* operands, std::uint64_t k, std::uint32_t* metadata) const;

    // The same for weights [begin, end) of this tile's part of a column, as the unpack unit meets
    // them beat by beat: only the bytes up to weight `end` matter (isa::TileLayout::bytes_for).

    /// The scales and zero points that lie among these weights; separate ones come with the first.
    void read_metadata(ByteView tile, std::uint64_t columns, std::uint64_t column,
                       std::uint32_t begin, std::uint32_t end, std::uint32_t* metadata) const;
    /// Operands, for formats with operands of one byte.
    void unpack_rows(ByteView tile, std::uint64_t columns, std::uint64_t column,
                     std::uint32_t begin, std::uint32_t end, std::int8_t* operands) const;
    /// Codes.
    void unpack_rows(ByteView tile, std::uint64_t columns, std::uint64_t column,
                     std::uint32_t begin, std::uint32_t end, std::uint16_t* codes) const;

private:
    /// One scale or zero point.
    struct Slot {
        std::uint64_t index;
        std::uint32_t bits;
        std::uint64_t bit;
    };
    /// Symbols without metadata between them, and the metadata in front of them.
    struct Run {
        std::uint32_t first_row;
        std::uint32_t rows;
        std::uint64_t bit;
        std::size_t first_slot;
        std::size_t slots;
    };

    void add_slots(std::uint64_t k, std::uint64_t& bit);
    void plan_inline();
    void plan_separate();
    void pack_slots(const Run& run, const std::uint32_t* metadata, BitWriter& out) const;
    void unpack_slots(const std::uint8_t* header, const std::uint8_t* column,
                      std::uint32_t* metadata) const;
    template <class Value, class Decode>
    void decode_rows(std::uint64_t column, std::uint32_t begin, std::uint32_t end, Value* values,
                     Decode decode) const;
    [[noreturn]] void fail(std::uint64_t column, std::uint32_t row) const;

    std::shared_ptr<const CodecTables> tables_;
    std::uint64_t k_begin_;
    std::uint32_t rows_;
    std::uint64_t header_bytes_ = 0;
    std::uint64_t column_bytes_ = 0;
    std::vector<Slot> slots_;
    std::vector<Run> runs_;
};

}  // namespace lpusim
