#include "hw_models/numerics/tile_codec.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace lpusim {

CodecTables::CodecTables(NumberFormat number_format, std::uint64_t k)
    : format(std::move(number_format)), map(format, k), codes(format), symbols(format) {
    if (format.operand_bytes == 1) {
        operands = std::make_unique<const OperandDecoder>(format, codes);
    }
}

TileCodec::TileCodec(std::shared_ptr<const CodecTables> tables, std::uint64_t k_begin,
                     std::uint32_t rows)
    : tables_(std::move(tables)), k_begin_(k_begin), rows_(rows) {
    if (tables_->format.layout == MetadataLayout::Inline) {
        plan_inline();
    } else {
        plan_separate();
    }
}

void TileCodec::add_slots(std::uint64_t k, std::uint64_t& bit) {
    const MetadataMap& map = tables_->map;
    const auto add = [&](std::size_t level) {
        if (!map.begins(level, k)) return;
        slots_.push_back({map.index(level, k), map.bits(level), bit});
        bit += map.bits(level);
    };
    // Outermost scale first, the zero point last.
    for (std::size_t level = map.levels(); level-- > 0;) add(level);
    add(map.levels());
}

void TileCodec::plan_inline() {
    const SymbolCodec& symbols = tables_->symbols;
    const bool padded = tables_->format.packing == Packing::Padded;
    std::uint64_t bit = 0;
    for (std::uint32_t row = 0; row < rows_;) {
        const std::uint32_t n = std::min(symbols.weights_per_symbol(), rows_ - row);
        const std::size_t first_slot = slots_.size();
        for (std::uint32_t i = 0; i < n; ++i) add_slots(k_begin_ + row + i, bit);
        if (row == 0 || slots_.size() != first_slot) {
            if (padded) bit = round_up(bit, 8);
            runs_.push_back({row, 0, bit, first_slot, slots_.size() - first_slot});
        }
        runs_.back().rows += n;
        bit += symbols.stored_bits(n);
        row += n;
    }
    column_bytes_ = ceil_div(bit, 8);
}

void TileCodec::plan_separate() {
    std::uint64_t header_bit = 0;
    for (std::uint32_t row = 0; row < rows_; ++row) add_slots(k_begin_ + row, header_bit);
    header_bytes_ = ceil_div(header_bit, 8);
    runs_.push_back({0, rows_, 0, 0, slots_.size()});

    const SymbolCodec& symbols = tables_->symbols;
    const std::uint32_t per_symbol = symbols.weights_per_symbol();
    const std::uint64_t bits = std::uint64_t{rows_ / per_symbol} * symbols.stored_bits(per_symbol) +
                               symbols.stored_bits(rows_ % per_symbol);
    column_bytes_ = ceil_div(bits, 8);
}

void TileCodec::pack_slots(const Run& run, const std::uint32_t* metadata, BitWriter& out) const {
    for (std::size_t i = run.first_slot; i < run.first_slot + run.slots; ++i) {
        const std::uint32_t value = metadata[slots_[i].index];
        if ((std::uint64_t{value} >> slots_[i].bits) != 0) {
            throw std::out_of_range("a scale or zero point is wider than its bits");
        }
        out.write(value, slots_[i].bits);
    }
}

void TileCodec::pack(const ColumnCodes& source, std::uint8_t* tile, std::uint64_t columns,
                     std::uint64_t column) const {
    const bool is_inline = tables_->format.layout == MetadataLayout::Inline;
    BitWriter header(tile + column * header_bytes_);
    BitWriter out(tile + columns * header_bytes_ + column * column_bytes_);
    for (const Run& run : runs_) {
        pack_slots(run, source.metadata.data(), is_inline ? out : header);
        if (tables_->format.packing == Packing::Padded) out.align();
        tables_->symbols.encode(source.codes.data() + k_begin_ + run.first_row, run.rows, out);
    }
    header.finish();
    out.finish();
}

void TileCodec::unpack_slots(const std::uint8_t* header, const std::uint8_t* column,
                             std::uint32_t* metadata) const {
    const bool is_inline = tables_->format.layout == MetadataLayout::Inline;
    const std::uint8_t* bytes = is_inline ? column : header;
    for (const Slot& slot : slots_) metadata[slot.index] = read_bits(bytes, slot.bit, slot.bits);
}

void TileCodec::unpack(ByteView tile, std::uint64_t columns, std::uint64_t column,
                       ColumnCodes& destination) const {
    const ByteView bytes = tile.from(columns * header_bytes_ + column * column_bytes_);
    unpack_slots(tile.data + column * header_bytes_, bytes.data, destination.metadata.data());
    for (const Run& run : runs_) {
        std::uint16_t* codes = destination.codes.data() + k_begin_ + run.first_row;
        const std::uint32_t row = tables_->symbols.decode(bytes, run.bit, run.rows, codes);
        if (row != run.rows) fail(column, run.first_row + row);
    }
}

