#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "hw_models/numerics/number_format.h"
#include "sim/quantize/weight_source.h"
#include "sim/result/result.h"

namespace lpusim {

/// Weights to judge formats by.
struct QualitySample {
    std::string source;
    std::vector<const WeightSource*> matrices;
};

/// Gaussian weights that stand for a matrix of 8192 x 8192: columns as long as its columns, but 32
/// of them, of the seed of 1 to 12 whose column ranges are most like those of all 8192. The
/// relative RMSE of each shipped format is within 0.2 points of the large matrix's, after
/// milliseconds. Made once per process.
const QualitySample& standard_sample();

/// Rows of the array that the sample is cut for.
inline constexpr std::uint32_t kQualityTileRows = 320;

/// The error of a format over all weights of a sample. `progress` is called with the weights done
/// so far. Throws WeightError for NaN and infinity, and std::invalid_argument for a format with
/// value_problems().
FormatQuality format_quality(const NumberFormat& format,
                             const QualitySample& sample = standard_sample(),
                             const std::function<void(std::uint64_t)>& progress = {});

}  // namespace lpusim
