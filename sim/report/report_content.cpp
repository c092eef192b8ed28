#include "sim/report/report_content.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "sim/config/diagnostics.h"
#include "sim/report/escape.h"

namespace lpusim {

namespace {

/// For charts, whose renderers escape markup and pass on what XML may not hold.
Json plain_rows(const DataTable& table) {
    Json rows = rows_json(table);
    for (Json& row : rows) {
        for (Json& cell : row) {
            if (cell.is_string()) cell = plain_text(cell.get_ref<const std::string&>());
        }
    }
    return rows;
}

class ContentBuilder {
public:
    explicit ContentBuilder(ReportContent& content) : content_(content) {}

    ReportContent::Section section(const ReportSection& definition) const {
        ReportContent::Section section;
        section.id = definition.id;
        section.title = filled(definition.title);
        if (!has_needs(definition)) {
            section.left_out = filled(definition.otherwise);
            return section;
        }
        for (const std::string& text : definition.text) {
            if (auto paragraph = with_facts(text, content_.facts)) {
                section.text.push_back(std::move(*paragraph));
            }
        }
        for (const ReportTile& tile : definition.tiles) {
            auto label = with_facts(tile.label, content_.facts);
            auto value = with_facts(tile.value, content_.facts);
            if (label && value) section.tiles.push_back({*label, *value});
        }
        for (const ReportChart& chart : definition.charts) add_chart(chart, section);
        for (const ReportTableUse& use : definition.tables) {
            const DataTable& table = content_.table(use.table);
            if (table.empty()) continue;
            section.tables.push_back({&table, filled(use.caption), use.folded});
        }
        return section;
    }

private:
    /// A text that must be there: what has no fact shows a dash.
    std::string filled(const std::string& text) const {
        return with_facts(text, content_.facts).value_or("–");
    }

    bool has_needs(const ReportSection& section) const {
        return std::all_of(section.needs.begin(), section.needs.end(), [&](const auto& need) {
            return content_.table(need.first).rows.size() >= need.second;
        });
    }

    void add_chart(const ReportChart& chart, ReportContent::Section& section) const {
        const bool has_data =
            std::all_of(chart.data.begin(), chart.data.end(), [&](const auto& entry) {
                // Some may be empty (nothing crosses), but not all of them.
                return content_.table(entry.second).columns.size() > 0;
            });
        const bool has_rows =
            std::any_of(chart.data.begin(), chart.data.end(),
                        [&](const auto& entry) { return !content_.table(entry.second).empty(); });
        if (!has_data || !has_rows) return;
        section.charts.push_back({chart.id, filled(chart.caption), filled(chart.alternative),
                                  load_specification(chart.specification), chart.data, ""});
    }

    ReportContent& content_;
};

}  // namespace

const DataTable& ReportContent::table(const std::string& wanted) const {
    const auto found = std::find_if(tables.begin(), tables.end(),
                                    [&](const DataTable& table) { return table.name == wanted; });
    if (found == tables.end()) throw std::out_of_range("no table is called " + wanted);
    return *found;
}

ReportContent report_content(const ReportDefinition& definition, std::vector<DataTable> tables,
                             Facts facts, const std::filesystem::path& chart_config) {
    ReportContent content;
    content.name = definition.name;
    content.tables = std::move(tables);
    content.facts = std::move(facts);
    content.chart_config = load_specification(chart_config);
    content.title = with_facts(definition.title, content.facts).value_or(definition.name);
    content.description = with_facts(definition.description, content.facts).value_or("");
    const ContentBuilder builder(content);
    for (const ReportSection& section : definition.sections) {
        content.sections.push_back(builder.section(section));
    }
    return content;
}

Json chart_payload(const ReportContent& content) {
    Json charts = Json::array();
    Json tables = Json::object();
    for (const ReportContent::Section& section : content.sections) {
        for (const ReportContent::Chart& chart : section.charts) {
            charts.push_back(
                {{"id", chart.id}, {"specification", chart.specification}, {"data", chart.data}});
            for (const auto& [source, table] : chart.data) {
                tables[table] = plain_rows(content.table(table));
            }
        }
    }
    return {{"config", content.chart_config}, {"charts", charts}, {"tables", tables}};
}

Json report_json(const ReportContent& content) {
    Json tables = Json::object();
    for (const DataTable& table : content.tables) {
        // data.csv is that one.
        if (table.name == "points") continue;
        Json columns = Json::array();
        for (const DataTable::Column& column : table.columns) {
            columns.push_back(
                {{"key", column.key}, {"label", column.label}, {"unit", column.unit}});
        }
        tables[table.name] = {{"columns", columns}, {"rows", rows_json(table)}};
    }
    Json figures = Json::array();
    Json left_out = Json::object();
    for (const ReportContent::Section& section : content.sections) {
        if (!section.left_out.empty()) left_out[section.id] = section.left_out;
        for (const ReportContent::Chart& chart : section.charts) figures.push_back(chart.id);
    }
    return {{"report", content.name}, {"title", content.title}, {"facts", content.facts},
            {"figures", figures},     {"left_out", left_out},   {"tables", tables}};
}

}  // namespace lpusim
