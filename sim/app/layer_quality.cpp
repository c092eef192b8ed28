#include "sim/app/layer_quality.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "sim/config/diagnostics.h"
#include "sim/config/load.h"
#include "sim/config/model_schema.h"
#include "sim/quantize/format_quality.h"
#include "sim/quantize/synthetic_weights.h"
#include "sim/quantize/tensor_quantizer.h"
#include "sim/workload/operators.h"

namespace lpusim::app {

namespace {

constexpr std::uint64_t kColumns = 64;
constexpr std::uint64_t kSeed = 1;
/// More lines than this nobody can tell apart.
constexpr std::size_t kMostFormats = 6;

struct LinearLayer {
    std::string name;
    std::uint64_t k = 0;
    std::uint64_t n = 0;
};

std::vector<LinearLayer> linear_layers(const Point& point) {
    config::Diagnostics diagnostics(point.inputs.model_name);
    const Model model =
        config::read_model(config::parse_yaml(point.inputs.model_json, diagnostics), diagnostics);
    diagnostics.throw_if_any();
    const DecodeStep step = decode_step(model, Scenario{}, 1);
    std::vector<LinearLayer> layers;
    for (const auto* section : {&step.prologue, &step.layer, &step.epilogue}) {
        for (const Operator& op : *section) {
            const MatMul* product = op.matmul();
            if (product == nullptr || product->stationary != Stationary::Weight) continue;
            layers.push_back({op.name, product->k, product->n});
        }
    }
    return layers;
}

std::vector<const Point*> shown_formats(const ReportPoints& points) {
    std::vector<const Point*> shown = {&points.base()};
    if (points.other() != nullptr) shown.push_back(points.other());
    for (const Point* point : points.headline()) {
        if (shown.size() == kMostFormats) break;
        if (std::find(shown.begin(), shown.end(), point) == shown.end()) shown.push_back(point);
    }
    return shown;
}

double error_of_columns(const NumberFormat& format, std::uint64_t k) {
    const SyntheticWeights weights(Distribution::Gaussian, k, kColumns, kSeed);
    const MatrixTiling tiling = uniform_tiling(k, kColumns, kQualityTileRows, kColumns);
    return quantize_tensor(weights, format, tiling, {}).error.relative_rmse();
}

}  // namespace

std::vector<LayerQuality> synthetic_layer_quality(const ReportPoints& points) {
    const std::vector<LinearLayer> layers = linear_layers(points.base());
    std::vector<LayerQuality> qualities;
    for (const Point* point : shown_formats(points)) {
        const NumberFormat format =
            parse_format(point->inputs.format_json, point->inputs.format_name);
        // Matrices of the same K are the same sample.
        std::map<std::uint64_t, double> error_of_k;
        for (const LinearLayer& layer : layers) {
            const auto [entry, is_new] = error_of_k.try_emplace(layer.k, 0);
            if (is_new) entry->second = error_of_columns(format, layer.k);
            qualities.push_back(
                {layer.name, point->inputs.format_name, layer.k, layer.n, entry->second});
        }
    }
    return qualities;
}

std::string synthetic_layer_source() {
    return fmt::format(
        "no real ones were given, so synthetic Gaussian ones, {} columns of each matrix, seed {}",
        kColumns, kSeed);
}

void add_missing_quality(std::vector<Point>& points) {
    std::map<std::string, std::optional<FormatQuality>> qualities;
    for (const Point& point : points) {
        if (point.quality) qualities[point.inputs.format_json] = point.quality;
    }
    for (Point& point : points) {
        if (point.quality) continue;
        std::optional<FormatQuality>& quality = qualities[point.inputs.format_json];
        if (!quality) {
            quality =
                format_quality(parse_format(point.inputs.format_json, point.inputs.format_name));
        }
        point.quality = quality;
    }
}

}  // namespace lpusim::app
