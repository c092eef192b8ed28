#include "hw_models/numerics/number_format.h"

#include <algorithm>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/numerics/formats.h"

namespace lpusim {
namespace {

using testing::ElementsAre;

double effective_bits(const MatrixFootprint& footprint) {
    return 8.0 * static_cast<double>(footprint.total.count()) /
           static_cast<double>(footprint.weights.count());
}

// --- An independent count: writes every bit, weight by weight.

class NaiveColumn {
public:
    NaiveColumn(const NumberFormat& format, std::uint64_t k_begin, std::uint32_t rows)
        : format_(format),
          k_begin_(k_begin),
          rows_(rows),
          symbol_(format.code.field_bits.empty() ? format.code.radix_levels.size()
                                                 : format.code.field_bits.size()) {}

    /// Bytes up to the end of the symbol that holds the last of the first `weights` weights.
    std::uint64_t bytes_of_first(std::uint64_t weights) const {
        std::vector<bool> stream;
        for (std::uint64_t first = 0; first < weights; first += symbol_) {
            const std::uint64_t last = std::min<std::uint64_t>(first + symbol_, rows_);
            if (format_.layout == MetadataLayout::Inline) {
                for (std::uint64_t k = first; k < last; ++k) write_metadata(stream, k_begin_ + k);
                align_if_padded(stream);
            }
            write_codes(stream, last - first);
            align_if_padded(stream);
        }
        align(stream);
        return stream.size() / 8;
    }

    std::uint64_t header_bytes() const {
        if (format_.layout == MetadataLayout::Inline) return 0;
        std::vector<bool> header;
        for (std::uint64_t k = 0; k < rows_; ++k) write_metadata(header, k_begin_ + k);
        align(header);
        return header.size() / 8;
    }

    std::uint64_t metadata_bits() const {
        std::vector<bool> bits;
        for (std::uint64_t k = 0; k < rows_; ++k) write_metadata(bits, k_begin_ + k);
        return bits.size();
    }

private:
    static void write(std::vector<bool>& stream, std::uint64_t bits) {
        for (std::uint64_t i = 0; i < bits; ++i) stream.push_back(true);
    }
    static void align(std::vector<bool>& stream) {
        while (stream.size() % 8 != 0) stream.push_back(false);
    }
    void align_if_padded(std::vector<bool>& stream) const {
        if (format_.packing == Packing::Padded) align(stream);
    }
    static bool begins(std::uint32_t per_weights, std::uint64_t k) {
        return per_weights == 0 ? k == 0 : k % per_weights == 0;
    }

    void write_metadata(std::vector<bool>& stream, std::uint64_t k) const {
        for (const MetadataLevel& level : format_.scales) {
            if (begins(level.per_weights, k)) write(stream, level.bits);
        }
        if (begins(format_.group_size, k)) write(stream, format_.zero_point_bits);
    }

    void write_codes(std::vector<bool>& stream, std::uint64_t weights) const {
        std::uint64_t largest_symbol = 0;
        for (std::uint64_t i = 0; i < weights; ++i) {
            if (format_.code.radix_levels.empty()) {
                write(stream, format_.code.field_bits[i]);
            } else {
                largest_symbol = (largest_symbol + 1) * format_.code.radix_levels[i] - 1;
            }
        }
        for (; largest_symbol > 0; largest_symbol /= 2) stream.push_back(true);
    }

