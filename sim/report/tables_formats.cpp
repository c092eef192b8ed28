#include <algorithm>
#include <memory>
#include <numeric>

#include <fmt/format.h>

#include "hw_models/numerics/tile_codec.h"
#include "sim/config/load.h"
#include "sim/report/metrics.h"
#include "sim/report/report_tables.h"
#include "sim/report/table_units.h"

namespace lpusim {

namespace {

constexpr std::size_t kByteBits = 8;
/// Drawn of each format, in rows.
constexpr std::size_t kDrawnBits = 96;
constexpr std::size_t kBitsPerRow = 32;
constexpr std::uint32_t kDrawnWeights = 64;
/// Formats that are drawn, the compared ones first.
constexpr std::size_t kMostDrawn = 8;

NumberFormat format_of(const Point& point) {
    return parse_format(point.inputs.format_json, point.inputs.format_name);
}

double code_bits(const NumberFormat& format) {
    const std::uint32_t weights = format.code.weights_per_symbol();
    std::uint32_t bits = format.code.symbol_bits(weights);
    if (format.packing == Packing::Padded) {
        bits = static_cast<std::uint32_t>(round_up(bits, kByteBits));
    }
    return static_cast<double>(bits) / weights;
}

/// Who owns a bit of the packed column.
struct Owner {
    std::string kind = "padding";
    std::string label;
};

/// Finds out by packing: a column of zeros, and then one with one code or one metadata value set.
class PackingPicture {
public:
    explicit PackingPicture(const NumberFormat& format)
        : tables_(std::make_shared<const CodecTables>(format, kDrawnWeights)),
          codec_(tables_, 0, kDrawnWeights) {
        blank_.codes.assign(kDrawnWeights, 0);
        blank_.metadata.assign(tables_->map.size(), 0);
        owners_.resize(codec_.tile_bytes(1) * kByteBits);
        claim_codes();
        claim_metadata();
    }

    const std::vector<Owner>& owners() const { return owners_; }

private:
    std::vector<std::uint8_t> packed(const ColumnCodes& column) const {
        std::vector<std::uint8_t> bytes(codec_.tile_bytes(1));
        codec_.pack(column, bytes.data(), 1, 0);
        return bytes;
    }

    void claim(const ColumnCodes& changed, const Owner& owner) {
        const std::vector<std::uint8_t> zeros = packed(blank_);
        const std::vector<std::uint8_t> bytes = packed(changed);
        for (std::size_t bit = 0; bit < owners_.size(); ++bit) {
            const unsigned difference = bytes[bit / kByteBits] ^ zeros[bit / kByteBits];
            if (((difference >> (bit % kByteBits)) & 1U) != 0) owners_[bit] = owner;
        }
    }

    void claim_codes() {
        const CodePattern& code = tables_->format.code;
        const std::uint32_t places = code.weights_per_symbol();
        const bool shared = !code.radix_levels.empty() && places > 1;
        for (std::uint32_t k = 0; k < kDrawnWeights; ++k) {
            const std::uint32_t place = k % places;
            const std::uint32_t first = k - place;
            const std::uint32_t levels =
                code.radix_levels.empty() ? 1U << code.field_bits[place] : code.radix_levels[place];
            const Owner owner =
                shared
                    ? Owner{"weights sharing a symbol",
                            fmt::format("{}…{}", first,
                                        std::min(first + places, kDrawnWeights) - 1)}
                    : Owner{fmt::format("weight {} of a symbol", place + 1), fmt::format("{}", k)};
            // Digits of a radix symbol carry into each other: every level shows some more bits.
            const std::uint32_t step = shared ? 1 : levels - 1;
            for (std::uint32_t level = step; level < levels; level += step) {
                ColumnCodes changed = blank_;
                changed.codes[k] = static_cast<std::uint16_t>(level);
                claim(changed, owner);
            }
        }
    }

    void claim_metadata() {
        const MetadataMap& map = tables_->map;
        for (std::size_t level = 0; level <= map.levels(); ++level) {
            const std::string kind = level == map.levels() ? "zero point"
                                     : level == 0          ? "scale"
                                                           : "outer scale";
            for (std::uint64_t group = 0; group < map.groups(level); ++group) {
                const std::uint32_t bits = map.bits(level);
                ColumnCodes changed = blank_;
                changed.metadata[map.first(level) + group] =
                    static_cast<std::uint32_t>((std::uint64_t{1} << bits) - 1);
                claim(changed, {kind, kind});
            }
        }
    }

