#include "hw_models/numerics/packing.h"

#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "hw_models/numerics/group_scaling.h"
#include "tests/numerics/formats.h"
#include "tests/numerics/packing_support.h"

namespace lpusim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// The bytes of a matrix whose columns are given.
Bytestring pack(const MatrixPacker& packer, const std::vector<ColumnCodes>& columns) {
    Bytestring bytes(packer.bytes());
    for (std::uint64_t i = 0; i < packer.strips(); ++i) {
        const Strip strip = packer.strip(i);
        for (std::uint64_t column = 0; column < strip.columns; ++column) {
            packer.pack(strip, column, columns[strip.first_column + column],
                        bytes.data() + strip.offset);
        }
    }
    return bytes;
}

std::vector<ColumnCodes> unpack(const MatrixPacker& packer, const Bytestring& bytes) {
    std::vector<ColumnCodes> columns(packer.tiling().n, packer.blank_column());
    for (std::uint64_t i = 0; i < packer.strips(); ++i) {
        const Strip strip = packer.strip(i);
        for (std::uint64_t column = 0; column < strip.columns; ++column) {
            packer.unpack(strip, column, {bytes.data() + strip.offset, strip.bytes},
                          columns[strip.first_column + column]);
        }
    }
    return columns;
}

ColumnCodes column_of(std::vector<std::uint16_t> codes, std::vector<std::uint32_t> metadata) {
    return {std::move(codes), std::move(metadata)};
}

Bytestring pack_column(const NumberFormat& format, std::uint32_t tile_rows,
                       const ColumnCodes& column) {
    const MatrixPacker packer(format, uniform_tiling(column.codes.size(), 1, tile_rows, 1));
    return pack(packer, {column});
}

// --- Golden vectors: written by hand from docs/formats.md.

TEST(PackedBytes, OfInt4) {
    // Low nibble first; the scale, 0x3c00, little-endian before its group.
    EXPECT_THAT(pack_column(scaled(fields({4}), 2, 16), 320,
                            column_of({0x1, 0xf, 0x7, 0x9, 0x3}, {0x3c00, 0x4000, 0x4200})),
                ElementsAre(0x00, 0x3c, 0xf1, 0x00, 0x40, 0x97, 0x00, 0x42, 0x03));
}

TEST(PackedBytes, OfSevenBitPairs) {
    // Stream, first bit right: 011 1010 | 101 0001 | 111 1111 | 1001 (last weight alone: 4 bits).
    //   pairs (10, 3), (1, 5), (15, 7) are 0x3a, 0x51, 0x7f; then 9.
    //   25 bits: 0x3a | 0x51 << 7 | 0x7f << 14 | 9 << 21 = 0x013fe8ba.
    EXPECT_THAT(pack_column(scaled(fields({4, 3}), 0, 16, 16), 320,
                            column_of({10, 3, 1, 5, 15, 7, 9}, {0x3c00, 0x4880})),
                ElementsAre(0x00, 0x3c, 0x80, 0x48, 0xba, 0xe8, 0x3f, 0x01));
}

TEST(PackedBytes, OfTheExampleInTheDocumentation) {
    const NumberFormat format = scaled(fields({4, 3}), 4, 16, 8);
    const ColumnCodes column = column_of({10, 3, 1, 5, 15, 7, 9}, {0x3c00, 0x4000, 0x28, 0x34});
    EXPECT_THAT(pack_column(format, 320, column),
                ElementsAre(0x00, 0x3c, 0x28, 0xba, 0x28, 0x00, 0x10, 0xcd, 0x3f, 0x01));
    const GroupScaling scaling(format, WeightCodes(format));
    const MetadataMap map(format, 7);
    const GroupFactors first = scaling.factors(map, column.metadata.data(), 0);
    EXPECT_EQ(first.scale * (15 * 3 - first.zero), 5.0F);
    const GroupFactors second = scaling.factors(map, column.metadata.data(), 1);
    EXPECT_EQ(second.scale * (7 * 15 - second.zero), 106.0F);
}

TEST(PackedBytes, OfPaddedPairs) {
    EXPECT_THAT(pack_column(padded(scaled(fields({4, 3}), 4, 16, 7)), 320,
                            column_of({10, 3, 1, 5, 15}, {0x3c00, 0x4000, 0x2a, 0x15})),
                ElementsAre(0x00, 0x3c, 0x2a, 0x3a, 0x51, 0x00, 0x40, 0x15, 0x0f));
}

