#pragma once

#include <cstdint>
#include <vector>

#include "hw_models/numerics/group_scaling.h"
#include "hw_models/numerics/packing.h"
#include "sim/quantize/weight_range.h"

namespace lpusim {

/// Chooses scales and zero points, each rounded to its stored width before anything is computed
/// from it.
///
/// Symmetric: the scale is the largest magnitude / span of the code. Asymmetric: [min(0, lowest
/// weight), max(0, highest weight)] / span, the zero point -min / scale; so zero always lies in the
/// range, and the zero point between 0 and span. A scale under another one is a share of it: the
/// outer scale is the largest inner one / the largest value the inner one can store (integers,
/// FP8), or just the largest inner one. The tensor's scale is chosen likewise.
///
/// A group of zeros gets the scale 0 (a power of two: the smallest), and no other group does: what
/// would round to 0 becomes the smallest scale. What is too large becomes the largest one.
class MetadataChooser {
public:
    explicit MetadataChooser(const MatrixPacker& packer);

    bool symmetric() const { return symmetric_; }

    /// What the outermost scales of a column should be, had they no tensor scale above them: the
    /// largest of them, for tensor_scale(). `ranges`: per innermost group.
    double outermost_scale(const std::vector<WeightRange>& ranges) const;

    /// The tensor's scale for the largest outermost_scale() of its columns.
    float tensor_scale(double outermost) const;

    /// The stored scales and zero points of one column.
    void choose(const std::vector<WeightRange>& ranges, float tensor_scale,
                std::uint32_t* metadata) const;

private:
    using Values = std::vector<double>;

    double extent(const WeightRange& range) const;
    std::vector<Values> wanted(const std::vector<WeightRange>& ranges) const;
    std::uint32_t stored(std::size_t level, double wanted) const;
    void choose_zero_points(const std::vector<WeightRange>& ranges,
                            std::uint32_t* zero_points) const;

    const MatrixPacker& packer_;
    GroupScaling scaling_;
    bool symmetric_;
    bool float_codes_;
    double span_;
};

}  // namespace lpusim
