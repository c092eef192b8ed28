// The unpack unit's obligation, exhausted (model.md, section 2): all 128 codes of a 7-bit pair,
// each bit offset of a pair inside a stream beat, each group boundary.

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "hw_models/numerics/packing.h"
#include "tests/numerics/formats.h"
#include "tests/numerics/packing_support.h"

namespace lpusim {
namespace {

/// Of a pair's seven bits, written down without the decoder: the INT8 operands, or nothing.
using Pair = std::optional<std::pair<int, int>>;

Pair four_plus_three(std::uint32_t symbol) {
    const int high = static_cast<int>(symbol & 15U);
    const int low = static_cast<int>(symbol >> 4U);
    return {{8 * high - high, 16 * low - low}};
}

Pair eleven_by_eleven(std::uint32_t symbol) {
    if (symbol >= 121) return std::nullopt;
    return {{static_cast<int>(symbol % 11), static_cast<int>(symbol / 11)}};
}

/// Symbols at the bits given, in a matrix of one column.
class PairColumn {
public:
    PairColumn(const NumberFormat& format, std::uint32_t rows)
        : packer_(format, uniform_tiling(rows, 1, rows, 1)), rows_(rows), bytes_(packer_.bytes()) {}

    std::uint32_t pairs() const { return rows_ / 2; }

    void write(std::uint64_t bit, std::uint32_t symbol) {
        for (std::uint32_t i = 0; i < 7; ++i) set_bit(bytes_, bit + i, symbol >> i & 1);
    }
    std::vector<std::int8_t> operands() const {
        std::vector<std::int8_t> operands(rows_);
        std::vector<std::uint32_t> metadata(packer_.metadata().size());
        packer_.unpack_int8(packer_.strip(0), 0, {bytes_.data(), bytes_.size()}, operands.data(),
                            metadata.data());
        return operands;
    }

private:
    MatrixPacker packer_;
    std::uint32_t rows_;
    Bytestring bytes_;
};

/// Where pair i lies: 7 bits per pair, and the metadata of the groups that begin in it or before
/// it.
std::uint64_t bit_of_pair(std::uint64_t i, std::uint64_t group, std::uint64_t metadata_bits) {
    const std::uint64_t begun = group == 0 ? 1 : (2 * i + 1) / group + 1;
    return 7 * i + begun * metadata_bits;
}

NumberFormat pair_format(bool radix_code, std::uint32_t group, std::uint32_t scale_bits) {
    NumberFormat format = radix_code ? radix({11, 11}) : fields({4, 3});
    format.group_size = group;
    format.scales = {{group, scale_bits, MetadataKind::Integer}};
    format.tensor_scale = true;
    format.zero_point_bits = 8;
    return format;
}

/// All codes at each pair of a column, as many columns as codes: pair i of column c holds code (i +
/// c) mod 128. A code without meaning is replaced by 0 here and looked at below.
void expect_all_codes(const NumberFormat& format, std::uint32_t rows,
                      Pair (*meaning)(std::uint32_t)) {
    const std::uint64_t metadata_bits = format.scales[0].bits + format.zero_point_bits;
    for (std::uint32_t c = 0; c < 128; ++c) {
        PairColumn column(format, rows);
        const auto symbol = [&](std::uint32_t i) {
            const std::uint32_t code = (i + c) % 128;
            return meaning(code) ? code : 0;
        };
        for (std::uint32_t i = 0; i < column.pairs(); ++i) {
            column.write(bit_of_pair(i, format.group_size, metadata_bits), symbol(i));
        }
        const std::vector<std::int8_t> operands = column.operands();
        for (std::uint32_t i = 0; i < column.pairs(); ++i) {
            ASSERT_EQ(operands[2 * i], meaning(symbol(i))->first)
                << "column " << c << " pair " << i;
            ASSERT_EQ(operands[2 * i + 1], meaning(symbol(i))->second)
                << "column " << c << " pair " << i;
        }
    }
}

/// 7 and the bits of a beat of 64 bytes have no common factor: 512 pairs lie at each of its 512 bit
/// offsets.
constexpr std::uint32_t kBeatBits = 512;
constexpr std::uint32_t kRows = 2 * kBeatBits;

TEST(ExhaustiveUnpack, PairsLieAtEachBitOffsetOfABeat) {
    std::vector<bool> seen(kBeatBits, false);
    for (std::uint64_t i = 0; i < kBeatBits; ++i) seen[bit_of_pair(i, 0, 24) % kBeatBits] = true;
    EXPECT_EQ(std::count(seen.begin(), seen.end(), true), kBeatBits);
}

TEST(ExhaustiveUnpack, AllCodesAtEachBitOffsetOfABeat) {
    expect_all_codes(pair_format(false, 0, 16), kRows, four_plus_three);
    expect_all_codes(pair_format(true, 0, 16), kRows, eleven_by_eleven);
}

/// Group sizes 1 ... 17 put a boundary behind each pair, inside each pair, and in every distance;
/// scales of 1 ... 8 bits move what follows to each bit of a byte.
TEST(ExhaustiveUnpack, AllCodesAtEachGroupBoundary) {
    for (std::uint32_t group = 1; group <= 17; ++group) {
        for (std::uint32_t scale_bits = 1; scale_bits <= 8; ++scale_bits) {
            expect_all_codes(pair_format(false, group, scale_bits), 68, four_plus_three);
            expect_all_codes(pair_format(true, group, scale_bits), 68, eleven_by_eleven);
            if (HasFatalFailure()) return;
        }
    }
}

TEST(ExhaustiveUnpack, CodesWithoutMeaningAreRefusedAtEachBitOffsetOfABeat) {
    const NumberFormat format = pair_format(true, 0, 16);
    for (std::uint32_t code = 121; code < 128; ++code) {
        for (std::uint32_t i = 0; i < kBeatBits; ++i) {
            PairColumn column(format, kRows);
            column.write(bit_of_pair(i, 0, 24), code);
            ASSERT_THROW(column.operands(), PackedDataError) << "code " << code << " pair " << i;
        }
    }
}

}  // namespace
}  // namespace lpusim
