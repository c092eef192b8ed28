#include <algorithm>

#include <fmt/format.h>

#include "sim/report/report_tables.h"
#include "sim/report/table_units.h"
#include "sim/result/versions.h"

namespace lpusim {

namespace {

void flatten(const Json& json, const std::string& prefix,
             std::vector<std::pair<std::string, std::string>>& values) {
    for (const auto& [key, value] : json.items()) {
        if (value.is_object()) {
            flatten(value, prefix + key + ".", values);
        } else {
            values.emplace_back(prefix + key,
                                value.is_string() ? value.get<std::string>() : value.dump());
        }
    }
}

}  // namespace

const Assumption* provenance_of(const Point& point, const std::string& key) {
    for (const std::vector<Assumption>* list : {&point.assumptions, &point.sources}) {
        const auto found = std::find_if(list->begin(), list->end(),
                                        [&](const Assumption& a) { return a.key == key; });
        if (found != list->end()) return &*found;
    }
    return nullptr;
}

DataTable assumptions_table(const ReportPoints& points) {
    DataTable table{"assumptions",
                    {{"key", "hardware key", "", ColumnShow::Code},
                     {"value", "value", ""},
                     {"confidence", "confidence", ""},
                     {"source", "why this value", ""}},
                    {}};
    for (const Assumption& a : points.base().assumptions) {
        table.rows.push_back({a.key, a.value, a.confidence, a.source});
    }
    return table;
}

DataTable configuration_table(const ReportPoints& points) {
    DataTable table{"configuration",
                    {{"part", "part", ""},
                     {"key", "key", "", ColumnShow::Code},
                     {"value", "value", ""},
                     {"confidence", "confidence", ""},
                     {"source", "what it rests on", ""}},
                    {}};
    const Point& base = points.base();
    const auto add = [&](const std::string& part, const std::string& text, bool with_provenance) {
        std::vector<std::pair<std::string, std::string>> values;
        flatten(Json::parse(text), "", values);
        for (const auto& [key, value] : values) {
            if (key == "kind") continue;
            const Assumption* known = with_provenance ? provenance_of(base, key) : nullptr;
            table.rows.push_back({part, key, value,
                                  known != nullptr ? known->confidence : DataTable::Cell(),
                                  known != nullptr ? known->source : DataTable::Cell()});
        }
    };
    add("hardware", base.inputs.hardware_json, true);
    add("model", base.inputs.model_json, false);
    add("scenario", base.inputs.scenario_json, false);
    for (const Point* point : points.headline()) {
        add("format " + point->inputs.format_name, point->inputs.format_json, false);
    }
    return table;
}

DataTable provenance_table(const ReportSource& source) {
    DataTable table{
        "provenance", {{"what", "what", ""}, {"value", "value", "", ColumnShow::Code}}, {}};
    const auto add = [&](const std::string& what, const std::string& value) {
        if (!value.empty()) table.rows.push_back({what, value});
    };
    add("lpusim", source.tool.version);
    add("git revision", source.tool.git_revision);
    add("timing model", fmt::format("version {}", kTimingModelVersion));
    add("SystemC", source.tool.systemc_version);
    for (const std::string& file : source.input_files) add("input", file);
    add("points", fmt::format("{}", source.points.all().size()));
    for (const Point* point : source.points.headline()) {
        add("content hash, " + point->inputs.format_name, point->inputs.content_hash);
    }
    add("to repeat this report", source.command);
    return table;
}

std::vector<DataTable> report_tables(const ReportSource& source) {
    const ReportPoints& points = source.points;
    return {comparison_table(points),
            projection_table(points),
            machines_table(points),
            units_table(points),
            operators_table(points),
            bandwidth_table(points),
            bandwidth_regions_table(points),
            crossovers_table(points),
            series_table(points),
            roofline_table(points),
            roof_table(points),
            sensitivity_table(points),
            tornado_table(points),
            tornado_ratio_table(points),
            ratio_assumptions_table(points),
            quality_table(points),
            pairs_table(points),
            sizes_table(points),
            layer_quality_table(source),
            packing_table(points),
            formats_table(points),
            assumptions_table(points),
            configuration_table(points),
            provenance_table(source),
            points_table(points)};
}

}  // namespace lpusim