TEST(PackedBytes, OfRadixPairs) {
    // 7 + 11 * 10 = 117; 0 + 11 * 1 = 11; last weight alone: 4 bits. 117 | 11 << 7 | 10 << 14.
    EXPECT_THAT(
        pack_column(scaled(radix({11, 11}), 0, 16), 320, column_of({7, 10, 0, 1, 10}, {0x3c00})),
        ElementsAre(0x00, 0x3c, 0xf5, 0x85, 0x02));
}

TEST(PackedBytes, OfSuperScales) {
    // Two levels: FP16 per 4, six bits per 2. The outer scale first: 0x4000, 0x21; then 5, 2; then
    // 0x3f; ...
    NumberFormat format = scaled(fields({3}), 2, 6);
    format.scales.push_back({4, 16});
    // Bits: 16 | 6 | 3 3 | 6 | 3 3 = 40, i.e. 0x4000 | 0x21 << 16 | 5 << 22 | 2 << 25 | 0x3f << 28
    // | 4
    // << 34 | 1 << 37.
    EXPECT_THAT(pack_column(format, 320, column_of({5, 2, 4, 1}, {0x21, 0x3f, 0x4000})),
                ElementsAre(0x00, 0x40, 0x61, 0xf5, 0x33));
}

TEST(PackedBytes, OfSixteenBits) {
    EXPECT_THAT(pack_column(fp16(), 320, column_of({0x3c00, 0xc000}, {})),
                ElementsAre(0x00, 0x3c, 0x00, 0xc0));
}

TEST(PackedBytes, OfAGroupThatBeginsInTheMiddleOfASymbol) {
    // Groups of 3, pairs: the second group begins at weight 3, in the pair (2, 3), so its scale
    // stands before that pair. 8 bits | pair | 8 bits | pair: 0xab | 0x3a << 8 | 0xcd << 15 | 0x51
    // << 23.
    NumberFormat format = scaled(fields({4, 3}), 3, 8);
    format.tensor_scale = true;
    EXPECT_THAT(pack_column(format, 320, column_of({10, 3, 1, 5}, {0xab, 0xcd})),
                ElementsAre(0xab, 0xba, 0xe6, 0x28));
}

TEST(PackedBytes, AreTileMajorInStrips) {
    // K = 3 in tiles of 2, N = 3 in strips of 2. Eight-bit codes 0xkn name their weight.
    const MatrixPacker packer(scaled(fields({8}), 0, 16), uniform_tiling(3, 3, 2, 2));
    std::vector<ColumnCodes> columns;
    for (std::uint16_t n = 0; n < 3; ++n) {
        const auto code = [n](int k) { return static_cast<std::uint16_t>(16 * k + n); };
        columns.push_back(column_of({code(0), code(1), code(2)}, {0xff00U + n}));
    }
    EXPECT_THAT(pack(packer, columns),
                ElementsAre(0x00, 0xff, 0x00, 0x10,  // strip 0, tile 0, column 0
                            0x01, 0xff, 0x01, 0x11,  // column 1
                            0x20, 0x21,              // tile 1
                            0x02, 0xff, 0x02, 0x12,  // strip 1
                            0x22));
}

TEST(PackedBytes, OfASeparateLayoutHaveAHeaderPerTile) {
    NumberFormat format = separate(scaled(fields({4}), 2, 6));
    format.tensor_scale = true;
    const MatrixPacker packer(format, uniform_tiling(6, 2, 4, 2));
    const std::vector<ColumnCodes> columns = {column_of({1, 2, 3, 4, 5, 6}, {0x01, 0x02, 0x03}),
                                              column_of({7, 8, 9, 10, 11, 12}, {0x3f, 0x00, 0x2a})};
    EXPECT_THAT(pack(packer, columns),
                ElementsAre(0x81, 0x00, 0x3f, 0x00,  // tile 0: two scales of 6 bits per column
                            0x21, 0x43, 0x87, 0xa9,  // its codes
                            0x03, 0x2a,              // tile 1: one scale per column
                            0x65, 0xcb));
}

// --- Properties

RC_GTEST_PROP(Packing, UnpackingGivesBackWhatWasPacked, ()) {
    const NumberFormat format = random_value_format();
    const std::uint64_t k = pick_size(400);
    const std::uint64_t n = pick_size(12);
    const MatrixPacker packer(
        format, uniform_tiling(k, n, static_cast<std::uint32_t>(pick_size(130)), pick_size(8)));
    const std::vector<ColumnCodes> columns = random_columns(packer);
    const Bytestring bytes = pack(packer, columns);
    const std::vector<ColumnCodes> back = unpack(packer, bytes);
    for (std::uint64_t i = 0; i < n; ++i) {
        RC_ASSERT(back[i].codes == columns[i].codes);
        RC_ASSERT(back[i].metadata == columns[i].metadata);
    }
}

