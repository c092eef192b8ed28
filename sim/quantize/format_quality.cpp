#include "sim/quantize/format_quality.h"

#include <utility>

#include "sim/quantize/synthetic_weights.h"
#include "sim/quantize/tensor_quantizer.h"

namespace lpusim {

namespace {

constexpr std::uint64_t kSampleRows = 8192;
constexpr std::uint64_t kSampleColumns = 32;
constexpr std::uint64_t kSampleSeed = 12;
/// Columns that are quantised between two reports of progress.
constexpr std::uint64_t kStripColumns = 1280;

WeightMatrix make_standard_matrix() {
    const SyntheticWeights source(Distribution::Gaussian, kSampleRows, kSampleColumns, kSampleSeed);
    std::vector<float> weights;
    std::vector<float> scratch;
    weights.reserve(kSampleRows * kSampleColumns);
    for (std::uint64_t n = 0; n < kSampleColumns; ++n) {
        const float* column = source.column(n, scratch);
        weights.insert(weights.end(), column, column + kSampleRows);
    }
    return {source.name(), kSampleRows, kSampleColumns, std::move(weights)};
}

std::string standard_source() {
    return std::string(name_of(Distribution::Gaussian)) + " " + std::to_string(kSampleRows) + "x" +
           std::to_string(kSampleColumns) + ", seed " + std::to_string(kSampleSeed);
}

}  // namespace

const QualitySample& standard_sample() {
    static const WeightMatrix kMatrix = make_standard_matrix();
    static const QualitySample kSample{standard_source(), {&kMatrix}};
    return kSample;
}

FormatQuality format_quality(const NumberFormat& format, const QualitySample& sample,
                             const std::function<void(std::uint64_t)>& progress) {
    QuantizationError error;
    for (const WeightSource* matrix : sample.matrices) {
        const std::uint64_t before = error.weights;
        QuantizeOptions options;
        if (progress) {
            options.progress = [&](std::uint64_t columns) {
                progress(before + columns * matrix->k());
            };
        }
        const MatrixTiling tiling =
            uniform_tiling(matrix->k(), matrix->n(), kQualityTileRows, kStripColumns);
        error += quantize_tensor(*matrix, format, tiling, options).error;
    }
    FormatQuality quality;
    quality.source = sample.source;
    quality.weights = error.weights;
    quality.rmse = error.rmse();
    quality.relative_rmse = error.relative_rmse();
    quality.max_error = error.max_error;
    return quality;
}

}  // namespace lpusim
