#include "tests/numerics/packing_support.h"

#include <algorithm>

#include "tests/numerics/formats.h"
#include "tests/support/pick.h"

namespace lpusim {
namespace {

std::uint32_t pick(std::uint64_t begin, std::uint64_t end) {
    return test::pick<std::uint32_t>(begin, end);
}

NumberFormat pick_code() {
    static const std::vector<NumberFormat> kCodes = {fields({1}),
                                                     fields({2}),
                                                     fields({3}),
                                                     fields({4}),
                                                     fields({5}),
                                                     fields({6}),
                                                     fields({7}),
                                                     fields({8}),
                                                     fields({4, 3}),
                                                     fields({3, 4}),
                                                     fields({4, 2}),
                                                     fields({4, 3, 3, 3}),
                                                     fields({4, 4, 4, 3}),
                                                     fields({2, 3, 2}),
                                                     fields({5, 3}),
                                                     fields({6, 3, 2}),
                                                     fields({8, 4, 4}),
                                                     radix({11, 11}),
                                                     radix({5, 5, 5}),
                                                     radix({3, 3, 3, 3, 3}),
                                                     radix({6, 6}),
                                                     radix({11}),
                                                     radix({11, 5}),
                                                     radix({256, 256}),
                                                     radix({40, 40, 40}),
                                                     radix({12, 12, 7}),
                                                     radix(std::vector<std::uint32_t>(16, 2)),
                                                     fields(std::vector<std::uint32_t>(16, 4))};
    return kCodes[pick(0, static_cast<std::uint32_t>(kCodes.size()))];
}

NumberFormat pick_float() {
    NumberFormat format = fields({4});
    format.code.kind = CodeKind::Float;
    const std::uint32_t choice = pick(0, 3);
    if (choice == 1) format.code.field_bits = {6};
    if (choice == 2) format.code.field_bits = {16};
    if (choice == 2) format.operand_bytes = 2;
    return format;
}

/// Integers of any width under a tensor scale: the packer does not ask what values mean.
void pick_metadata(NumberFormat& format) {
    format.tensor_scale = true;
    const std::uint32_t levels = pick(1, 4);
    std::uint32_t per_weights = pick(1, 50);
    for (std::uint32_t i = 0; i < levels; ++i) {
        if (pick(0, 4) == 0) per_weights = 0;
        if (i == 0) format.group_size = per_weights;
        format.scales.push_back({per_weights, pick(1, 17), MetadataKind::Integer});
        if (per_weights == 0) break;
        per_weights *= pick(2, 6);
    }
    if (format.code.kind == CodeKind::Float || pick(0, 2) == 0) return;
    format.zero_point_bits = pick(8, 17);
    format.zero_point_kind = MetadataKind::Integer;
}

/// Bits of one tile, one by one.
class NaiveTile {
public:
    NaiveTile(const NumberFormat& format, const MetadataMap& map, std::uint64_t begin,
              std::uint32_t rows)
        : format_(format), map_(map), begin_(begin), rows_(rows) {}

    void write(const std::vector<const ColumnCodes*>& columns, Bytestring& out) const {
        if (format_.layout == MetadataLayout::Separate) {
            for (const ColumnCodes* column : columns) {
                std::vector<bool> header;
                for (std::uint32_t row = 0; row < rows_; ++row) metadata(*column, row, header);
                flush(header, out);
            }
        }
        for (const ColumnCodes* column : columns) {
            std::vector<bool> stream;
            write_column(*column, stream);
            flush(stream, out);
        }
    }

private:
    static void put(std::vector<bool>& stream, std::uint64_t value, std::uint32_t bits) {
        for (std::uint32_t i = 0; i < bits; ++i) stream.push_back(value >> i & 1);
    }
    static void align(std::vector<bool>& stream) {
        while (stream.size() % 8 != 0) stream.push_back(false);
    }
    static void flush(std::vector<bool>& stream, Bytestring& out) {
        align(stream);
        for (std::size_t i = 0; i < stream.size(); ++i) {
            if (i % 8 == 0) out.push_back(0);
            if (stream[i]) out.back() = static_cast<std::uint8_t>(out.back() | 1U << (i % 8));
        }
    }

    void metadata(const ColumnCodes& column, std::uint32_t row, std::vector<bool>& stream) const {
        const std::uint64_t k = begin_ + row;
        for (std::size_t level = format_.scales.size(); level-- > 0;) {
            const std::uint32_t per = format_.scales[level].per_weights;
            if (per == 0 ? k != 0 : k % per != 0) continue;
            put(stream, column.metadata[map_.first(level) + (per == 0 ? 0 : k / per)],
                format_.scales[level].bits);
        }
        const std::uint32_t group = format_.group_size;
        if (format_.zero_point_bits == 0 || (group == 0 ? k != 0 : k % group != 0)) return;
        put(stream,
            column.metadata[map_.first(format_.scales.size()) + (group == 0 ? 0 : k / group)],
            format_.zero_point_bits);
    }

