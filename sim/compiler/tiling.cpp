#include "sim/compiler/tiling.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "sim/compiler/compiler.h"

namespace lpusim {

namespace {

/// Largest magnitude of an INT8 operand; quantisers do not use -128.
constexpr std::uint64_t kMaxOperand = 127;

bool equal(const isa::TileLayout& a, const isa::TileLayout& b) {
    return a.rows == b.rows && a.column_bytes == b.column_bytes &&
           a.header_bits_per_column == b.header_bits_per_column && a.prefix_bytes == b.prefix_bytes;
}

/// `longest`: products that one accumulator adds up before its sum leaves.
void check_accumulators(const std::string& name, const MatMul& matmul, const MacArrayParams& array,
                        std::uint64_t longest) {
    if (matmul.m > array.accumulator_vectors) {
        throw CompileError(
            fmt::format("{}: {} activation vectors, but the accumulators hold {}; use a smaller "
                        "batch or raise array.accumulator_vectors",
                        name, matmul.m, array.accumulator_vectors));
    }
    // FP16 products are summed in floating point.
    if (matmul.operand_bytes != 1 || array.accumulator_bits >= 64) return;
    const std::uint64_t worst = longest * kMaxOperand * kMaxOperand;
    const std::uint64_t limit = (std::uint64_t{1} << (array.accumulator_bits - 1)) - 1;
    if (worst <= limit) return;
    throw CompileError(fmt::format(
        "{}: {} products of INT8 operands can add up to {}, but accumulators of {} bits "
        "end at {}",
        name, longest, worst, array.accumulator_bits, limit));
}

Tiling tile_columns(const MatMul& matmul, const MacArrayParams& array) {
    Tiling tiling;
    tiling.matmul = matmul;
    const std::uint64_t columns = std::min(array.tile_columns(), matmul.n);
    tiling.strips = ceil_div(matmul.n, columns);
    tiling.strip_columns = static_cast<std::uint32_t>(columns);
    tiling.last_columns = static_cast<std::uint32_t>(matmul.n - (tiling.strips - 1) * columns);
    return tiling;
}

/// Numbers equal tiles equally. The last one writes the results, so it is like no other.
void number_kinds(Tiling& tiling) {
    using Key = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, bool>;
    std::map<Key, std::uint32_t> kinds;
    for (const KTile& tile : tiling.k_tiles) {
        const bool last = &tile == &tiling.k_tiles.back();
        const Key key{tile.rows, tile.layout, tile.rescales, last};
        const auto next = static_cast<std::uint32_t>(kinds.size());
        tiling.kinds.push_back(kinds.emplace(key, next).first->second);
    }
}

}  // namespace

LayoutTable::LayoutTable(const NumberFormat& format) : format_(format) {
    const auto include = [this](std::uint32_t weights) {
        if (weights != 0) period_ = std::lcm(period_, std::uint64_t{weights});
    };
    include(format.group_size);
    for (const MetadataLevel& level : format.scales) include(level.per_weights);
}

std::uint32_t LayoutTable::index_of(std::uint64_t k_begin, std::uint32_t rows) {
    const std::tuple key{k_begin == 0, k_begin % period_, rows};
    const auto found = known_.find(key);
    if (found != known_.end()) return found->second;
    return known_[key] = add(tile_layout(format_, k_begin, rows));
}

std::uint32_t LayoutTable::add(isa::TileLayout layout) {
    const auto same =
        std::find_if(layouts_.begin(), layouts_.end(),
                     [&layout](const isa::TileLayout& it) { return equal(it, layout); });
    if (same != layouts_.end()) return static_cast<std::uint32_t>(same - layouts_.begin());
    layouts_.push_back(std::move(layout));
    return static_cast<std::uint32_t>(layouts_.size() - 1);
}

KCut cut_along_k(const MacArrayParams& array, const NumberFormat& format) {
    const std::uint32_t rows = array.rows;
    const std::uint32_t tap = array.tap_rows;
    const std::uint32_t group = format.group_size;
    if (!format.grouped()) return {rows, 0, ""};
    if (tap == 0 || tap > rows) return {rows, group, ""};
    if (group % tap != 0) {
        return {rows, group,
                fmt::format("groups of {} do not end at a tap of {} rows: K tiles hold one group",
                            group, tap)};
    }
    // A tile that is no multiple of the tap spacing would shift every later group off the taps.
    const std::uint32_t usable = rows - rows % tap;
    if (usable == rows) return {rows, 0, ""};
    return {
        usable, 0,
        fmt::format("taps every {} rows: K tiles use {} of the {} rows, so that groups end at taps",
                    tap, usable, rows)};
}

std::vector<std::uint32_t> rows_along_k(std::uint64_t k, const KCut& cut) {
    std::vector<std::uint32_t> lengths;
    for (std::uint64_t begin = 0; begin < k;) {
        std::uint64_t rows = std::min<std::uint64_t>(cut.rows, k - begin);
        if (cut.group != 0) rows = std::min(rows, cut.group - begin % cut.group);
        lengths.push_back(static_cast<std::uint32_t>(rows));
        begin += rows;
    }
    return lengths;
}

Tiling tile_weights(const std::string& name, const MatMul& matmul, const MacArrayParams& array,
                    LayoutTable& layouts) {
    const NumberFormat& format = layouts.format();
    const KCut cut = cut_along_k(array, format);
    const std::uint64_t scaled_together = std::min(cut.rows, format.group_size);
    check_accumulators(name, matmul, array, format.grouped() ? scaled_together : matmul.k);

    Tiling tiling = tile_columns(matmul, array);
    std::uint64_t begin = 0;
    for (const std::uint32_t rows : rows_along_k(matmul.k, cut)) {
        const bool last = begin + rows == matmul.k;
        KTile tile{rows, layouts.index_of(begin, rows), last ? 1u : 0u};
        if (format.grouped()) tile.rescales = groups_touched(format, begin, rows);
        tiling.k_tiles.push_back(tile);
        begin += rows;
    }
    number_kinds(tiling);
    return tiling;
}

Tiling tile_cache(const std::string& name, const MatMul& matmul, const MacArrayParams& array) {
    check_accumulators(name, matmul, array, matmul.k);
    Tiling tiling = tile_columns(matmul, array);
    for (const std::uint32_t rows : rows_along_k(matmul.k, {array.rows, 0, ""})) {
        tiling.k_tiles.push_back({rows, 0, 0});
    }
    tiling.k_tiles.back().rescales = 1;
    number_kinds(tiling);
    return tiling;
}

}  // namespace lpusim
