#include <algorithm>
#include <map>
#include <numeric>

#include "sim/config/diagnostics.h"
#include "sim/config/format_schema.h"
#include "sim/config/model_schema.h"
#include "sim/report/metrics.h"
#include "sim/report/report_tables.h"
#include "sim/report/table_units.h"
#include "sim/workload/operators.h"

namespace lpusim {

namespace {
/// Operators that stand for themselves; the others are one row.
constexpr std::size_t kMostOperators = 8;
constexpr double kOperationsPerMac = 2;

std::vector<const Point*> compared(const ReportPoints& points) {
    std::vector<const Point*> pair = {&points.base()};
    if (points.other() != nullptr) pair.push_back(points.other());
    return pair;
}

std::vector<std::size_t> costliest_first(const Point& point) {
    std::vector<std::size_t> order(point.operators.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return point.operators[a].cycles > point.operators[b].cycles;
    });
    return order;
}

/// Multiply-accumulates of each operator, all layers and heads together, from the model and the
/// scenario that the point was computed from.
std::map<std::string, double> macs_by_operator(const Point& point) {
    config::Diagnostics diagnostics(point.inputs.model_name);
    const Model model =
        config::read_model(config::parse_yaml(point.inputs.model_json, diagnostics), diagnostics);
    const NumberFormat format =
        config::read_format(config::parse_yaml(point.inputs.format_json, diagnostics), diagnostics);
    diagnostics.throw_if_any();
    const Json json = Json::parse(point.inputs.scenario_json);
    Scenario scenario;
    scenario.batch = point.batch;
    scenario.context = json.at("context").get<std::uint32_t>();
    scenario.kv_bits = json.at("kv_bits").get<std::uint32_t>();
    const DecodeStep step = decode_step(model, scenario, format.operand_bytes);

    std::map<std::string, double> macs;
    const auto add = [&](const std::vector<Operator>& operators, double times) {
        for (const Operator& op : operators) {
            const MatMul* product = op.matmul();
            if (product == nullptr) continue;
            const double heads = op.per_head ? 1.0 * step.sequences * step.kv_heads : 1.0;
            macs[op.name] += times * heads * product->m * static_cast<double>(product->k) *
                             static_cast<double>(product->n);
        }
    };
    add(step.prologue, 1);
    add(step.layer, point.layers_total);
    add(step.epilogue, 1);
    return macs;
}

}  // namespace

DataTable units_table(const ReportPoints& points) {
    DataTable table{"units",
                    {{"format", "format", ""},
                     {"engine", "engine", ""},
                     {"unit", "unit", "", ColumnShow::Hidden},
                     {"busy", "busy", "%"},
                     {"starved", "starved", "%"},
                     {"blocked", "blocked", "%"},
                     {"waiting", "waiting", "%"},
                     {"idle", "idle", "%"},
                     {"busy_cycles", "busy cycles", ""},
                     {"binds", "binds", ""}},
                    {}};
    for (const Point* point : compared(points)) {
        for (const EngineCycles& engine : point->units) {
            const auto percent = [&](Cycles part) {
                return kPercent * share_of(part, point->cycles);
            };
            table.rows.push_back(
                {point->inputs.format_name, engine.name, engine.unit, percent(engine.busy),
                 percent(engine.starved), percent(engine.blocked), percent(engine.waiting),
                 percent(engine.idle), engine.busy.count(),
                 engine.name == point->bottleneck.engine && point->bottleneck.unit == engine.unit});
        }
    }
    return table;
}

DataTable operators_table(const ReportPoints& points) {
    DataTable table{"operators",
                    {{"format", "format", ""},
                     {"operator", "operator, all layers", ""},
                     {"rank", "rank", "", ColumnShow::Hidden},
                     {"milliseconds", "time", "ms"},
                     {"percent", "of the token", "%"},
                     {"cycles", "cycles", ""},
                     {"stream_gigabytes", "streamed", "GB"}},
                    {}};
    const std::vector<std::size_t> order = costliest_first(points.base());
    for (const Point* point : compared(points)) {
        const auto add = [&](const std::string& name, std::size_t rank, Cycles cycles,
                             Bytes bytes) {
            table.rows.push_back({point->inputs.format_name, name, std::uint64_t{rank},
                                  kMilli * seconds(cycles, point->clock),
                                  kPercent * share_of(cycles, point->cycles), cycles.count(),
                                  gigabytes(bytes)});
        };
        Cycles other_cycles;
        Bytes other_bytes;
        std::size_t others = 0;
        for (std::size_t rank = 0; rank < order.size(); ++rank) {
            if (order[rank] >= point->operators.size()) continue;
            const OperatorCycles& op = point->operators[order[rank]];
            if (rank < kMostOperators) {
                add(op.name, rank, op.cycles, op.stream_bytes);
                continue;
            }
            other_cycles += op.cycles;
            other_bytes += op.stream_bytes;
            ++others;
        }
        if (others > 0) {
            add(std::to_string(others) + " others", kMostOperators, other_cycles, other_bytes);
        }
    }
    return table;
}

DataTable roofline_table(const ReportPoints& points) {
    DataTable table{"roofline",
                    {{"format", "format", ""},
                     {"operator", "operator", ""},
                     {"intensity", "operations per byte streamed", ""},
                     {"tera_operations_per_second", "achieved", "TOPS"},
                     {"percent", "of the token", "%"}},
                    {}};
    for (const Point* point : compared(points)) {
        const std::map<std::string, double> macs = macs_by_operator(*point);
        for (const OperatorCycles& op : point->operators) {
            const auto found = macs.find(op.name);
            if (found == macs.end() || op.stream_bytes.count() == 0 || op.cycles.count() == 0) {
                continue;
            }
            const double operations = kOperationsPerMac * found->second;
            table.rows.push_back({point->inputs.format_name, op.name,
                                  operations / static_cast<double>(op.stream_bytes.count()),
                                  operations / seconds(op.cycles, point->clock) / kTera,
                                  kPercent * share_of(op.cycles, point->cycles)});
        }
    }
    return table;
}

DataTable roof_table(const ReportPoints& points) {
    const Point& point = points.base();
    const double peak = kOperationsPerMac * static_cast<double>(point.peak_macs_per_cycle) *
                        static_cast<double>(point.clock.count());
    const double bandwidth = peak_stream_bytes_per_second(point);
    DataTable table{"roof",
                    {{"peak_tera_operations", "array, INT8", "TOPS"},
                     {"bandwidth", "stream", "B/s"},
                     {"ridge", "ridge", "operations/B"}},
                    {}};
    if (bandwidth > 0) table.rows.push_back({peak / kTera, bandwidth, peak / bandwidth});
    return table;
}

}  // namespace lpusim
