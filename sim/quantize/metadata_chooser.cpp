#include "sim/quantize/metadata_chooser.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "hw_models/numerics/float_bits.h"

namespace lpusim {

namespace {

/// The share of a parent scale that the level below can store at most.
double headroom(const MetadataCode& code) {
    const bool narrow =
        code.kind() == MetadataKind::Integer || code.kind() == MetadataKind::Fp8E4m3;
    return narrow ? static_cast<double>(code.largest()) : 1.0;
}

double power_not_below(double value) {
    int exponent = 0;
    const double mantissa = std::frexp(value, &exponent);
    return std::ldexp(1.0, mantissa == 0.5 ? exponent - 1 : exponent);
}

}  // namespace

MetadataChooser::MetadataChooser(const MatrixPacker& packer)
    : packer_(packer),
      scaling_(packer.format(), packer.codes()),
      symmetric_(packer.format().zero_point_bits == 0),
      float_codes_(packer.codes().is_float()),
      span_(static_cast<double>(packer.codes().span())) {}

/// What the span of the codes has to cover.
double MetadataChooser::extent(const WeightRange& range) const {
    if (symmetric_) return static_cast<double>(range.magnitude());
    return static_cast<double>(std::max(range.max, 0.0F)) -
           static_cast<double>(std::min(range.min, 0.0F));
}

/// Ideal effective scales by level, from the innermost out.
std::vector<MetadataChooser::Values> MetadataChooser::wanted(
    const std::vector<WeightRange>& ranges) const {
    const MetadataMap& map = packer_.metadata();
    std::vector<Values> levels(map.levels());
    for (std::size_t level = 0; level < levels.size(); ++level) {
        levels[level].assign(map.groups(level), 0);
    }
    if (levels.empty()) return levels;
    for (std::size_t group = 0; group < ranges.size(); ++group) {
        levels[0][group] = extent(ranges[group]) / span_;
    }
    for (std::size_t level = 1; level < levels.size(); ++level) {
        const double share = headroom(scaling_.level(level - 1));
        for (std::uint64_t inner = 0; inner < levels[level - 1].size(); ++inner) {
            double& outer = levels[level][map.outer(level, inner)];
            outer = std::max(outer, levels[level - 1][inner] / share);
        }
    }
    return levels;
}

double MetadataChooser::outermost_scale(const std::vector<WeightRange>& ranges) const {
    const std::vector<Values> levels = wanted(ranges);
    double largest = 0;
    if (!levels.empty()) {
        for (const double scale : levels.back()) largest = std::max(largest, scale);
    }
    return largest;
}

float MetadataChooser::tensor_scale(double outermost) const {
    if (!packer_.format().tensor_scale || outermost == 0) return 1.0F;
    const double share = headroom(scaling_.level(scaling_.levels() - 1));
    // A subnormal scale would be coarse.
    return std::max(static_cast<float>(outermost / share), std::numeric_limits<float>::min());
}

std::uint32_t MetadataChooser::stored(std::size_t level, double wanted) const {
    if (wanted == 0) return 0;
    const MetadataCode& code = scaling_.level(level);
    if (code.kind() == MetadataKind::PowerOfTwo) {
        // OCP microscaling formats specification 1.0, section 6.3: 2^(floor(log2(magnitude)) -
        // floor(log2(span))), which may clip. Integer codes would clip up to half of their range,
        // so they get the power that does not.
        const bool by_specification = level == 0 && float_codes_;
        // An FP32 magnitude below a power of two is below it by 2^-24 at least: rounding must not
        // lower a power itself.
        constexpr double kUp = 1 + 0x1p-40;
        wanted = by_specification
                     ? power_of_two(floor_log2(wanted * span_ * kUp) - floor_log2(span_))
                     : power_not_below(wanted);
    }
    const std::uint32_t bits = code.encode(wanted);
    return bits == 0 ? code.smallest_positive() : bits;
}

void MetadataChooser::choose(const std::vector<WeightRange>& ranges, float tensor_scale,
                             std::uint32_t* metadata) const {
    const MetadataMap& map = packer_.metadata();
    const std::vector<Values> levels = wanted(ranges);
    Values outer(1, static_cast<double>(tensor_scale));
    for (std::size_t level = levels.size(); level-- > 0;) {
        const bool outermost = level + 1 == levels.size();
        Values effective(levels[level].size());
        for (std::uint64_t group = 0; group < effective.size(); ++group) {
            const double parent = outer[outermost ? 0 : map.outer(level + 1, group)];
            const double share = levels[level][group];
            const std::uint32_t bits = parent == 0 ? 0 : stored(level, share / parent);
            metadata[map.first(level) + group] = bits;
            effective[group] = parent * static_cast<double>(scaling_.level(level).decode(bits));
        }
        outer = std::move(effective);
    }
    if (!symmetric_) choose_zero_points(ranges, metadata + map.first(map.levels()));
}

/// A share of the span, not of the stored scale: where that is too small for the range, both ends
/// are clipped alike.
void MetadataChooser::choose_zero_points(const std::vector<WeightRange>& ranges,
                                         std::uint32_t* zero_points) const {
    for (std::size_t group = 0; group < ranges.size(); ++group) {
        const double below = -static_cast<double>(std::min(ranges[group].min, 0.0F));
        const double share = below == 0 ? 0 : below / extent(ranges[group]);
        zero_points[group] = scaling_.zero_point().encode(share * span_);
    }
}

}  // namespace lpusim