RC_GTEST_PROP(Packing, BytesAreThoseOfTheBitByBitWriter, ()) {
    const NumberFormat format = random_value_format();
    const std::uint64_t k = pick_size(200);
    const std::uint64_t n = pick_size(6);
    const auto tile_rows = static_cast<std::uint32_t>(pick_size(70));
    const MatrixPacker packer(format, uniform_tiling(k, n, tile_rows, pick_size(4)));
    const std::vector<ColumnCodes> columns = random_columns(packer);
    const Bytestring bytes = pack(packer, columns);
    RC_ASSERT(bytes == naive_pack(format, packer.tiling(), columns));
    RC_ASSERT(Bytes(bytes.size()) == footprint(format, k, n, tile_rows).total);
}

RC_GTEST_PROP(Packing, OperandsAreWhatTheCodesMean, ()) {
    const NumberFormat format = random_value_format();
    RC_PRE(format.operand_bytes == 1);
    const std::uint64_t k = pick_size(400);
    const auto tile_rows = static_cast<std::uint32_t>(pick_size(130));
    const MatrixPacker packer(format, uniform_tiling(k, 2, tile_rows, 2));
    const std::vector<ColumnCodes> columns = random_columns(packer);
    const Bytestring bytes = pack(packer, columns);
    const Strip strip = packer.strip(0);
    for (std::uint64_t column = 0; column < 2; ++column) {
        // One operand more, to see that nothing is written past the column.
        std::vector<std::int8_t> operands(k + 1, 99);
        std::vector<std::uint32_t> metadata(packer.metadata().size());
        packer.unpack_int8(strip, column, {bytes.data(), bytes.size()}, operands.data(),
                           metadata.data());
        RC_ASSERT(operands[k] == 99);
        RC_ASSERT(metadata == columns[column].metadata);
        for (std::uint64_t i = 0; i < k; ++i) {
            const std::size_t place = i % tile_rows % packer.codes().places().size();
            RC_ASSERT(operands[i] == packer.codes().int8_operand(place, columns[column].codes[i]));
        }
    }
}

RC_GTEST_PROP(Packing, TilesLieAsTheirLayoutSays, ()) {
    const NumberFormat format = random_value_format();
    const std::uint64_t k = pick_size(300);
    const MatrixPacker packer(format,
                              uniform_tiling(k, 3, static_cast<std::uint32_t>(pick_size(100)), 3));
    for (const TileCodec& tile : packer.tiles()) {
        const isa::TileLayout layout = tile_layout(format, tile.k_begin(), tile.rows());
        RC_ASSERT(Bytes(tile.column_bytes()) == layout.column_bytes);
        RC_ASSERT(Bytes(tile.header_bytes()) == layout.header_bytes(1));
        RC_ASSERT(Bytes(tile.tile_bytes(7)) == layout.tile_bytes(7));
    }
}

RC_GTEST_PROP(Packing, AnyBytesUnpackOrAreRefused, ()) {
    const NumberFormat format = random_value_format();
    const std::uint64_t k = pick_size(150);
    const MatrixPacker packer(format,
                              uniform_tiling(k, 1, static_cast<std::uint32_t>(pick_size(60)), 1));
    Bytestring bytes(packer.bytes());
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(pick_size(256) - 1);
    ColumnCodes column = packer.blank_column();
    bool refused = false;
    try {
        packer.unpack(packer.strip(0), 0, {bytes.data(), bytes.size()}, column);
    } catch (const PackedDataError&) {
        refused = true;
    }
    RC_ASSERT(!refused || !format.code.radix_levels.empty());
    if (format.operand_bytes == 1) {
        std::vector<std::int8_t> operands(k);
        std::vector<std::uint32_t> metadata(packer.metadata().size());
        bool operands_refused = false;
        try {
            packer.unpack_int8(packer.strip(0), 0, {bytes.data(), bytes.size()}, operands.data(),
                               metadata.data());
        } catch (const PackedDataError&) {
            operands_refused = true;
        }
        RC_ASSERT(operands_refused == refused);
    }
}

// --- Shapes and errors

