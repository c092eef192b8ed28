#include "sim/sweep/result_rows.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "sim/config/diagnostics.h"
#include "sim/sweep/figures.h"
#include "sim/sweep/pareto.h"

namespace lpusim {

namespace {

Json parsed_axes(const std::string& text) {
    Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    return json.is_object() ? json : Json::object();
}

/// The goals of a sweep, as its file in the store has them; none if that cannot be read here, for
/// instance because files that it names are gone.
std::optional<SweepFile> goals_of(const SweepRecord& record) {
    try {
        SweepFile sweep = parse_sweep(record.definition, record.name);
        if (!sweep.pareto.empty()) return sweep;
    } catch (const ConfigError&) {
        return std::nullopt;
    }
    return std::nullopt;
}

std::string pointer_to(std::string path) {
    std::replace(path.begin(), path.end(), '.', '/');
    return "/" + path;
}

const std::string& configuration_of(const SweepKey& key, const PointInputs& inputs) {
    if (key.kind == SweepKey::Kind::HardwareValue) return inputs.hardware_json;
    return key.kind == SweepKey::Kind::ModelValue ? inputs.model_json : inputs.format_json;
}

}  // namespace

StoreAxes::StoreAxes(const ResultStore& store) {
    store.for_each_place([&](const std::string& /*sweep*/, const SweepPlace& place) {
        const Json axes = parsed_axes(place.axes_json);
        for (const auto& [name, value] : axes.items()) {
            const ValueType type = value.is_number() ? ValueType::Number : ValueType::Text;
            const auto [known, is_new] = types_.emplace(name, type);
            if (is_new) names_.push_back(name);
            // An axis with a word among its numbers is one of texts.
            if (type == ValueType::Text) known->second = type;
        }
    });
    add_figure_types(types_, /*has_comparison=*/false);
}

RowFigures::RowFigures(const StoredRow& row, const Expression::Types& types)
    : row_(row), types_(types), axes_(parsed_axes(row.place.axes_json)) {}

FigureValue RowFigures::value(const std::string& name) const {
    const bool is_text = types_.at(name) == ValueType::Text;
    const auto axis = axes_.find(name);
    if (axis != axes_.end()) {
        if (!is_text) return axis->get<double>();
        return axis->is_string() ? axis->get<std::string>() : axis->dump();
    }
    if (row_.stored.failure) return is_text ? FigureValue("") : FigureValue(std::nan(""));
    const FigureValue figure = figure_of(row_.stored.point, name);
    const bool fits = is_text == std::holds_alternative<std::string>(figure);
    return fits ? figure : FigureValue("");
}

DataTable::Cell RowFigures::axis(const std::string& name) const {
    const auto axis = axes_.find(name);
    if (axis == axes_.end()) return {};
    if (axis->is_number_unsigned()) return axis->get<std::uint64_t>();
    if (axis->is_number()) return axis->get<double>();
    return axis->get<std::string>();
}

std::string RowFigures::axis_text(const std::string& name) const {
    const auto axis = axes_.find(name);
    if (axis == axes_.end()) return "";
    if (axis->is_string()) return axis->get<std::string>();
    try {
        const SweepKey key = sweep_key(name);
        if (!key.path.empty()) {
            const Json json = Json::parse(configuration_of(key, row_.stored.point.inputs));
            const Json& value = json.at(Json::json_pointer(pointer_to(key.path)));
            return value.is_string() ? value.get<std::string>() : value.dump();
        }
    } catch (const std::exception&) {
        // A store of another version, or a point without valid inputs: the number has to do.
        return axis->dump();
    }
    return axis->dump();
}

std::vector<bool> pareto_rows(const ResultStore& store, const StoreAxes& axes) {
    std::map<std::string, std::optional<SweepFile>> goals;
    for (const SweepRecord& record : store.sweeps()) goals[record.name] = goals_of(record);
    std::map<std::string, ParetoFront> fronts;
    std::vector<bool> is_on_front;
    store.for_each_row([&](const StoredRow& row) {
        const std::size_t index = is_on_front.size();
        is_on_front.push_back(false);
        const std::optional<SweepFile>& sweep = goals[row.sweep];
        if (!sweep || row.stored.failure || row.place.variant != 0) return;
        const RowFigures figures(row, axes.types());
        const auto lookup = [&](const std::string& name) { return figures.value(name); };
        if (sweep->pareto_where && !sweep->pareto_where->holds(lookup)) return;
        std::vector<double> costs;
        for (const ParetoGoal& goal : sweep->pareto) {
            const FigureValue value = figures.value(goal.figure);
            const auto* number = std::get_if<double>(&value);
            if (number == nullptr || std::isnan(*number)) return;
            costs.push_back(goal.more_is_better ? -*number : *number);
        }
        fronts[row.sweep].add(index, std::move(costs));
    });
    for (const auto& [name, front] : fronts) {
        for (const std::size_t index : front.members()) is_on_front[index] = true;
    }
    return is_on_front;
}

std::vector<DataTable::Column> export_columns(const StoreAxes& axes) {
    std::vector<DataTable::Column> columns;
    const auto add = [&](const std::string& key) { columns.push_back({key, key, ""}); };
    for (const char* key : {"sweep", "ordinal", "probe", "variant"}) add(key);
    for (const std::string& name : axes.names()) add("axis." + name);
    for (const Figure& figure : figures()) add(figure.name);
    for (const char* key : {"content_hash", "pareto", "failure_cause", "failure_reason"}) add(key);
    return columns;
}

std::vector<DataTable::Cell> export_cells(const StoredRow& row, const StoreAxes& axes,
                                          bool is_on_front) {
    const RowFigures figures_of_row(row, axes.types());
    const std::optional<PointFailure>& failure = row.stored.failure;
    std::vector<DataTable::Cell> cells = {row.sweep, row.place.ordinal, row.place.probe,
                                          std::uint64_t{row.place.variant}};
    for (const std::string& name : axes.names()) cells.push_back(figures_of_row.axis(name));
    for (const Figure& figure : figures()) {
        const bool is_name = figure.name.find("_name") != std::string::npos;
        if (failure && !is_name) {
            cells.emplace_back();
            continue;
        }
        const FigureValue value = figure.of(row.stored.point);
        const auto* number = std::get_if<double>(&value);
        if (number == nullptr) {
            cells.emplace_back(std::get<std::string>(value));
        } else if (std::isnan(*number)) {
            cells.emplace_back();
        } else {
            cells.emplace_back(*number);
        }
    }
    cells.emplace_back(row.stored.point.inputs.content_hash);
    cells.emplace_back(is_on_front);
    cells.emplace_back(failure ? DataTable::Cell(std::string(name_of(failure->cause)))
                               : DataTable::Cell());
    cells.emplace_back(failure ? DataTable::Cell(failure->reason) : DataTable::Cell());
    return cells;
}

}  // namespace lpusim