    const NumberFormat& format_;
    std::uint64_t k_begin_;
    std::uint64_t rows_;
    std::uint64_t symbol_;
};

/// The whole range from the first case on: rapidcheck would start with the smallest values.
std::uint32_t pick(std::uint32_t begin, std::uint32_t end) {
    return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(begin, end));
}

std::vector<std::uint32_t> picks(std::size_t count, std::uint32_t begin, std::uint32_t end) {
    std::vector<std::uint32_t> values(count);
    for (std::uint32_t& value : values) value = pick(begin, end);
    return values;
}

/// Up to three levels, each covering a whole multiple of the one before; the last may be the
/// column's.
void pick_scales(NumberFormat& format) {
    const std::uint32_t levels = pick(0, 4);
    std::uint32_t per_weights = pick(1, 50);
    for (std::uint32_t i = 0; i < levels; ++i) {
        if (pick(0, 4) == 0) per_weights = 0;
        if (i == 0) format.group_size = per_weights;
        format.scales.push_back({per_weights, pick(1, 33)});
        if (per_weights == 0) break;
        per_weights *= pick(2, 6);
    }
    if (levels > 0) format.zero_point_bits = pick(0, 17);
}

NumberFormat random_format() {
    const bool by_fields = pick(0, 2) == 0;
    const std::size_t symbol = pick(1, 5);
    NumberFormat format = by_fields ? fields(picks(symbol, 1, 17)) : radix(picks(symbol, 2, 17));
    format.operand_bytes = 2;
    format.packing = pick(0, 2) == 0 ? Packing::Dense : Packing::Padded;
    format.layout = pick(0, 2) == 0 ? MetadataLayout::Inline : MetadataLayout::Separate;
    pick_scales(format);
    return format;
}

RC_GTEST_PROP(NumberFormatProperty, FootprintIsTheSumOverAllTiles, ()) {
    const NumberFormat format = random_format();
    RC_ASSERT(problems(format).empty());
    const std::uint64_t k = pick(0, 300);
    const std::uint64_t n = pick(0, 20);
    const std::uint32_t tile_rows = pick(1, 100);

    std::uint64_t bytes = 0;
    std::uint64_t metadata_bits = 0;
    for (std::uint64_t column = 0; column < n; ++column) {
        for (std::uint64_t begin = 0; begin < k; begin += tile_rows) {
            const auto rows =
                static_cast<std::uint32_t>(std::min<std::uint64_t>(tile_rows, k - begin));
            const NaiveColumn naive(format, begin, rows);
            bytes += naive.header_bytes() + naive.bytes_of_first(rows);
            metadata_bits += naive.metadata_bits();
        }
    }
    const MatrixFootprint result = footprint(format, k, n, tile_rows);
    RC_ASSERT(result.weights == Weights(k * n));
    RC_ASSERT(result.total.count() == bytes);
    RC_ASSERT(result.metadata_bits == metadata_bits);
}

RC_GTEST_PROP(NumberFormatProperty, PrefixesHoldWhatTheirWeightsNeed, ()) {
    const NumberFormat format = random_format();
    const std::uint64_t k_begin = pick(0, 1000);
    const std::uint32_t rows = pick(1, 100);
    const isa::TileLayout layout = tile_layout(format, k_begin, rows);
    const NaiveColumn naive(format, k_begin, rows);

    RC_ASSERT(layout.rows == rows);
    RC_ASSERT(layout.prefix_bytes.size() == std::size_t{rows} + 1);
    RC_ASSERT(std::is_sorted(layout.prefix_bytes.begin(), layout.prefix_bytes.end()));
    for (std::uint32_t weights = 0; weights <= rows; ++weights) {
        RC_ASSERT(layout.prefix_bytes[weights] == naive.bytes_of_first(weights));
    }
    RC_ASSERT(Bytes(layout.prefix_bytes.back()) == layout.column_bytes);
    RC_ASSERT(layout.header_bytes(1) == Bytes(naive.header_bytes()));
}

RC_GTEST_PROP(NumberFormatProperty, CuttingColumnsDoesNotMatter, ()) {
    const NumberFormat format = random_format();
    const isa::TileLayout layout = tile_layout(format, pick(0, 100), pick(1, 100));
    const std::uint64_t left = pick(0, 50);
    const std::uint64_t right = pick(0, 50);
    RC_ASSERT(layout.tile_bytes(left) + layout.tile_bytes(right) ==
              layout.tile_bytes(left + right));
}

RC_GTEST_PROP(NumberFormatProperty, GroupsTouchedAreTheDifferentGroupsOfTheRows, ()) {
    NumberFormat format = scaled(fields({4}), pick(1, 50), 16);
    const std::uint64_t k_begin = pick(0, 1000);
    const std::uint32_t rows = pick(1, 100);
    std::uint32_t different = 1;
    for (std::uint64_t k = k_begin + 1; k < k_begin + rows; ++k) {
        if (k / format.group_size != (k - 1) / format.group_size) ++different;
    }
    RC_ASSERT(groups_touched(format, k_begin, rows) == different);
}

// --- Codes

TEST(CodePattern, CountsTheBitsOfShortSymbols) {
    const CodePattern pair = fields({4, 3}).code;
    EXPECT_EQ(pair.weights_per_symbol(), 2u);
    EXPECT_EQ(pair.symbol_bits(0), 0u);
    EXPECT_EQ(pair.symbol_bits(1), 4u);
    EXPECT_EQ(pair.symbol_bits(2), 7u);
}

TEST(CodePattern, CountsTheBitsOfRadixSymbols) {
    const CodePattern pair = radix({11, 11}).code;
    EXPECT_EQ(pair.weights_per_symbol(), 2u);
    EXPECT_EQ(pair.symbol_bits(0), 0u);
    EXPECT_EQ(pair.symbol_bits(1), 4u);  // 11 <= 16
    EXPECT_EQ(pair.symbol_bits(2), 7u);  // 121 <= 128
    EXPECT_EQ(radix({16, 16}).code.symbol_bits(2), 8u);
    EXPECT_EQ(radix({256, 256}).code.symbol_bits(2), 16u);
}

// --- Effective bits, by hand

struct EffectiveBits {
    const char* name;
    NumberFormat format;
    double bits;
};

class EffectiveBitsOfFormats : public testing::TestWithParam<EffectiveBits> {};

/// K = 8192 in tiles of 320 rows (25 and one of 192), as on the published chip; N is odd and prime.
TEST_P(EffectiveBitsOfFormats, AreCodesPlusMetadata) {
    EXPECT_EQ(effective_bits(footprint(GetParam().format, 8192, 1009, 320)), GetParam().bits);
}

INSTANTIATE_TEST_SUITE_P(
    All, EffectiveBitsOfFormats,
    testing::Values(
        EffectiveBits{"fp16", fp16(), 16.0},
        // One 16-bit scale per column: 16 / 8192 = 1 / 512.
        EffectiveBits{"int8", scaled(fields({8}), 0, 16), 8.0 + 1.0 / 512},
        EffectiveBits{"int4_col", scaled(fields({4}), 0, 16), 4.0 + 1.0 / 512},
        // Scale and zero point per column: 32 / 8192 = 1 / 256 = 0.00390625.
        EffectiveBits{"int4_col_asym", scaled(fields({4}), 0, 16, 16), 4.00390625},
        EffectiveBits{"int4_g64", scaled(fields({4}), 64, 16), 4.25},            // 4 + 16/64
        EffectiveBits{"int4_g64_asym", scaled(fields({4}), 64, 16, 16), 4.5},    // 4 + 32/64
        EffectiveBits{"int4_g128", scaled(fields({4}), 128, 16), 4.125},         // 4 + 16/128
        EffectiveBits{"int3_g64", scaled(fields({3}), 64, 16), 3.25},            // 3 + 16/64
        EffectiveBits{"w3p5_g64", scaled(fields({4, 3}), 64, 16, 16), 4.0},      // 7/2 + 32/64
        EffectiveBits{"w3p5_g64_z8", scaled(fields({4, 3}), 64, 16, 8), 3.875},  // 7/2 + 24/64
        EffectiveBits{"w3p5_g64_padded", padded(scaled(fields({4, 3}), 64, 16, 16)),
                      4.5},                                                     // 8/2 + 32/64
        EffectiveBits{"w3p5_g128", scaled(fields({4, 3}), 128, 16, 16), 3.75},  // 7/2 + 32/128
        EffectiveBits{"w3p5_r11_g64", scaled(radix({11, 11}), 64, 16, 16), 4.0},
        EffectiveBits{"w3p25_g64", scaled(fields({4, 3, 3, 3}), 64, 16), 3.5},  // 13/4 + 16/64
        EffectiveBits{"w3p75_g64", scaled(fields({4, 4, 4, 3}), 64, 16), 4.0},  // 15/4 + 16/64
        EffectiveBits{"mxfp4", scaled(fields({4}), 32, 8), 4.25},               // 4 + 8/32
        EffectiveBits{"nvfp4", scaled(fields({4}), 16, 8), 4.5},                // 4 + 8/16
        EffectiveBits{"q3_k_like", q3_k_like(), 3.4375},                        // 3 + 6/16 + 16/256
        EffectiveBits{"int4_g64_separate", separate(scaled(fields({4}), 64, 16)), 4.25}),
    [](const auto& instance) { return std::string(instance.param.name); });

TEST(Footprint, SplitsOffTheMetadata) {
    const MatrixFootprint result = footprint(scaled(fields({4}), 64, 16), 8192, 10, 320);
    EXPECT_EQ(result.weights, Weights(81'920));
    EXPECT_EQ(result.metadata_bits, 128u * 16 * 10);  // 8192 / 64 groups per column
    EXPECT_EQ(result.total, Bytes(81'920u / 2 + 128u * 2 * 10));
}

TEST(Footprint, CountsAGroupThatStraddlesTilesOnce) {
    // Groups of 128 begin at 0, 128, ..., 8064: 64 of them, wherever tiles of 320 rows cut.
    EXPECT_EQ(footprint(scaled(fields({4}), 128, 16), 8192, 1, 320).metadata_bits, 64u * 16);
}

TEST(Footprint, AcceptsAnyShape) {
    const NumberFormat format = scaled(fields({4, 3}), 64, 16, 16);
    // A single weight: scale, zero point, one 4-bit field; 36 bits.
    EXPECT_EQ(footprint(format, 1, 1, 320).total, Bytes(5));
    // 7 weights, a group larger than K: 32 + 3 * 7 + 4 = 57 bits.
    EXPECT_EQ(footprint(format, 7, 1, 320).total, Bytes(8));
    EXPECT_EQ(footprint(format, 7, 13, 320).total, Bytes(8u * 13));
    // Tiles of one row: symbols of one 4-bit weight, each in its own byte; metadata only with the
    // first.
    EXPECT_EQ(footprint(format, 7, 1, 1).total, Bytes(5 + 6));
    EXPECT_EQ(footprint(format, 0, 5, 320).total, Bytes(0));
    EXPECT_EQ(footprint(format, 5, 0, 320).total, Bytes(0));
}

TEST(Footprint, RefusesTilesWithoutRows) {
    EXPECT_THROW(footprint(fields({4}), 8, 8, 0), std::invalid_argument);
}

// --- Tiles

TEST(TileLayout, StepsByWholeSymbols) {
    const isa::TileLayout layout = tile_layout(fields({4, 3}), 0, 5);
    // Symbols end at bits 7, 14 and 18: the short last one stores 4 bits.
    EXPECT_THAT(layout.prefix_bytes, ElementsAre(0, 1, 1, 2, 2, 3));
    EXPECT_EQ(layout.column_bytes, Bytes(3));
    EXPECT_EQ(layout.header_bits_per_column, 0u);
}

TEST(TileLayout, PutsInlineMetadataBeforeItsGroup) {
    // Scale 8 bits, codes 4 bits: scale at bits 0 and 16, codes at 8, 12, 24 and 28.
    const isa::TileLayout layout = tile_layout(scaled(fields({4}), 2, 8), 0, 4);
    EXPECT_THAT(layout.prefix_bytes, ElementsAre(0, 2, 2, 4, 4));
}

TEST(TileLayout, PutsInlineMetadataBeforeTheSymbolThatItsGroupBeginsIn) {
    // Groups begin at 0, 3: the second in the middle of symbol [2, 3], so its scale stands before
    // it. Bits: scale 8, symbol 7 -> 15, scale 8, symbol 7 -> 30.
    const isa::TileLayout layout = tile_layout(scaled(fields({4, 3}), 3, 8), 0, 4);
    EXPECT_THAT(layout.prefix_bytes, ElementsAre(0, 2, 2, 4, 4));
}

TEST(TileLayout, PaddedSymbolsStartOnAByte) {
    // 6-bit scale and 2 padding bits, then one byte for each symbol of 7 bits and one for the
    // last 4.
    const isa::TileLayout layout = tile_layout(padded(scaled(fields({4, 3}), 64, 6)), 0, 5);
    EXPECT_THAT(layout.prefix_bytes, ElementsAre(0, 2, 2, 3, 3, 4));
}

TEST(TileLayout, SeparateMetadataLiesInTheHeader) {
    // Three groups of 6 bits, rounded up to whole bytes; the codes as without metadata.
    const isa::TileLayout layout = tile_layout(separate(scaled(fields({4}), 2, 6)), 0, 6);
    EXPECT_THAT(layout.prefix_bytes, ElementsAre(0, 1, 1, 2, 2, 3, 3));
    EXPECT_EQ(layout.header_bits_per_column, 24u);
    EXPECT_EQ(layout.tile_bytes(5), Bytes(5u * (3 + 3)));
    EXPECT_EQ(layout.bytes_for(1, 5), Bytes(15 + 1));
}

TEST(TileLayout, StoresColumnMetadataInTheFirstTileOnly) {
    const NumberFormat format = scaled(fields({4}), 0, 16);
    EXPECT_EQ(tile_layout(format, 0, 320).column_bytes, Bytes(162));
    EXPECT_EQ(tile_layout(format, 320, 320).column_bytes, Bytes(160));
}

TEST(TileLayout, StoresTheMetadataOfGroupsThatBeginInTheTile) {
    const NumberFormat format = scaled(fields({4}), 128, 16);
    // Groups begin at 0, 128, 256 | 384, 512 | 640, 768, 896.
    EXPECT_EQ(tile_layout(format, 0, 320).column_bytes, Bytes(160 + 3 * 2));
    EXPECT_EQ(tile_layout(format, 320, 320).column_bytes, Bytes(160 + 2 * 2));
    EXPECT_EQ(tile_layout(format, 640, 320).column_bytes, Bytes(160 + 3 * 2));
}

TEST(GroupsTouched, CountsAStraddlingGroupInBothTiles) {
    const NumberFormat g128 = scaled(fields({4}), 128, 16);
    EXPECT_EQ(groups_touched(g128, 0, 320), 3u);    // groups 0, 1, 2
    EXPECT_EQ(groups_touched(g128, 320, 320), 3u);  // groups 2, 3, 4
    EXPECT_EQ(groups_touched(g128, 640, 320), 3u);  // groups 5, 6, 7
    const NumberFormat g64 = scaled(fields({4}), 64, 16);
    EXPECT_EQ(groups_touched(g64, 320, 320), 5u);
    EXPECT_EQ(groups_touched(g64, 320, 1), 1u);
    EXPECT_EQ(groups_touched(scaled(fields({4}), 1024, 16), 640, 320), 1u);
}

TEST(GroupsTouched, IsOneForAWholeColumn) {
    EXPECT_EQ(groups_touched(scaled(fields({4}), 0, 16), 320, 320), 1u);
    EXPECT_EQ(groups_touched(fp16(), 0, 320), 1u);
}

}  // namespace
}  // namespace lpusim
