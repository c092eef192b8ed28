#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "sim/report/report_definition.h"
#include "sim/report/report_tables.h"

namespace lpusim {

/// A report as it is written: texts have their facts, sections their reasons.
// NOLINTNEXTLINE(bugprone-exception-escape): a JSON value's destructor may allocate
struct ReportContent {
    struct Chart {
        std::string id;
        std::string caption;
        std::string alternative;
        Json specification;
        std::map<std::string, std::string> data;
        /// Set by whoever renders it: an <svg> element.
        std::string svg;
    };
    struct Table {
        const DataTable* table = nullptr;
        std::string caption;
        bool folded = false;
    };
    struct Section {
        std::string id;
        std::string title;
        /// Why it is empty; then it has no other content.
        std::string left_out;
        std::vector<std::string> text;
        std::vector<ReportTile> tiles;
        std::vector<Chart> charts;
        std::vector<Table> tables;
    };

    std::string name;
    std::string title;
    std::string description;
    std::vector<Section> sections;
    std::vector<DataTable> tables;
    Facts facts;
    /// Vega's, for all charts.
    Json chart_config;

    const DataTable& table(const std::string& wanted) const;
};

/// Throws ConfigError for a specification that cannot be read.
ReportContent report_content(const ReportDefinition& definition, std::vector<DataTable> tables,
                             Facts facts, const std::filesystem::path& chart_config);

/// What the charts are drawn from, in the page and by the renderer:
/// {"config", "charts": [{"id", "specification", "data"}], "tables": {name: rows}}.
Json chart_payload(const ReportContent& content);

/// The files of a page that are not made from results: reports/page.
struct PageAssets {
    std::string style;
    /// Vega's modules, charts.js and page.js, in this order.
    std::vector<std::string> scripts;
};

std::string report_html(const ReportContent& content, const PageAssets& assets);
/// Figures are linked as figures/<id>.svg.
std::string report_markdown(const ReportContent& content);
/// Facts and all tables but that of all points, which is data.csv.
Json report_json(const ReportContent& content);

/// An SVG that stands alone: the page's colours have their light values, and nothing of a script.
std::string figure_file(const std::string& svg, const std::string& alternative);

}  // namespace lpusim