    void write_column(const ColumnCodes& column, std::vector<bool>& stream) const {
        const bool is_inline = format_.layout == MetadataLayout::Inline;
        const std::uint32_t per_symbol = format_.code.weights_per_symbol();
        for (std::uint32_t first = 0; first < rows_; first += per_symbol) {
            const std::uint32_t last = std::min(rows_, first + per_symbol);
            for (std::uint32_t row = first; is_inline && row < last; ++row) {
                metadata(column, row, stream);
            }
            if (format_.packing == Packing::Padded) align(stream);
            write_symbol(column.codes.data() + begin_ + first, last - first, stream);
            if (format_.packing == Packing::Padded) align(stream);
        }
    }

    void write_symbol(const std::uint16_t* codes, std::uint32_t n,
                      std::vector<bool>& stream) const {
        if (format_.code.radix_levels.empty()) {
            for (std::uint32_t i = 0; i < n; ++i) put(stream, codes[i], format_.code.field_bits[i]);
            return;
        }
        std::uint64_t symbol = 0;
        std::uint64_t largest = 0;
        for (std::uint32_t i = n; i-- > 0;) {
            symbol = symbol * format_.code.radix_levels[i] + codes[i];
            largest = (largest + 1) * format_.code.radix_levels[i] - 1;
        }
        std::uint32_t bits = 0;
        for (; largest > 0; largest /= 2) ++bits;
        put(stream, symbol, bits);
    }

    const NumberFormat& format_;
    const MetadataMap& map_;
    std::uint64_t begin_;
    std::uint32_t rows_;
};

}  // namespace

std::uint64_t pick_size(std::uint64_t max) { return pick(1, max + 1); }

NumberFormat random_value_format() {
    for (;;) {
        NumberFormat format = pick(0, 5) == 0 ? pick_float() : pick_code();
        format.packing = pick(0, 2) == 0 ? Packing::Dense : Packing::Padded;
        format.layout = pick(0, 2) == 0 ? MetadataLayout::Inline : MetadataLayout::Separate;
        if (pick(0, 8) != 0) pick_metadata(format);
        // Some codes need a zero point.
        if (problems(format).empty() && value_problems(format).empty()) return format;
    }
}

std::vector<ColumnCodes> random_columns(const MatrixPacker& packer) {
    const NumberFormat& format = packer.format();
    std::vector<ColumnCodes> columns(packer.tiling().n, packer.blank_column());
    // One draw seeds a cheap generator: a draw per weight would be slow, and shrinking it
    // pointless.
    std::uint64_t state = pick(1, 1U << 30);
    const auto next = [&state](std::uint64_t bound) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<std::uint32_t>((state >> 33) % bound);
    };
    for (ColumnCodes& column : columns) {
        for (const TileCodec& tile : packer.tiles()) {
            for (std::uint32_t row = 0; row < tile.rows(); ++row) {
                const std::vector<CodePlace>& places = packer.codes().places();
                column.codes[tile.k_begin() + row] =
                    static_cast<std::uint16_t>(next(places[row % places.size()].levels));
            }
        }
        const MetadataMap& map = packer.metadata();
        for (std::size_t level = 0; level <= format.scales.size(); ++level) {
            for (std::uint64_t group = 0; group < map.groups(level); ++group) {
                column.metadata[map.first(level) + group] =
                    next(std::uint64_t{1} << map.bits(level));
            }
        }
    }
    return columns;
}

Bytestring naive_pack(const NumberFormat& format, const MatrixTiling& tiling,
                      const std::vector<ColumnCodes>& columns) {
    const MetadataMap map(format, tiling.k);
    Bytestring bytes;
    for (std::uint64_t first = 0; first < tiling.n; first += tiling.strip_columns) {
        std::vector<const ColumnCodes*> strip;
        for (std::uint64_t n = first; n < std::min(tiling.n, first + tiling.strip_columns); ++n) {
            strip.push_back(&columns[n]);
        }
        std::uint64_t begin = 0;
        for (const std::uint32_t rows : tiling.k_tiles) {
            NaiveTile(format, map, begin, rows).write(strip, bytes);
            begin += rows;
        }
    }
    return bytes;
}

}  // namespace lpusim
