#include "sim/compiler/tiling.h"

#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sim/compiler/compiler.h"
#include "tests/support/compile_cases.h"

namespace lpusim {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

MacArrayParams array_of(std::uint32_t rows, std::uint32_t tap_rows) {
    MacArrayParams array = large_chip().mac_array;
    array.rows = rows;
    array.tap_rows = tap_rows;
    return array;
}

NumberFormat int4(std::uint32_t group) { return integer_format("int4", {4}, group); }

std::vector<std::uint32_t> rows_of(const Tiling& tiling) {
    std::vector<std::uint32_t> rows;
    for (const KTile& tile : tiling.k_tiles) rows.push_back(tile.rows);
    return rows;
}

std::vector<std::uint32_t> rescales_of(const Tiling& tiling) {
    std::vector<std::uint32_t> rescales;
    for (const KTile& tile : tiling.k_tiles) rescales.push_back(tile.rescales);
    return rescales;
}

Tiling tile(const MatMul& matmul, const MacArrayParams& array, const NumberFormat& format) {
    LayoutTable layouts(format);
    return tile_weights("q_proj", matmul, array, layouts);
}

TEST(Tiling, CutsAlongKByRowsAndAlongNByAllPlanes) {
    const Tiling tiling = tile({1000, 3000, 1}, array_of(320, 64), int4(0));
    EXPECT_THAT(rows_of(tiling), ElementsAre(320, 320, 320, 40));
    EXPECT_EQ(tiling.strips, 3u);
    EXPECT_EQ(tiling.strip_columns, 1280u);
    EXPECT_EQ(tiling.last_columns, 3000u - 2 * 1280);
    EXPECT_EQ(tiling.tiles(), 12u);
}

TEST(Tiling, AMatrixSmallerThanTheArrayIsOneTile) {
    const Tiling tiling = tile({5, 7, 1}, array_of(320, 64), int4(0));
    EXPECT_THAT(rows_of(tiling), ElementsAre(5));
    EXPECT_EQ(tiling.strips, 1u);
    EXPECT_EQ(tiling.strip_columns, 7u);
    EXPECT_EQ(tiling.last_columns, 7u);
}

TEST(Tiling, ColumnScalesAreAppliedOnceAtTheEnd) {
    EXPECT_THAT(rescales_of(tile({1000, 8, 1}, array_of(320, 64), int4(0))),
                ElementsAre(0, 0, 0, 1));
    EXPECT_THAT(rescales_of(tile({1000, 8, 1}, array_of(320, 64), fp16_format())),
                ElementsAre(0, 0, 0, 1));
}

// Rows 320, g = 128: [0,320) touches groups 0 1 2, [320,640) groups 2 3 4, [640,960) groups 5 6 7.
TEST(Tiling, AGroupMayStraddleTilesAndIsRescaledInBoth) {
    const Tiling tiling = tile({1000, 8, 1}, array_of(320, 64), int4(128));
    EXPECT_THAT(rows_of(tiling), ElementsAre(320, 320, 320, 40));
    EXPECT_THAT(rescales_of(tiling), ElementsAre(3, 3, 3, 1));
    // Groups that begin inside: three, two, three, none.
    EXPECT_THAT(tiling.kinds, ElementsAre(0, 1, 0, 2));
}

TEST(Tiling, TheFirstTileHoldsTheColumnsMetadata) {
    const Tiling tiling = tile({1280, 8, 1}, array_of(320, 64), int4(0));
    EXPECT_THAT(tiling.kinds, ElementsAre(0, 1, 1, 2));
    EXPECT_NE(tiling.k_tiles[0].layout, tiling.k_tiles[1].layout);
    EXPECT_EQ(tiling.k_tiles[2].layout, tiling.k_tiles[3].layout);
}

TEST(Tiling, WithoutTapsATileIsAtMostOneGroup) {
    const Tiling tiling = tile({300, 8, 1}, array_of(320, 0), int4(128));
    EXPECT_THAT(rows_of(tiling), ElementsAre(128, 128, 44));
    EXPECT_THAT(rescales_of(tiling), ElementsAre(1, 1, 1));
    EXPECT_THAT(cut_along_k(array_of(320, 0), int4(128)).note, IsEmpty());
}

TEST(Tiling, WithoutTapsAGroupLongerThanTheArrayIsCutAtItsEndToo) {
    const Tiling tiling = tile({1300, 8, 1}, array_of(320, 0), int4(500));
    EXPECT_THAT(rows_of(tiling), ElementsAre(320, 180, 320, 180, 300));
    EXPECT_THAT(rescales_of(tiling), ElementsAre(1, 1, 1, 1, 1));
}

TEST(Tiling, GroupsThatDoNotEndAtATapAreNoted) {
    const KCut cut = cut_along_k(array_of(320, 32), int4(48));
    EXPECT_THAT(rows_along_k(100, cut), ElementsAre(48, 48, 4));
    EXPECT_EQ(cut.note, "groups of 48 do not end at a tap of 32 rows: K tiles hold one group");
}

TEST(Tiling, TilesAreWholeTapsSoThatEveryGroupEndsAtOne) {
    const KCut cut = cut_along_k(array_of(320, 128), int4(128));
    EXPECT_THAT(rows_along_k(600, cut), ElementsAre(256, 256, 88));
    EXPECT_THAT(cut.note, HasSubstr("256 of the 320 rows"));
    EXPECT_THAT(cut_along_k(array_of(320, 128), int4(0)).note, IsEmpty());
}

TEST(Tiling, TheCacheHasNoGroups) {
    const Tiling tiling =
        tile_cache("attn_v", {700, 128, 8, Stationary::Value, 1}, array_of(320, 64));
    EXPECT_THAT(rows_of(tiling), ElementsAre(320, 320, 60));
    EXPECT_THAT(rescales_of(tiling), ElementsAre(0, 0, 1));
    EXPECT_EQ(tiling.strips, 1u);
}

TEST(Tiling, TooManyVectorsForTheAccumulators) {
    MacArrayParams array = array_of(320, 64);
    array.accumulator_vectors = 4;
    try {
        tile({1000, 8, 5}, array, int4(0));
        FAIL() << "no error";
    } catch (const CompileError& error) {
        EXPECT_THAT(error.what(),
                    AllOf(HasSubstr("q_proj: 5 activation vectors"), HasSubstr("hold 4")));
    }
}

// 24 bits end at 8,388,607 = 520 products of 127 x 127 and a rest.
TEST(Tiling, AccumulatorsMustHoldTheLargestSum) {
    MacArrayParams array = array_of(320, 64);
    array.accumulator_bits = 24;
    EXPECT_NO_THROW(tile({520, 8, 1}, array, int4(0)));
    try {
        tile({521, 8, 1}, array, int4(0));
        FAIL() << "no error";
    } catch (const CompileError& error) {
        EXPECT_THAT(error.what(), AllOf(HasSubstr("521 products"), HasSubstr("8403209"),
                                        HasSubstr("24 bits"), HasSubstr("8388607")));
    }
    // A group leaves the accumulators tile by tile, and FP16 sums are no integers.
    EXPECT_NO_THROW(tile({8192, 8, 1}, array, int4(128)));
    MatMul fp16{8192, 8, 1};
    fp16.operand_bytes = 2;
    EXPECT_NO_THROW(tile(fp16, array, fp16_format()));
}

TEST(LayoutTable, KeepsOnlyDifferentLayouts) {
    LayoutTable layouts(int4(128));
    EXPECT_EQ(layouts.index_of(0, 320), layouts.index_of(640, 320));
    EXPECT_NE(layouts.index_of(0, 320), layouts.index_of(320, 320));
    EXPECT_EQ(layouts.layouts().size(), 2u);
}

RC_GTEST_PROP(Tiling, CoversTheMatrixOnceAndAsTheFormatSays, ()) {
    const CompileCase it = arbitrary_case();
    const MacArrayParams& array = it.chip.mac_array;
    const MatMul matmul{*rc::gen::inRange<std::uint64_t>(1, 300),
                        *rc::gen::inRange<std::uint64_t>(1, 90), 1, Stationary::Weight,
                        it.format.operand_bytes};
    LayoutTable layouts(it.format);
    const Tiling tiling = tile_weights("any", matmul, array, layouts);

    std::uint64_t begin = 0;
    for (const KTile& tile : tiling.k_tiles) {
        RC_ASSERT(tile.rows >= 1u);
        RC_ASSERT(tile.rows <= array.rows);
        const isa::TileLayout& layout = layouts.layouts()[tile.layout];
        const isa::TileLayout expected = tile_layout(it.format, begin, tile.rows);
        RC_ASSERT(layout.prefix_bytes == expected.prefix_bytes);
        RC_ASSERT(layout.header_bits_per_column == expected.header_bits_per_column);
        const std::uint32_t groups = groups_touched(it.format, begin, tile.rows);
        if (it.format.grouped()) RC_ASSERT(tile.rescales == groups);
        // More than one group: all that end inside, end at a tap.
        for (std::uint64_t end = 1; groups > 1 && end < tile.rows; ++end) {
            if ((begin + end) % it.format.group_size == 0) RC_ASSERT(end % array.tap_rows == 0);
        }
        begin += tile.rows;
    }
    RC_ASSERT(begin == matmul.k);
    RC_ASSERT((tiling.strips - 1) * tiling.strip_columns + tiling.last_columns == matmul.n);
    RC_ASSERT(tiling.last_columns <= tiling.strip_columns);
    RC_ASSERT(tiling.strip_columns <= array.tile_columns());
}

}  // namespace
}  // namespace lpusim
