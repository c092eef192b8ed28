#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/report/data_table.h"
#include "sim/report/report_definition.h"
#include "sim/report/report_points.h"
#include "sim/report/result_document.h"

namespace lpusim {

/// The error of one kind of weight matrix of the model in one format.
struct LayerQuality {
    std::string layer;
    std::string format;
    std::uint64_t k = 0;
    std::uint64_t n = 0;
    double relative_rmse = 0;
};

/// All that a report is made of.
struct ReportSource {
    const ReportPoints& points;
    ToolInfo tool;
    /// The files read, as named by the user, and the command that repeats the report.
    std::vector<std::string> input_files;
    std::string command;
    std::vector<LayerQuality> layer_quality;
    /// Whose weights those are.
    std::string layer_quality_source;
};

/// Texts that a report definition can put into its own: "{answer}". A fact that the points do not
/// support is not there.
using Facts = std::map<std::string, std::string>;

Facts report_facts(const ReportSource& source);

/// Every table there is, those without rows included: a definition names them.
std::vector<DataTable> report_tables(const ReportSource& source);
/// The names of all tables and facts.
ReportVocabulary report_vocabulary();

// The tables, one by one. docs/reports.md says what is in each.

/// The compared formats; projection_table() has all of the headline.
DataTable comparison_table(const ReportPoints& points);
DataTable projection_table(const ReportPoints& points);
DataTable machines_table(const ReportPoints& points);
DataTable points_table(const ReportPoints& points);

DataTable units_table(const ReportPoints& points);
DataTable operators_table(const ReportPoints& points);
DataTable roofline_table(const ReportPoints& points);
DataTable roof_table(const ReportPoints& points);

DataTable bandwidth_table(const ReportPoints& points);
DataTable bandwidth_regions_table(const ReportPoints& points);
DataTable crossovers_table(const ReportPoints& points);
DataTable series_table(const ReportPoints& points);

DataTable sensitivity_table(const ReportPoints& points);
/// What a chart of either shows: the keys that move it by 0.1 % or more.
DataTable tornado_table(const ReportPoints& points);
DataTable tornado_ratio_table(const ReportPoints& points);
DataTable ratio_assumptions_table(const ReportPoints& points);

DataTable quality_table(const ReportPoints& points);
DataTable pairs_table(const ReportPoints& points);
DataTable sizes_table(const ReportPoints& points);
DataTable layer_quality_table(const ReportSource& source);
DataTable packing_table(const ReportPoints& points);

DataTable assumptions_table(const ReportPoints& points);
DataTable configuration_table(const ReportPoints& points);
DataTable formats_table(const ReportPoints& points);
DataTable provenance_table(const ReportSource& source);

// What several of them, and the facts, agree on.

/// "WeightStream", "MacArray (mac_array.load)" or "dependency-bound".
std::string bottleneck_text(const Point& point);

/// Of a key of the hardware file; null where the result does not say.
const Assumption* provenance_of(const Point& point, const std::string& key);

/// Of a headline point's format; empty if there are too few points to show where something changes.
std::vector<SeriesPoint> bandwidth_series(const ReportPoints& points, const Point& point);

/// A stretch of bandwidth in which one engine binds a format.
struct BindingRegion {
    /// The first and the last bandwidth that were simulated in it.
    double first = 0;
    double last = 0;
    std::string bottleneck;
};
std::vector<BindingRegion> binding_regions(const std::vector<SeriesPoint>& series);

/// The base and the other format at one bandwidth.
struct ComparedPair {
    double value = 0;
    const Point* base = nullptr;
    const Point* other = nullptr;
};
std::vector<ComparedPair> compared_along(const ReportPoints& points, const std::string& key);

/// From the second bandwidth on the other format gains less than 1 %; at the first it still does.
struct GainLost {
    double still = 0;
    double gone = 0;
};
inline constexpr double kNoGain = 1.01;
std::optional<GainLost> gain_lost(const std::vector<ComparedPair>& pairs);

/// A change by which a number moves the ratio of the compared formats' times counts from here on.
inline constexpr double kRatioMoves = 0.01;

}  // namespace lpusim