void TileCodec::unpack_int8(ByteView tile, std::uint64_t columns, std::uint64_t column,
                            std::int8_t* operands, std::uint64_t k, std::uint32_t* metadata) const {
    const ByteView bytes = tile.from(columns * header_bytes_ + column * column_bytes_);
    unpack_slots(tile.data + column * header_bytes_, bytes.data, metadata);
    for (const Run& run : runs_) {
        const std::uint64_t first = k_begin_ + run.first_row;
        const std::uint32_t row =
            tables_->operands->decode(bytes, run.bit, run.rows, operands + first, k - first);
        if (row != run.rows) fail(column, run.first_row + row);
    }
}

void TileCodec::read_metadata(ByteView tile, std::uint64_t columns, std::uint64_t column,
                              std::uint32_t begin, std::uint32_t end,
                              std::uint32_t* metadata) const {
    const bool is_inline = tables_->format.layout == MetadataLayout::Inline;
    const std::uint8_t* bytes =
        tile.data +
        (is_inline ? columns * header_bytes_ + column * column_bytes_ : column * header_bytes_);
    for (const Run& run : runs_) {
        if (run.first_row >= end) return;
        if (run.first_row < begin) continue;
        for (std::size_t i = run.first_slot; i < run.first_slot + run.slots; ++i) {
            metadata[slots_[i].index] = read_bits(bytes, slots_[i].bit, slots_[i].bits);
        }
    }
}

/// Whole symbols are decoded, of which the outer ones may reach beyond the rows that are wanted.
template <class Value, class Decode>
void TileCodec::decode_rows(std::uint64_t column, std::uint32_t begin, std::uint32_t end,
                            Value* values, Decode decode) const {
    const std::uint32_t per_symbol = tables_->symbols.weights_per_symbol();
    std::array<Value, 2 * std::size_t{kMaxSymbolWeights}> symbol{};
    for (const Run& run : runs_) {
        const std::uint32_t run_end = run.first_row + run.rows;
        if (run_end <= begin) continue;
        if (run.first_row >= end) return;
        std::uint32_t row = std::max(begin, run.first_row) - run.first_row;
        const std::uint32_t stop = std::min(end, run_end) - run.first_row;
        const auto decode_at = [&](std::uint32_t first, std::uint32_t rows, Value* to,
                                   std::uint64_t room) {
            const std::uint64_t bit = run.bit + std::uint64_t{first / per_symbol} *
                                                    tables_->symbols.stored_bits(per_symbol);
            const std::uint32_t bad = decode(bit, rows, to, room);
            if (bad != rows) fail(column, run.first_row + first + bad);
        };
        const auto decode_cut = [&](std::uint32_t until) {
            const std::uint32_t first = row / per_symbol * per_symbol;
            decode_at(first, std::min(per_symbol, run.rows - first), symbol.data(), symbol.size());
            std::copy(symbol.data() + (row - first), symbol.data() + (until - first),
                      values + run.first_row + row - begin);
            row = until;
        };
        if (row % per_symbol != 0)
            decode_cut(std::min(stop, static_cast<std::uint32_t>(round_up(row, per_symbol))));
        const std::uint32_t whole =
            stop == run.rows ? stop - row : (stop - row) / per_symbol * per_symbol;
        if (row < stop && whole > 0) {
            Value* to = values + run.first_row + row - begin;
            decode_at(row, whole, to, end - begin - (run.first_row + row - begin));
            row += whole;
        }
        if (row < stop) decode_cut(stop);
    }
}

void TileCodec::unpack_rows(ByteView tile, std::uint64_t columns, std::uint64_t column,
                            std::uint32_t begin, std::uint32_t end, std::int8_t* operands) const {
    const ByteView bytes = tile.from(columns * header_bytes_ + column * column_bytes_);
    decode_rows(column, begin, end, operands,
                [&](std::uint64_t bit, std::uint32_t rows, std::int8_t* to, std::uint64_t room) {
                    return tables_->operands->decode(bytes, bit, rows, to, room);
                });
}

void TileCodec::unpack_rows(ByteView tile, std::uint64_t columns, std::uint64_t column,
                            std::uint32_t begin, std::uint32_t end, std::uint16_t* codes) const {
    const ByteView bytes = tile.from(columns * header_bytes_ + column * column_bytes_);
    decode_rows(
        column, begin, end, codes,
        [&](std::uint64_t bit, std::uint32_t rows, std::uint16_t* to, std::uint64_t /*room*/) {
            return tables_->symbols.decode(bytes, bit, rows, to);
        });
}

void TileCodec::fail(std::uint64_t column, std::uint32_t row) const {
    throw PackedDataError("column " + std::to_string(column) + ", weight " +
                          std::to_string(k_begin_ + row) + ": the symbol has no meaning (" +
                          std::to_string(tables_->symbols.radix_values()) + " values have one)");
}

}  // namespace lpusim
