#include "hw_models/numerics/metadata_map.h"

#include <algorithm>

namespace lpusim {

MetadataMap::MetadataMap(const NumberFormat& format, std::uint64_t k) {
    for (const MetadataLevel& level : format.scales) add(level.per_weights, level.bits, k);
    add(format.group_size, format.zero_point_bits, k);
}

void MetadataMap::add(std::uint32_t per_weights, std::uint32_t bits, std::uint64_t k) {
    const std::uint64_t per = per_weights == 0 ? std::max<std::uint64_t>(k, 1) : per_weights;
    const std::uint64_t groups = bits == 0 ? 0 : ceil_div(k, per);
    levels_.push_back({size_, groups, per, bits});
    size_ += groups;
}

}  // namespace lpusim
