#include "hw_models/data/weight_expander.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace lpusim {

namespace {

constexpr std::uint32_t kNoMetadata = 0xffff'ffffU;

std::uint64_t group_size_of(const UnpackJob& job) { return job.tables->format.group_size; }

/// Groups that the tile touches, the first of them in `first`. Without groups a column is one.
std::uint64_t groups_of(const UnpackJob& job, std::uint64_t& first) {
    const std::uint64_t size = group_size_of(job);
    first = size == 0 ? 0 : job.codec->k_begin() / size;
    if (size == 0) return 1;
    return (job.codec->k_begin() + job.codec->rows() - 1) / size - first + 1;
}

}  // namespace

void WeightExpander::start(UnpackJob job) {
    Tile tile;
    tile.bytes.assign(job.codec->tile_bytes(job.columns), SramImage::kUnwritten);
    std::uint64_t first = 0;
    tile.factors.resize(groups_of(job, first) * job.columns);
    tile.job = job;
    tiles_.push_back(std::move(tile));
}

void WeightExpander::expand(const std::uint8_t* packed, std::uint64_t bytes, std::uint64_t weights,
                            ByteFifo& operands) {
    Tile& tile = tiles_.front();
    const UnpackJob& job = tile.job;
    if (tile.emitted == 0 && job.first_along_k) {
        registers_.assign(job.columns * job.tables->map.size(), kNoMetadata);
    }
    std::memcpy(tile.bytes.data() + tile.received, packed, bytes);
    tile.received += bytes;

    const std::uint32_t rows = job.codec->rows();
    const std::uint32_t width = job.tables->format.operand_bytes;
    std::uint8_t* out = operands.push(weights * width);
    const std::uint64_t end = tile.emitted + weights;
    while (tile.emitted < end) {
        const auto row = static_cast<std::uint32_t>(tile.emitted % rows);
        const auto count =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(rows - row, end - tile.emitted));
        expand_rows(tile, tile.emitted / rows, row, row + count, out);
        out += std::uint64_t{count} * width;
        tile.emitted += count;
    }
    if (tile.emitted < std::uint64_t{rows} * job.columns) return;
    finished_.push_back(std::move(tile.factors));
    tiles_.pop_front();
}

void WeightExpander::expand_rows(Tile& tile, std::uint64_t column, std::uint32_t begin,
                                 std::uint32_t end, std::uint8_t* operands) {
    const UnpackJob& job = tile.job;
    const ByteView bytes{tile.bytes.data(), tile.bytes.size()};
    std::uint32_t* metadata = registers_.data() + column * job.tables->map.size();
    try {
        job.codec->read_metadata(bytes, job.columns, column, begin, end, metadata);
        if (job.tables->operands != nullptr) {
            job.codec->unpack_rows(bytes, job.columns, column, begin, end,
                                   reinterpret_cast<std::int8_t*>(operands));
        } else {
            codes_.resize(end - begin);
            job.codec->unpack_rows(bytes, job.columns, column, begin, end, codes_.data());
            const std::size_t places = job.tables->codes.places().size();
            for (std::uint32_t i = 0; i < end - begin; ++i) {
                const std::uint16_t operand =
                    job.tables->codes.float_operand((begin + i) % places, codes_[i]);
                std::memcpy(operands + 2 * std::size_t{i}, &operand, sizeof operand);
            }
        }
        if (end == job.codec->rows()) load_factors(tile, column);
    } catch (const PackedDataError& e) {
        program_.fault(e.what());
    }
}

/// Without groups they are needed, and complete, at the end of the column only.
void WeightExpander::load_factors(Tile& tile, std::uint64_t column) {
    const UnpackJob& job = tile.job;
    if (group_size_of(job) == 0 && !job.last_along_k) return;
    const std::uint32_t* metadata = registers_.data() + column * job.tables->map.size();
    std::uint64_t first = 0;
    const std::uint64_t groups = groups_of(job, first);
    for (std::uint64_t i = 0; i < groups; ++i) {
        tile.factors[i * job.columns + column] =
            job.scaling->factors(job.tables->map, metadata, first + i, job.tensor_scale);
    }
}

TileFactors WeightExpander::take_factors() {
    if (finished_.empty()) {
        program_.fault("a tile is computed with before it has been unpacked");
        return {};
    }
    TileFactors factors = std::move(finished_.front());
    finished_.pop_front();
    return factors;
}

}  // namespace lpusim
