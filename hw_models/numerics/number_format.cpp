#include "hw_models/numerics/number_format.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <stdexcept>

namespace lpusim {

namespace {

/// Weights [begin, end) along K of one column.
struct Span {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

/// Groups of per_weights weights that begin inside the span; 0: the one group of the column.
std::uint64_t groups_beginning(std::uint32_t per_weights, Span span) {
    if (per_weights == 0) return span.begin == 0 && span.end > 0 ? 1 : 0;
    return ceil_div(span.end, per_weights) - ceil_div(span.begin, per_weights);
}

/// Metadata of the groups that begin inside the span.
std::uint64_t metadata_bits(const NumberFormat& format, Span span) {
    std::uint64_t bits = groups_beginning(format.group_size, span) * format.zero_point_bits;
    for (const MetadataLevel& level : format.scales) {
        bits += groups_beginning(level.per_weights, span) * level.bits;
    }
    return bits;
}

/// Bits that hold `values` different values.
std::uint32_t bits_for(std::uint64_t values) {
    std::uint32_t bits = 0;
    while ((std::uint64_t{1} << bits) < values) ++bits;
    return bits;
}

std::uint32_t to_bytes(std::uint64_t bits) { return static_cast<std::uint32_t>(ceil_div(bits, 8)); }

/// Writes one column's symbols, and the metadata in front of them, as lengths only.
class ColumnWriter {
public:
    explicit ColumnWriter(const NumberFormat& format)
        : format_(format),
          full_symbol_(format.code.weights_per_symbol()),
          full_symbol_bits_(format.code.symbol_bits(full_symbol_)) {}

    std::uint32_t full_symbol() const { return full_symbol_; }

    void write_symbol(Span span) {
        if (format_.layout == MetadataLayout::Inline) {
            bits_ += metadata_bits(format_, span);
            align_if_padded();
        }
        const auto weights = static_cast<std::uint32_t>(span.end - span.begin);
        bits_ += weights == full_symbol_ ? full_symbol_bits_ : format_.code.symbol_bits(weights);
        align_if_padded();
    }

    std::uint32_t bytes() const { return to_bytes(bits_); }

private:
    void align_if_padded() {
        if (format_.packing == Packing::Padded) bits_ = round_up(bits_, 8);
    }

    const NumberFormat& format_;
    std::uint32_t full_symbol_;
    std::uint32_t full_symbol_bits_;
    std::uint64_t bits_ = 0;
};

}  // namespace

std::uint32_t CodePattern::weights_per_symbol() const {
    return static_cast<std::uint32_t>(field_bits.size() + radix_levels.size());
}

std::uint32_t CodePattern::symbol_bits(std::uint32_t n) const {
    if (radix_levels.empty()) {
        return std::accumulate(field_bits.begin(), field_bits.begin() + n, 0u);
    }
    return bits_for(std::accumulate(radix_levels.begin(), radix_levels.begin() + n,
                                    std::uint64_t{1}, std::multiplies<>()));
}

isa::TileLayout tile_layout(const NumberFormat& format, std::uint64_t k_begin, std::uint32_t rows) {
    isa::TileLayout layout;
    layout.rows = rows;
    layout.prefix_bytes.assign(std::size_t{rows} + 1, 0);

    ColumnWriter writer(format);
    for (std::uint32_t row = 0; row < rows;) {
        const std::uint32_t end = std::min(rows, row + writer.full_symbol());
        writer.write_symbol({k_begin + row, k_begin + end});
        while (row < end) layout.prefix_bytes[++row] = writer.bytes();
    }
    layout.column_bytes = Bytes(writer.bytes());
    if (format.layout == MetadataLayout::Separate) {
        const std::uint64_t bits = metadata_bits(format, {k_begin, k_begin + rows});
        layout.header_bits_per_column = static_cast<std::uint32_t>(round_up(bits, 8));
    }
    return layout;
}

std::uint32_t groups_touched(const NumberFormat& format, std::uint64_t k_begin,
                             std::uint32_t rows) {
    if (!format.grouped()) return 1;
    const std::uint64_t first = k_begin / format.group_size;
    const std::uint64_t last = (k_begin + rows - 1) / format.group_size;
    return static_cast<std::uint32_t>(last - first + 1);
}

MatrixFootprint footprint(const NumberFormat& format, std::uint64_t k, std::uint64_t n,
                          std::uint32_t tile_rows) {
    if (tile_rows == 0) throw std::invalid_argument("footprint: tiles have no rows");
    MatrixFootprint result;
    result.weights = Weights(k * n);
    result.metadata_bits = metadata_bits(format, {0, k}) * n;
    for (std::uint64_t k_begin = 0; k_begin < k; k_begin += tile_rows) {
        const auto rows =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(tile_rows, k - k_begin));
        result.total += tile_layout(format, k_begin, rows).tile_bytes(n);
    }
    return result;
}

}  // namespace lpusim
