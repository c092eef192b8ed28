#include "sim/data/product_check.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <mutex>

#include <fmt/format.h>

#include "hw_models/numerics/float_bits.h"
#include "sim/quantize/parallel.h"

namespace lpusim {

namespace {

constexpr std::uint64_t kCheckedColumns = 32;

std::int32_t integer_dot(const std::int32_t* a, const std::int32_t* b, std::uint64_t count) {
    std::int32_t sum = 0;
    for (std::uint64_t i = 0; i < count; ++i) sum += a[i] * b[i];
    return sum;
}

/// In the order of the array: FP32 sums depend on it.
float real_dot(const float* a, const float* b, std::uint64_t count) {
    float sum = 0;
    for (std::uint64_t i = 0; i < count; ++i) sum += a[i] * b[i];
    return sum;
}

}  // namespace

void SumLog::add(const OperatorVisit& visit, std::size_t k_tiles, std::uint32_t vectors,
                 std::uint32_t vector, const PartialSums& sums) {
    const std::size_t at = (visit.strip * k_tiles + visit.k_tile) * vectors + vector;
    if (tiles_.size() <= at) tiles_.resize(at + 1);
    tiles_[at] = sums;
}

const PartialSums* SumLog::find(std::uint64_t strip, std::size_t k_tile, std::size_t k_tiles,
                                std::uint32_t vectors, std::uint32_t vector) const {
    const std::size_t at = (strip * k_tiles + k_tile) * vectors + vector;
    return at < tiles_.size() ? &tiles_[at] : nullptr;
}

/// Groups end where they end; a group that reaches over tiles leaves as one sum per tile.
std::vector<ProductCheck::Segment> ProductCheck::cut() const {
    std::vector<Segment> result;
    const std::size_t last = tiling->k_tiles.size() - 1;
    if (group_size == 0) return {{0, tiling->matmul.k, 0, last, 0}};
    std::uint64_t k = 0;
    for (std::size_t tile = 0; tile <= last; ++tile) {
        const std::uint64_t tile_end = k + tiling->k_tiles[tile].rows;
        for (std::size_t index = 0; k < tile_end; ++index) {
            const std::uint64_t group = k / group_size;
            const std::uint64_t end = std::min(tile_end, (group + 1) * group_size);
            result.push_back({k, end, group, tile, index});
            k = end;
        }
    }
    return result;
}

bool ProductCheck::equal_sum(const Segment& segment, std::uint64_t n, std::uint32_t m,
                             std::int32_t integer, float real) const {
    const std::uint64_t strip = n / tiling->strip_columns;
    const std::uint64_t columns =
        strip + 1 == tiling->strips ? tiling->last_columns : tiling->strip_columns;
    const PartialSums* found =
        sums->find(strip, segment.k_tile, tiling->k_tiles.size(), tiling->matmul.m, m);
    if (found == nullptr) return false;
    const std::size_t at = segment.index * columns + n % tiling->strip_columns;
    if (!integers.empty()) return at < found->integers.size() && found->integers[at] == integer;
    return at < found->reals.size() && float_bits(found->reals[at]) == float_bits(real);
}

std::vector<double> ProductCheck::activation_sums(const std::vector<Segment>& segments) const {
    std::vector<double> sums_of_segments;
    for (std::uint32_t m = 0; m < tiling->matmul.m; ++m) {
        for (const Segment& segment : segments) {
            double sum = 0;
            for (std::uint64_t k = segment.begin; k < segment.end; ++k) {
                const std::uint64_t at = m * tiling->matmul.k + k;
                sum += integers.empty() ? static_cast<double>(reals[at]) : integers[at];
            }
            sums_of_segments.push_back(sum);
        }
    }
    return sums_of_segments;
}

void ProductCheck::check_column(std::uint64_t n, const StationaryColumn& stationary,
                                const std::vector<Segment>& segments,
                                const std::vector<double>& activations, CheckTally& tally) const {
    const std::uint64_t depth = tiling->matmul.k;
    for (std::uint32_t m = 0; m < tiling->matmul.m; ++m) {
        double exact = 0;
        double magnitude = 0;
        for (std::size_t i = 0; i < segments.size(); ++i) {
            const Segment& segment = segments[i];
            const std::uint64_t at = m * depth + segment.begin;
            const std::uint64_t count = segment.end - segment.begin;
            const bool is_integer = !integers.empty();
            const std::int32_t integer =
                is_integer ? integer_dot(integers.data() + at,
                                         stationary.integers.data() + segment.begin, count)
                           : 0;
            const float real =
                is_integer
                    ? 0
                    : real_dot(reals.data() + at, stationary.reals.data() + segment.begin, count);
            ++tally.sums;
            if (!equal_sum(segment, n, m, integer, real)) {
                tally.mismatch(fmt::format(
                    "{}: the partial sum of vector {}, column {}, weights {} to {} differs", name,
                    m, n, segment.begin, segment.end - 1));
            }
            const GroupFactors f = stationary.factors[segment.group];
            const double sum = integers.empty() ? static_cast<double>(real) : integer;
            const double shift = static_cast<double>(f.zero) * activations[m * segments.size() + i];
            const auto scale = static_cast<double>(f.scale);
            exact += scale * (sum - shift);
            magnitude += std::fabs(scale) * (std::fabs(sum) + std::fabs(shift));
        }
        const auto scale = static_cast<double>(scales[m]);
        const double offset = bias.empty() ? 0 : static_cast<double>(bias[n]);
        exact = exact * scale + offset;
        magnitude = magnitude * scale + std::fabs(offset);
        std::uint16_t half = 0;
        std::memcpy(&half, results + 2 * (m * tiling->matmul.n + n), sizeof half);
        ++tally.elements;
        // FP16 activations are also added one by one.
        const double roundings = static_cast<double>(segments.size()) + 6 +
                                 (integers.empty() ? static_cast<double>(depth) : 0);
        if (half_agrees(half, exact, magnitude, roundings)) continue;
        tally.mismatch(
            fmt::format("{}: result of vector {}, column {} is not {:.6g}", name, m, n, exact));
    }
}

CheckTally ProductCheck::run() const {
    const std::vector<Segment> segments = cut();
    const std::vector<double> activations = activation_sums(segments);
    const std::uint64_t blocks = ceil_div(tiling->matmul.n, kCheckedColumns);
    std::vector<CheckTally> tallies(blocks);
    parallel_blocks(
        tiling->matmul.n, kCheckedColumns, 0, [&](std::uint64_t begin, std::uint64_t end) {
            StationaryColumn scratch;
            for (std::uint64_t n = begin; n < end; ++n) {
                column(n, scratch);
                check_column(n, scratch, segments, activations, tallies[begin / kCheckedColumns]);
            }
        });
    CheckTally total;
    for (const CheckTally& tally : tallies) total += tally;
    return total;
}

}  // namespace lpusim