TEST(Packing, AcceptsAnyShape) {
    const NumberFormat format = scaled(fields({4, 3}), 64, 16, 16);
    for (const std::uint64_t k : {0U, 1U, 2U, 63U, 64U, 65U, 127U, 8191U}) {
        for (const std::uint64_t n : {0U, 1U, 13U}) {
            for (const std::uint32_t tile_rows : {1U, 7U, 320U}) {
                const MatrixPacker packer(format, uniform_tiling(k, n, tile_rows, 5));
                EXPECT_EQ(Bytes(packer.bytes()), footprint(format, k, n, tile_rows).total);
            }
        }
    }
}

TEST(Packing, RefusesTilingsThatDoNotAddUp) {
    const NumberFormat format = scaled(fields({4}), 64, 16);
    EXPECT_THROW(MatrixPacker(format, MatrixTiling{10, 1, {4, 4}, 1}), std::invalid_argument);
    EXPECT_THROW(MatrixPacker(format, MatrixTiling{4, 1, {4, 0}, 1}), std::invalid_argument);
    EXPECT_THROW(MatrixPacker(format, MatrixTiling{4, 1, {4}, 0}), std::invalid_argument);
    EXPECT_THROW(uniform_tiling(4, 1, 0, 1), std::invalid_argument);
    EXPECT_THROW(MatrixPacker(fields({4, 1}), uniform_tiling(4, 1, 4, 1)), std::invalid_argument);
}

TEST(Packing, RefusesCodesWiderThanTheirPlace) {
    const auto pack_codes = [](const NumberFormat& format, std::vector<std::uint16_t> codes,
                               std::uint32_t scale) {
        pack_column(format, 320, column_of(std::move(codes), {scale}));
    };
    EXPECT_THROW(pack_codes(scaled(fields({4, 3}), 0, 16), {15, 8}, 0), std::out_of_range);
    std::vector<std::uint16_t> many(1000, 7);
    many[900] = 16;
    EXPECT_THROW(pack_codes(scaled(fields({4}), 0, 16), many, 0), std::out_of_range);
    EXPECT_THROW(pack_codes(padded(scaled(fields({4, 3}), 0, 16)), {16, 0}, 0), std::out_of_range);
    EXPECT_THROW(pack_codes(scaled(radix({11, 11}), 0, 16), {0, 11}, 0), std::out_of_range);
    EXPECT_THROW(pack_codes(scaled(fields({4}), 0, 16), {0}, 0x10000), std::out_of_range);
}

TEST(Packing, RefusesBuffersOfAnotherSize) {
    const MatrixPacker packer(scaled(fields({4}), 64, 16), uniform_tiling(64, 1, 64, 1));
    ColumnCodes column = packer.blank_column();
    const Bytestring bytes(packer.bytes() - 1);
    EXPECT_THROW(packer.unpack(packer.strip(0), 0, {bytes.data(), bytes.size()}, column),
                 std::invalid_argument);
    column.codes.pop_back();
    Bytestring room(packer.bytes());
    EXPECT_THROW(packer.pack(packer.strip(0), 0, column, room.data()), std::invalid_argument);
}

TEST(Packing, NamesTheWeightOfASymbolWithoutMeaning) {
    const MatrixPacker packer(scaled(radix({11, 11}), 0, 16), uniform_tiling(400, 1, 320, 1));
    for (const std::uint64_t bad : {0U, 2U, 250U, 318U, 320U, 398U}) {
        for (std::uint32_t symbol = 121; symbol < 128; ++symbol) {
            std::vector<ColumnCodes> columns(1, packer.blank_column());
            Bytestring bytes = pack(packer, columns);
            const std::uint64_t tile_begin = bad < 320 ? 16 : 8 * packer.tiles()[0].tile_bytes(1);
            const std::uint64_t first = tile_begin + (bad < 320 ? bad : bad - 320) / 2 * 7;
            for (std::uint32_t i = 0; i < 7; ++i) set_bit(bytes, first + i, symbol >> i & 1);
            ColumnCodes column = packer.blank_column();
            std::vector<std::int8_t> operands(400);
            const auto expect_refusal = [bad](auto run) {
                try {
                    run();
                    ADD_FAILURE() << "not refused";
                } catch (const PackedDataError& error) {
                    EXPECT_THAT(error.what(),
                                HasSubstr("weight " + std::to_string(bad) +
                                          ": the symbol has no meaning (121 values have one)"));
                }
            };
            const ByteView view{bytes.data(), bytes.size()};
            expect_refusal([&] { packer.unpack(packer.strip(0), 0, view, column); });
            expect_refusal([&] {
                packer.unpack_int8(packer.strip(0), 0, view, operands.data(),
                                   column.metadata.data());
            });
        }
    }
}

}  // namespace
}  // namespace lpusim
