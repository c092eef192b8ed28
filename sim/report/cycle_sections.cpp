#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sim/report/metrics.h"
#include "sim/report/number_text.h"
#include "sim/report/side_by_side.h"
#include "sim/report/terminal_report.h"

namespace lpusim {

namespace {

constexpr std::size_t kOperatorsShown = 8;

using Cell = TextTable::Cell;

/// In tables that are mostly zeros, zeros do not deserve attention.
constexpr const char* kNothing = "·";

std::string share_text(Cycles part, Cycles whole) {
    return part == Cycles(0) ? kNothing : percent_text(share_of(part, whole));
}

const OperatorCycles* find_operator(const Point& point, const std::string& name) {
    const auto found = std::find_if(point.operators.begin(), point.operators.end(),
                                    [&](const OperatorCycles& op) { return op.name == name; });
    return found == point.operators.end() ? nullptr : &*found;
}

struct RankedOperator {
    std::string name;
    /// In the point where it is largest.
    double share = 0;
};

/// All operators of any point, the costliest first.
std::vector<RankedOperator> ranked_operators(const std::vector<Point>& points) {
    std::vector<RankedOperator> ranked;
    for (const Point& point : points) {
        for (const OperatorCycles& op : point.operators) {
            auto place = std::find_if(ranked.begin(), ranked.end(),
                                      [&](const auto& r) { return r.name == op.name; });
            if (place == ranked.end()) place = ranked.insert(place, {op.name, 0});
            place->share = std::max(place->share, share_of(op.cycles, point.cycles));
        }
    }
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const auto& a, const auto& b) { return a.share > b.share; });
    return ranked;
}

SideBySide::Group cost_cells(Cycles cycles, Bytes stream, const Point& point) {
    return {{count_text(cycles.count())},
            {share_text(cycles, point.cycles)},
            {stream == Bytes(0) ? kNothing : decimal_bytes_text(stream)}};
}

/// What the operators from `first` on cost together.
SideBySide::Group rest_cells(const std::vector<RankedOperator>& ranked, std::size_t first,
                             const Point& point) {
    Cycles cycles;
    Bytes stream;
    for (std::size_t i = first; i < ranked.size(); ++i) {
        const OperatorCycles* op = find_operator(point, ranked[i].name);
        if (op == nullptr) continue;
        cycles += op->cycles;
        stream += op->stream_bytes;
    }
    return cost_cells(cycles, stream, point);
}

TextTable account_table(const Point& point, bool with_counts) {
    std::vector<Align> columns = {Align::Left,  Align::Right, Align::Right,
                                  Align::Right, Align::Right, Align::Right};
    if (with_counts) columns.push_back(Align::Right);
    columns.push_back(Align::Left);
    TextTable table(std::move(columns));

    TextTable::Row heads = {{"engine", Paint::Dim},  {"busy", Paint::Dim},
                            {"starved", Paint::Dim}, {"blocked", Paint::Dim},
                            {"waiting", Paint::Dim}, {"idle", Paint::Dim}};
    if (with_counts) heads.push_back({"busy cycles", Paint::Dim});
    table.add(std::move(heads));
    for (const EngineCycles& engine : point.units) {
        const bool binds =
            engine.name == point.bottleneck.engine && engine.unit == point.bottleneck.unit;
        const Paint paint = binds ? Paint::Highlight : Paint::Plain;
        TextTable::Row row = {{engine.name, paint}};
        for (const Cycles part :
             {engine.busy, engine.starved, engine.blocked, engine.waiting, engine.idle}) {
            row.push_back({share_text(part, point.cycles), paint});
        }
        if (with_counts) row.push_back({count_text(engine.busy.count()), paint});
        row.push_back({binds ? "<- binds" : "", paint});
        table.add(std::move(row));
    }
    return table;
}

}  // namespace

std::string account_section(const Point& point, const TextStyle& style) {
    TextTable table = account_table(point, /*with_counts=*/true);
    // 80 columns hold the shares, and these are what tells who binds.
    if (table.width(kIndent) > style.width) table = account_table(point, /*with_counts=*/false);
    const std::string head =
        fmt::format("Where the cycles go: {}, in % of {} cycles",
                    printable(point.inputs.format_name), count_text(point.cycles.count()));
    return painted(head, Paint::Bold, style) + "\n\n" + table.text(kIndent, style);
}

std::string operator_section(const std::vector<Point>& points, const TextStyle& style) {
    const std::vector<RankedOperator> ranked = ranked_operators(points);
    const std::size_t shown = std::min(ranked.size(), kOperatorsShown);
    const std::size_t rest = ranked.size() - shown;

    SideBySide table(points.size(), 3);
    const auto add_row = [&](const Cell& label, const auto& cells_of) {
        std::vector<SideBySide::Group> groups;
        groups.reserve(points.size());
        for (const Point& point : points) groups.push_back(cells_of(point));
        table.add(label, std::move(groups));
    };
    add_row({}, [](const Point& point) {
        return SideBySide::Group{{point.inputs.format_name, Paint::Bold}};
    });
    add_row({"operator", Paint::Dim}, [](const Point&) {
        return SideBySide::Group{{"cycles", Paint::Dim}, {"%", Paint::Dim}, {"stream", Paint::Dim}};
    });
    for (std::size_t i = 0; i < shown; ++i) {
        add_row({ranked[i].name}, [&](const Point& point) {
            const OperatorCycles* op = find_operator(point, ranked[i].name);
            return op == nullptr ? SideBySide::Group{}
                                 : cost_cells(op->cycles, op->stream_bytes, point);
        });
    }
    if (rest > 0) {
        add_row({fmt::format("{} others", rest)},
                [&](const Point& point) { return rest_cells(ranked, shown, point); });
    }
    return painted("Operators that cost most, all layers together", Paint::Bold, style) + "\n\n" +
           table.text(kIndent, style);
}

}  // namespace lpusim
