#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "sim/report/metrics.h"
#include "sim/report/report_tables.h"
#include "sim/report/table_units.h"

namespace lpusim {

namespace {

/// One key, halved or doubled.
struct Knob {
    ChangedPoint base;
    const Point* other = nullptr;
    bool doubled = false;
    std::string confidence;

    double time_change(const Point& headline, const Point& changed) const {
        return seconds_per_token(changed) / seconds_per_token(headline) - 1;
    }
};

std::string confidence_of(const Point& point, const std::string& key) {
    const Assumption* known = provenance_of(point, key);
    return known != nullptr ? known->confidence : "";
}

bool is_factor(double factor, double wanted) {
    constexpr double kTolerance = 1e-6;
    return std::fabs(factor / wanted - 1) < kTolerance;
}

std::vector<Knob> knobs_of(const ReportPoints& points) {
    std::map<std::pair<std::string, std::string>, const Point*> others;
    if (points.other() != nullptr) {
        for (const ChangedPoint& change : points.changes(points.other()->inputs.format_name)) {
            others[{change.key, change.to}] = change.point;
        }
    }
    std::vector<Knob> knobs;
    for (ChangedPoint& change : points.changes(points.base().inputs.format_name)) {
        const bool doubled = is_factor(change.factor, 2);
        if (!doubled && !is_factor(change.factor, 0.5)) continue;
        const auto other = others.find({change.key, change.to});
        Knob knob{change, other == others.end() ? nullptr : other->second, doubled,
                  confidence_of(points.base(), change.key)};
        if (points.other() != nullptr && knob.other == nullptr) continue;
        knobs.push_back(std::move(knob));
    }
    return knobs;
}

/// Keys by how much they move the time of a token, in either direction.
std::vector<std::string> ranked_keys(const ReportPoints& points, const std::vector<Knob>& knobs) {
    std::map<std::string, double> moves;
    for (const Knob& knob : knobs) {
        double& most = moves[knob.base.key];
        most = std::max(most, std::fabs(knob.time_change(points.base(), *knob.base.point)));
        if (knob.other == nullptr) continue;
        most = std::max(most, std::fabs(knob.time_change(*points.other(), *knob.other)));
    }
    std::vector<std::pair<std::string, double>> ranked(moves.begin(), moves.end());
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    std::vector<std::string> keys;
    keys.reserve(ranked.size());
    for (const auto& entry : ranked) keys.push_back(entry.first);
    return keys;
}

/// The rows of keys for which `column` reaches a share of the shown percent in either direction.
DataTable reaching(const ReportPoints& points, const char* name, const char* column) {
    constexpr double kShownPercent = 0.1;
    DataTable table = sensitivity_table(points);
    table.name = name;
    const std::size_t key = table.column("key");
    const std::size_t value = table.column(column);
    std::set<std::string> shown;
    for (const auto& row : table.rows) {
        const auto* percent = std::get_if<double>(&row[value]);
        if (percent != nullptr && std::fabs(*percent) >= kShownPercent) {
            shown.insert(std::get<std::string>(row[key]));
        }
    }
    const auto is_still = [&](const std::vector<DataTable::Cell>& row) {
        return shown.count(std::get<std::string>(row[key])) == 0;
    };
    table.rows.erase(std::remove_if(table.rows.begin(), table.rows.end(), is_still),
                     table.rows.end());
    return table;
}

}  // namespace

DataTable tornado_table(const ReportPoints& points) {
    return reaching(points, "tornado",
                    points.other() == nullptr ? "base_time_percent" : "other_time_percent");
}

DataTable tornado_ratio_table(const ReportPoints& points) {
    return reaching(points, "tornado_ratio", "ratio_percent");
}

DataTable sensitivity_table(const ReportPoints& points) {
    const std::string base = points.base().inputs.format_name;
    const std::string other = points.other() == nullptr ? base : points.other()->inputs.format_name;
    DataTable table{"sensitivity",
                    {{"key", "hardware key", "", ColumnShow::Code},
                     {"rank", "rank", "", ColumnShow::Hidden},
                     {"change", "change", ""},
                     {"from", "from", ""},
                     {"to", "to", ""},
                     {"confidence", "its value is", ""},
                     {"base_time_percent", "time with " + base, "% more", ColumnShow::Plain, 3},
                     {"other_time_percent", "time with " + other, "% more", ColumnShow::Plain, 3},
                     {"ratio", base + " time ÷ " + other + " time", ""},
                     {"ratio_percent", "that ratio changes by", "%", ColumnShow::Plain, 3}},
                    {}};
    const std::vector<Knob> knobs = knobs_of(points);
    const double headline_ratio =
        points.other() == nullptr ? 1 : speed_up(points.base(), *points.other());
    std::size_t rank = 0;
    for (const std::string& key : ranked_keys(points, knobs)) {
        for (const bool doubled : {false, true}) {
            for (const Knob& knob : knobs) {
                if (knob.base.key != key || knob.doubled != doubled) continue;
                const Point& changed = *knob.base.point;
                DataTable::Cell time_cell;
                DataTable::Cell ratio_cell;
                DataTable::Cell ratio_change;
                if (knob.other != nullptr) {
                    const double ratio = speed_up(changed, *knob.other);
                    time_cell = kPercent * knob.time_change(*points.other(), *knob.other);
                    ratio_cell = ratio;
                    ratio_change = kPercent * (ratio / headline_ratio - 1);
                }
                table.rows.push_back({key, std::uint64_t{rank},
                                      std::string(doubled ? "doubled" : "halved"), knob.base.from,
                                      knob.base.to, knob.confidence,
                                      kPercent * knob.time_change(points.base(), changed),
                                      time_cell, ratio_cell, ratio_change});
            }
        }
        ++rank;
    }
    return table;
}

DataTable ratio_assumptions_table(const ReportPoints& points) {
    DataTable table = sensitivity_table(points);
    table.name = "ratio_assumptions";
    const std::size_t confidence = table.column("confidence");
    const std::size_t change = table.column("ratio_percent");
    const auto is_steady = [&](const std::vector<DataTable::Cell>& row) {
        const auto* percent = std::get_if<double>(&row[change]);
        return percent == nullptr || std::fabs(*percent) <= kPercent * kRatioMoves ||
               std::get<std::string>(row[confidence]) != "assumed";
    };
    table.rows.erase(std::remove_if(table.rows.begin(), table.rows.end(), is_steady),
                     table.rows.end());
    return table;
}

}  // namespace lpusim
