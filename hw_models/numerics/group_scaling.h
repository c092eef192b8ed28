#pragma once

#include <cstdint>
#include <vector>

#include "hw_models/numerics/metadata_code.h"
#include "hw_models/numerics/metadata_map.h"
#include "hw_models/numerics/weight_codes.h"

namespace lpusim {

/// How the operands of one group become weights: weight = scale * (operand - zero), in FP32, each
/// operation rounded. The array multiplies operands only: sum(a * weight) = scale * (sum(a *
/// operand) - zero * sum(a)).
struct GroupFactors {
    float scale = 1;
    float zero = 0;
};

/// Reads the factors of groups from their stored metadata.
class GroupScaling {
public:
    GroupScaling(const NumberFormat& format, const WeightCodes& codes);

    /// Of the innermost scale (level 0) and its parents.
    const MetadataCode& level(std::size_t level) const { return levels_[level]; }
    std::size_t levels() const { return levels_.size(); }
    const MetadataCode& zero_point() const { return zero_point_; }

    /// The factors of an innermost group of a column: weight k is in group k / group_size.
    /// `metadata` is in the order of the map. The product of the scales is formed in FP32 from the
    /// outside in: the tensor's, the outermost,
    /// ..., the innermost, the code's unit. Throws PackedDataError for a scale or zero point that
    /// is no finite number.
    GroupFactors factors(const MetadataMap& map, const std::uint32_t* metadata, std::uint64_t group,
                         float tensor_scale = 1) const;

private:
    std::vector<MetadataCode> levels_;
    MetadataCode zero_point_;
    bool symmetric_;
    float unit_;
    float offset_;
};

}  // namespace lpusim