    std::shared_ptr<const CodecTables> tables_;
    TileCodec codec_;
    ColumnCodes blank_;
    std::vector<Owner> owners_;
};

std::vector<const Point*> drawn_formats(const ReportPoints& points) {
    std::vector<const Point*> drawn = {&points.base()};
    if (points.other() != nullptr) drawn.push_back(points.other());
    for (const Point* point : points.headline()) {
        if (drawn.size() == kMostDrawn) break;
        if (std::find(drawn.begin(), drawn.end(), point) == drawn.end()) drawn.push_back(point);
    }
    return drawn;
}

std::string code_text(const NumberFormat& format) {
    const CodePattern& code = format.code;
    if (!code.radix_levels.empty())
        return fmt::format("{} levels", fmt::join(code.radix_levels, "·"));
    return fmt::format("{}{} bits", code.kind == CodeKind::Float ? "float " : "",
                       fmt::join(code.field_bits, " + "));
}

std::string scales_text(const NumberFormat& format) {
    std::vector<std::string> texts;
    for (const MetadataLevel& level : format.scales) {
        texts.push_back(
            fmt::format("{} bits per {}", level.bits,
                        level.per_weights == 0 ? "column" : std::to_string(level.per_weights)));
    }
    return texts.empty() ? "none" : joined(texts);
}

}  // namespace

DataTable sizes_table(const ReportPoints& points) {
    DataTable table{"sizes",
                    {{"format", "format", ""},
                     {"effective_bits_per_weight", "effective bits per weight", ""},
                     {"code_bits_per_weight", "of that codes", ""},
                     {"weights_gigabytes", "weights", "GB"},
                     {"weights_gibibytes", "weights", "GiB"},
                     {"codes_gigabytes", "of that codes", "GB"},
                     {"metadata_gigabytes", "of that scales, zero points and padding", "GB"},
                     {"other_gigabytes", "embedding, norms and biases, FP16", "GB"},
                     {"model_gigabytes", "all parameters", "GB"},
                     {"model_gibibytes", "all parameters", "GiB"}},
                    {}};
    for (const Point* point : points.headline()) {
        const double bits = code_bits(format_of(*point));
        const double codes = bits * static_cast<double>(point->weights.count()) /
                             static_cast<double>(kByteBits) / 1e9;
        table.rows.push_back({point->inputs.format_name, effective_bits_per_weight(*point), bits,
                              gigabytes(point->weight_bytes), gibibytes(point->weight_bytes), codes,
                              std::max(0.0, gigabytes(point->weight_bytes) - codes),
                              gigabytes(point->model_bytes - point->weight_bytes),
                              gigabytes(point->model_bytes), gibibytes(point->model_bytes)});
    }
    return table;
}

DataTable packing_table(const ReportPoints& points) {
    DataTable table{"packing",
                    {{"format", "format", ""},
                     {"order", "order", "", ColumnShow::Hidden},
                     {"bit", "bit", ""},
                     {"row", "row", "", ColumnShow::Hidden},
                     {"column", "column", "", ColumnShow::Hidden},
                     {"kind", "holds", ""},
                     {"label", "of weight", ""}},
                    {}};
    const std::vector<const Point*> drawn = drawn_formats(points);
    for (std::size_t order = 0; order < drawn.size(); ++order) {
        const PackingPicture picture(format_of(*drawn[order]));
        const std::size_t bits = std::min(kDrawnBits, picture.owners().size());
        for (std::size_t bit = 0; bit < bits; ++bit) {
            const Owner& owner = picture.owners()[bit];
            table.rows.push_back({drawn[order]->inputs.format_name, std::uint64_t{order},
                                  std::uint64_t{bit}, std::uint64_t{bit / kBitsPerRow},
                                  std::uint64_t{bit % kBitsPerRow}, owner.kind, owner.label});
        }
    }
    return table;
}

DataTable formats_table(const ReportPoints& points) {
    DataTable table{"formats",
                    {{"format", "format", ""},
                     {"code", "codes", ""},
                     {"packing", "packing", ""},
                     {"group", "group", "weights"},
                     {"scales", "scales", ""},
                     {"zero_point", "zero point", "bits"},
                     {"layout", "metadata", ""},
                     {"effective_bits_per_weight", "effective bits per weight", ""}},
                    {}};
    for (const Point* point : points.headline()) {
        const NumberFormat format = format_of(*point);
        table.rows.push_back(
            {point->inputs.format_name, code_text(format),
             std::string(format.packing == Packing::Dense ? "dense" : "padded"),
             format.grouped() ? std::to_string(format.group_size) : std::string("column"),
             scales_text(format),
             format.zero_point_bits == 0 ? std::string("none")
                                         : std::to_string(format.zero_point_bits),
             std::string(format.layout == MetadataLayout::Inline ? "inline" : "separate"),
             effective_bits_per_weight(*point)});
    }
    return table;
}

}  // namespace lpusim
