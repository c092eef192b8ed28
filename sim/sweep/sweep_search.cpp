#include <algorithm>

#include <fmt/format.h>

#include "sim/sweep/figures.h"
#include "sim/sweep/sweep_parts.h"

namespace lpusim {

namespace {

using config::BadValue;
using config::YamlNode;

constexpr double kDefaultTolerance = 0.01;

/// Units of axes, and of what is searched over.
Expression::Units units_with(const std::vector<SweepAxis>& axes, const SweepSearch& search) {
    Expression::Units units = axis_units(axes);
    if (search.from.kind != Measured::Kind::Percent) {
        units[search.key.name] = search.from.measure();
    }
    return units;
}

/// Turns the keys `search.*` into a search.
class SearchReader {
public:
    SearchReader(const config::SweepFields& fields, const std::vector<SweepAxis>& axes,
                 SweepParts& parts)
        : fields_(fields), axes_(axes), parts_(parts) {}

    std::optional<SweepSearch> read() {
        if (!is_given(fields_.search_key)) {
            for (const YamlNode* node :
                 {&fields_.search_from, &fields_.search_to, &fields_.search_that,
                  &fields_.search_against, &fields_.search_tolerance}) {
                if (!is_given(*node)) continue;
                parts_.diagnostics().error(node->at, "missing key 'search.key'");
                break;
            }
            return std::nullopt;
        }
        SweepSearch search;
        search.smallest = fields_.search_smallest;
        if (!read_search_key(search)) return std::nullopt;
        search.against = parts_.settings(fields_.search_against, "search.against");
        Expression::Types types = axis_types(axes_);
        types[search.key.name] = ValueType::Number;
        add_figure_types(types, /*has_comparison=*/!search.against.empty());
        if (is_given(fields_.search_that)) {
            search.that = parts_.expression(fields_.search_that, "search.that", types,
                                            units_with(axes_, search));
        } else {
            parts_.diagnostics().error(fields_.search_key.at,
                                       "missing key 'search.that'; allowed: an expression");
        }
        read_tolerance(search);
        return search;
    }

private:
    bool read_search_key(SweepSearch& search) {
        const auto key = parts_.key_named(fields_.search_key.text, fields_.search_key.at);
        if (!key) return false;
        search.key = *key;
        const auto is_it = [&](const SweepAxis& axis) { return axis.key.is_same(*key); };
        if (std::any_of(axes_.begin(), axes_.end(), is_it)) {
            parts_.error(fields_.search_key.at, "search.key", "is an axis, too");
        }
        const auto from = read_end(*key, fields_.search_from, "search.from");
        const auto to = read_end(*key, fields_.search_to, "search.to");
        if (!from || !to) return false;
        search.from = *from;
        search.to = *to;
        if (!from->same_unit(*to)) {
            parts_.error(fields_.search_to.at, "search.to", "is not of the kind of search.from");
        } else if (from->base == 0 || from->base >= to->base) {
            parts_.error(fields_.search_to.at, "search.to",
                         "has to be above search.from, and that above "
                         "zero");
        }
        return true;
    }

    std::optional<Measured> read_end(const SweepKey& key, const YamlNode& node, const char* name) {
        if (!is_given(node)) {
            parts_.diagnostics().error(
                fields_.search_key.at,
                fmt::format("missing key '{}'; allowed: {}", name, allowed_values(key)));
            return std::nullopt;
        }
        try {
            const SweepValue value = sweep_value(key, node);
            if (value.number) return value.number;
            parts_.error(node.at, name, fmt::format("got {}, which is no number", node.shown()));
        } catch (const BadValue& bad) {
            parts_.error(node.at, name,
                         fmt::format("got {}{}; allowed: {}{}", node.shown(), bad.what(),
                                     allowed_values(key), config::did_you_mean(bad.suggestion)));
        }
        return std::nullopt;
    }

    void read_tolerance(SweepSearch& search) {
        const YamlNode& node = fields_.search_tolerance;
        if (!is_given(node)) {
            search.tolerance_share = kDefaultTolerance;
            return;
        }
        const auto value = measured(node.text);
        const bool is_share = value && value->kind == Measured::Kind::Percent &&
                              search.from.kind != Measured::Kind::Percent;
        if (is_share && value->base > 0) {
            search.tolerance_share = value->number();
        } else if (value && value->same_unit(search.from) && value->base > 0) {
            search.tolerance = value->base;
        } else {
            parts_.error(
                node.at, "search.tolerance",
                fmt::format("got {}; allowed: a percentage, or a distance in the unit of {}, "
                            "above zero",
                            node.shown(), search.key.name));
        }
    }

    const config::SweepFields& fields_;
    const std::vector<SweepAxis>& axes_;
    SweepParts& parts_;
};

void read_goals(const YamlNode& node, const std::string& key, bool more_is_better,
                const Expression::Types& types, SweepParts& parts, SweepFile& sweep) {
    if (!is_given(node)) return;
    if (node.kind != YamlNode::Kind::List) {
        return parts.error(node.at, key,
                           fmt::format("got {}; allowed: a list of figures", node.shown()));
    }
    for (const YamlNode& item : node.items) {
        const auto known = types.find(item.text);
        if (known != types.end() && known->second == ValueType::Number) {
            sweep.pareto.push_back({item.text, more_is_better});
            continue;
        }
        std::vector<std::string> names;
        for (const auto& [name, type] : types) {
            if (type == ValueType::Number) names.push_back(name);
        }
        const std::string meant = config::nearest(item.text, names);
        parts.error(item.at, key,
                    fmt::format("got {}{}", item.shown(),
                                meant.empty() ? "; allowed: " + config::one_of(names)
                                              : config::did_you_mean(meant)));
    }
}

}  // namespace

std::optional<SweepSearch> read_search(const config::SweepFields& fields,
                                       const std::vector<SweepAxis>& axes, SweepParts& parts) {
    return SearchReader(fields, axes, parts).read();
}

void read_pareto(const config::SweepFields& fields, SweepParts& parts, SweepFile& sweep) {
    Expression::Types types = axis_types(sweep.axes);
    if (sweep.search) types[sweep.search->key.name] = ValueType::Number;
    add_figure_types(types, /*has_comparison=*/false);
    read_goals(fields.pareto_maximise, "pareto.maximise", true, types, parts, sweep);
    read_goals(fields.pareto_minimise, "pareto.minimise", false, types, parts, sweep);
    if (!is_given(fields.pareto_where)) return;
    const Expression::Units units =
        sweep.search ? units_with(sweep.axes, *sweep.search) : axis_units(sweep.axes);
    sweep.pareto_where = parts.expression(fields.pareto_where, "pareto.where", types, units);
}

}  // namespace lpusim
