#include <algorithm>

#include <fmt/format.h>

#include "sim/report/metrics.h"
#include "sim/report/report_tables.h"
#include "sim/report/table_units.h"

namespace lpusim {

namespace {

using TableRow = std::vector<DataTable::Cell>;

DataTable::Cell quality_cell(const Point& point) {
    if (!point.quality) return {};
    return kPercent * point.quality->relative_rmse;
}

/// The format's headline point of the same machine, to compare with.
const Point* base_beside(const ReportPoints& points, const Point& point) {
    for (const Point& candidate : points.all()) {
        if (candidate.inputs.format_name == points.base().inputs.format_name &&
            candidate.inputs.hardware_json == point.inputs.hardware_json &&
            candidate.inputs.model_json == point.inputs.model_json &&
            candidate.inputs.scenario_json == point.inputs.scenario_json) {
            return &candidate;
        }
    }
    return nullptr;
}

DataTable::Cell speed_up_cell(const ReportPoints& points, const Point& point) {
    const Point* base = base_beside(points, point);
    return base == nullptr ? DataTable::Cell{} : DataTable::Cell{speed_up(*base, point)};
}

bool is_compared_format(const ReportPoints& points, const Point& point) {
    const std::string& format = point.inputs.format_name;
    return format == points.base().inputs.format_name ||
           (points.other() != nullptr && format == points.other()->inputs.format_name);
}

}  // namespace

std::string bottleneck_text(const Point& point) {
    const Bottleneck& bottleneck = point.bottleneck;
    if (bottleneck.unit != "MacArray" && bottleneck.unit != "SramBanks") return bottleneck.unit;
    return fmt::format("{} ({})", bottleneck.unit, bottleneck.engine);
}

namespace {

DataTable formats_side_by_side(const ReportPoints& points, const char* name, bool only_compared) {
    // With one sequence the total is what its user sees.
    const auto total = points.base().batch == 1 ? ColumnShow::Hidden : ColumnShow::Plain;
    DataTable table{name,
                    {{"format", "format", ""},
                     {"effective_bits_per_weight", "effective bits per weight", ""},
                     {"weight_gigabytes", "weights", "GB"},
                     {"weight_gibibytes", "weights", "GiB"},
                     {"milliseconds_per_token", "time per token", "ms"},
                     {"tokens_per_second", "tokens/s per user", ""},
                     {"tokens_per_second_total", "tokens/s in total", "", total},
                     {"speed_up", "speed-up against " + points.base().inputs.format_name, "×"},
                     {"bottleneck", "bottleneck", ""},
                     {"busy_percent", "it is busy", "%"},
                     {"stream_percent", "stream, achieved ÷ peak", "%"},
                     {"mac_percent", "MAC utilisation", "%", ColumnShow::Plain, 3},
                     {"rmse_percent", "RMSE of weights", "%"},
                     {"cycles", "cycles per token", ""},
                     {"compared", "compared", "", ColumnShow::Hidden}},
                    {}};
    for (const Point* point : points.headline()) {
        const bool compared = point == &points.base() || point == points.other();
        if (only_compared && !compared) continue;
        table.rows.push_back({point->inputs.format_name, effective_bits_per_weight(*point),
                              gigabytes(point->weight_bytes), gibibytes(point->weight_bytes),
                              kMilli * seconds_per_token(*point), tokens_per_second(*point),
                              tokens_per_second_total(*point), speed_up(points.base(), *point),
                              bottleneck_text(*point), kPercent * bottleneck_busy_share(*point),
                              kPercent * stream_utilisation(*point),
                              kPercent * mac_utilisation(*point), quality_cell(*point),
                              point->cycles.count(), compared});
    }
    return table;
}

}  // namespace

DataTable comparison_table(const ReportPoints& points) {
    return formats_side_by_side(points, "comparison", true);
}

DataTable projection_table(const ReportPoints& points) {
    return formats_side_by_side(points, "projection", false);
}

DataTable machines_table(const ReportPoints& points) {
    DataTable table{"machines",
                    {{"hardware", "hardware", ""},
                     {"format", "format", ""},
                     {"weights_from", "weights come from", ""},
                     {"milliseconds_per_token", "time per token", "ms"},
                     {"tokens_per_second", "tokens/s per user", ""},
                     {"speed_up", "speed-up against " + points.base().inputs.format_name, "×"},
                     {"bottleneck", "bottleneck", ""},
                     {"busy_percent", "it is busy", "%"}},
                    {}};
    std::vector<std::string> names;
    for (const Point& point : points.all()) {
        const std::string& name = point.inputs.hardware_name;
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    if (names.size() < 2) return table;
    for (const std::string& name : names) {
        // Of each machine the point that comes first: a sweep can have changed it afterwards.
        const auto first =
            std::find_if(points.all().begin(), points.all().end(),
                         [&](const Point& p) { return p.inputs.hardware_name == name; });
        for (const Point& point : points.all()) {
            if (point.inputs.hardware_json != first->inputs.hardware_json ||
                point.inputs.scenario_json != points.base().inputs.scenario_json ||
                point.inputs.model_json != points.base().inputs.model_json ||
                !is_compared_format(points, point)) {
                continue;
            }
            table.rows.push_back({name, point.inputs.format_name,
                                  std::string(point.weights_resident ? "SRAM" : "stream"),
                                  kMilli * seconds_per_token(point), tokens_per_second(point),
                                  speed_up_cell(points, point), bottleneck_text(point),
                                  kPercent * bottleneck_busy_share(point)});
        }
    }
    return table;
}

DataTable points_table(const ReportPoints& points) {
    DataTable table{"points", {}, {}};
    std::vector<std::string> keys = points.varying_keys();
    keys.erase(std::remove(keys.begin(), keys.end(), "format"), keys.end());
    table.columns.push_back({"format", "format", ""});
    for (const std::string& key : keys) table.columns.push_back({key, key, ""});
    const std::vector<DataTable::Column> metrics = {
        {"seconds_per_token", "time per token", "s"},
        {"tokens_per_second", "tokens/s per user", ""},
        {"tokens_per_second_total", "tokens/s in total", "", ColumnShow::Hidden},
        {"cycles", "cycles per token", ""},
        {"cold_cycles", "cycles of the first token", "", ColumnShow::Hidden},
        {"bottleneck", "bottleneck", ""},
        {"busy_percent", "it is busy", "%"},
        {"stream_bytes", "streamed per token", "B"},
        {"stream_percent", "stream, achieved ÷ peak", "%"},
        {"mac_percent", "MAC utilisation", "%", ColumnShow::Plain, 3},
        {"weight_bytes", "weights", "B", ColumnShow::Hidden},
        {"effective_bits_per_weight", "effective bits per weight", ""},
        {"rmse_percent", "RMSE of weights", "%"},
        {"content_hash", "content hash", "", ColumnShow::Hidden}};
    table.columns.insert(table.columns.end(), metrics.begin(), metrics.end());
    for (const Point& point : points.all()) {
        TableRow row = {point.inputs.format_name};
        const PointKeys& values = points.keys(point);
        for (const std::string& key : keys) {
            const auto value = values.find(key);
            row.push_back(value == values.end() ? DataTable::Cell{}
                                                : DataTable::Cell{value->second});
        }
        const TableRow numbers = {seconds_per_token(point),
                                  tokens_per_second(point),
                                  tokens_per_second_total(point),
                                  point.cycles.count(),
                                  point.cold_cycles.count(),
                                  bottleneck_text(point),
                                  kPercent * bottleneck_busy_share(point),
                                  point.stream.total().count(),
                                  kPercent * stream_utilisation(point),
                                  kPercent * mac_utilisation(point),
                                  point.weight_bytes.count(),
                                  effective_bits_per_weight(point),
                                  quality_cell(point),
                                  point.inputs.content_hash};
        row.insert(row.end(), numbers.begin(), numbers.end());
        table.rows.push_back(std::move(row));
    }
    return table;
}

}  // namespace lpusim
