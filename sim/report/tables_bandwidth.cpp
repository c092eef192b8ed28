#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "sim/report/metrics.h"
#include "sim/report/number_text.h"
#include "sim/report/report_tables.h"
#include "sim/report/table_units.h"

namespace lpusim {

namespace {
/// Fewer do not show where something changes: a sensitivity analysis alone has three.
constexpr std::size_t kLeastPoints = 4;

const Point* at_value(const std::vector<SeriesPoint>& series, double value) {
    for (const SeriesPoint& point : series) {
        if (point.value == value) return point.point;
    }
    return nullptr;
}

/// Halfway on a logarithmic axis.
double between(double a, double b) { return std::sqrt(a * b); }

}  // namespace

std::vector<SeriesPoint> bandwidth_series(const ReportPoints& points, const Point& point) {
    std::vector<SeriesPoint> series = points.series(point.inputs.format_name, kBandwidthKey);
    if (series.size() < kLeastPoints) series.clear();
    return series;
}

std::vector<BindingRegion> binding_regions(const std::vector<SeriesPoint>& series) {
    std::vector<BindingRegion> regions;
    for (const SeriesPoint& at : series) {
        const std::string bottleneck = bottleneck_text(*at.point);
        if (regions.empty() || regions.back().bottleneck != bottleneck) {
            regions.push_back({at.value, at.value, bottleneck});
        }
        regions.back().last = at.value;
    }
    return regions;
}

std::vector<ComparedPair> compared_along(const ReportPoints& points, const std::string& key) {
    std::vector<ComparedPair> pairs;
    if (points.other() == nullptr) return pairs;
    const auto others = points.series(points.other()->inputs.format_name, key);
    for (const SeriesPoint& base : points.series(points.base().inputs.format_name, key)) {
        if (const Point* other = at_value(others, base.value)) {
            pairs.push_back({base.value, base.point, other});
        }
    }
    return pairs;
}

std::optional<GainLost> gain_lost(const std::vector<ComparedPair>& pairs) {
    for (std::size_t i = pairs.size(); i-- > 0;) {
        if (speed_up(*pairs[i].base, *pairs[i].other) < kNoGain) continue;
        if (i + 1 == pairs.size()) return std::nullopt;
        return GainLost{pairs[i].value, pairs[i + 1].value};
    }
    return std::nullopt;
}

DataTable bandwidth_table(const ReportPoints& points) {
    const std::string& base_name = points.base().inputs.format_name;
    DataTable table{"bandwidth",
                    {{"bandwidth", "bandwidth", "B/s", ColumnShow::Hidden},
                     {"bandwidth_text", "stream bandwidth", ""},
                     {"format", "format", ""},
                     {"tokens_per_second", "tokens/s per user", ""},
                     {"milliseconds_per_token", "time per token", "ms"},
                     {"speed_up", "speed-up against " + base_name, "×"},
                     {"bottleneck", "bottleneck", ""},
                     {"busy_percent", "it is busy", "%"},
                     {"compared", "compared", "", ColumnShow::Hidden}},
                    {}};
    const std::vector<SeriesPoint> base = bandwidth_series(points, points.base());
    if (base.empty()) return table;
    for (const Point* headline : points.headline()) {
        const bool is_compared = headline == &points.base() || headline == points.other();
        for (const SeriesPoint& at : bandwidth_series(points, *headline)) {
            const Point* beside = at_value(base, at.value);
            table.rows.push_back({at.value, sweep_rate_text(at.value), headline->inputs.format_name,
                                  tokens_per_second(*at.point),
                                  kMilli * seconds_per_token(*at.point),
                                  beside == nullptr ? DataTable::Cell{}
                                                    : DataTable::Cell{speed_up(*beside, *at.point)},
                                  bottleneck_text(*at.point),
                                  kPercent * bottleneck_busy_share(*at.point), is_compared});
        }
    }
    return table;
}

DataTable bandwidth_regions_table(const ReportPoints& points) {
    DataTable table{"bandwidth_regions",
                    {{"format", "format", ""},
                     {"bottleneck", "bottleneck", ""},
                     {"from", "drawn from", "B/s", ColumnShow::Hidden},
                     {"to", "drawn to", "B/s", ColumnShow::Hidden},
                     {"first_text", "from", ""},
                     {"last_text", "to", ""}},
                    {}};
    const Point& shown = points.other() != nullptr ? *points.other() : points.base();
    const auto regions = binding_regions(bandwidth_series(points, shown));
    for (std::size_t i = 0; i < regions.size(); ++i) {
        const BindingRegion& region = regions[i];
        const double from = i == 0 ? region.first : between(regions[i - 1].last, region.first);
        const double to =
            i + 1 == regions.size() ? region.last : between(region.last, regions[i + 1].first);
        table.rows.push_back({shown.inputs.format_name, region.bottleneck, from, to,
                              sweep_rate_text(region.first), sweep_rate_text(region.last)});
    }
    return table;
}

DataTable crossovers_table(const ReportPoints& points) {
    DataTable table{"crossovers",
                    {{"what", "what changes", ""},
                     {"bandwidth", "drawn at", "B/s", ColumnShow::Hidden},
                     {"last_text", "up to", ""},
                     {"first_text", "from", ""},
                     {"label", "label", "", ColumnShow::Hidden}},
                    {}};
    std::vector<const Point*> formats = {&points.base()};
    if (points.other() != nullptr) formats.push_back(points.other());
    for (const Point* format : formats) {
        const auto regions = binding_regions(bandwidth_series(points, *format));
        for (std::size_t i = 1; i < regions.size(); ++i) {
            const double from = regions[i - 1].last;
            const double to = regions[i].first;
            table.rows.push_back({fmt::format("{}: {} binds, then {}", format->inputs.format_name,
                                              regions[i - 1].bottleneck, regions[i].bottleneck),
                                  between(from, to), sweep_rate_text(from), sweep_rate_text(to),
                                  regions[i].bottleneck});
        }
    }
    if (const auto lost = gain_lost(compared_along(points, kBandwidthKey))) {
        table.rows.push_back(
            {fmt::format("{} gains 1 % or more on {}, then less",
                         points.other()->inputs.format_name, points.base().inputs.format_name),
             between(lost->still, lost->gone), sweep_rate_text(lost->still),
             sweep_rate_text(lost->gone), std::string("gain below 1 %")});
    }
    return table;
}

DataTable series_table(const ReportPoints& points) {
    DataTable table{"series",
                    {{"key", "key", "", ColumnShow::Code},
                     {"value", "value", "base units", ColumnShow::Hidden},
                     {"value_text", "value", ""},
                     {"format", "format", ""},
                     {"tokens_per_second", "tokens/s per user", ""},
                     {"tokens_per_second_total", "tokens/s in total", ""},
                     {"milliseconds_per_token", "time per token", "ms"},
                     {"bottleneck", "bottleneck", ""}},
                    {}};
    for (const std::string& key : points.series_keys(kLeastPoints)) {
        if (key == kBandwidthKey) continue;
        for (const Point* headline : points.headline()) {
            for (const SeriesPoint& at : points.series(headline->inputs.format_name, key)) {
                table.rows.push_back(
                    {key, at.value, points.keys(*at.point).at(key), headline->inputs.format_name,
                     tokens_per_second(*at.point), tokens_per_second_total(*at.point),
                     kMilli * seconds_per_token(*at.point), bottleneck_text(*at.point)});
            }
        }
    }
    return table;
}

}  // namespace lpusim
