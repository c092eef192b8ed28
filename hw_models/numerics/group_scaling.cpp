#include "hw_models/numerics/group_scaling.h"

#include <cmath>
#include <string>

#include "hw_models/numerics/packed_data_error.h"

namespace lpusim {

GroupScaling::GroupScaling(const NumberFormat& format, const WeightCodes& codes)
    : zero_point_(format.zero_point_kind, format.zero_point_bits),
      symmetric_(format.zero_point_bits == 0),
      unit_(codes.unit()),
      offset_(static_cast<float>(codes.offset())) {
    for (const MetadataLevel& level : format.scales) levels_.emplace_back(level.kind, level.bits);
}

GroupFactors GroupScaling::factors(const MetadataMap& map, const std::uint32_t* metadata,
                                   std::uint64_t group, float tensor_scale) const {
    const auto value = [&](const MetadataCode& code, std::size_t level, std::uint64_t index) {
        const std::uint32_t bits = metadata[map.first(level) + index];
        if (!code.valid(bits)) {
            throw PackedDataError("group " + std::to_string(group) +
                                  ": its scale or zero point is no finite number");
        }
        return code.decode(bits);
    };
    GroupFactors factors;
    factors.scale = tensor_scale;
    for (std::size_t i = levels_.size(); i-- > 0;) {
        factors.scale *= value(levels_[i], i, map.parent(i, group));
    }
    factors.scale *= unit_;
    if (!std::isfinite(factors.scale)) {
        throw PackedDataError("group " + std::to_string(group) + ": its scales overflow FP32");
    }
    if (!symmetric_) factors.zero = value(zero_point_, levels_.size(), group) - offset_;
    return factors;
}

}  // namespace lpusim
