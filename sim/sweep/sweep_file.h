#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/sweep/expression.h"
#include "sim/sweep/sweep_key.h"
#include "sim/sweep/sweep_value.h"
#include "sim/workload/scenario.h"

namespace lpusim {

struct SweepAxis {
    SweepKey key;
    std::vector<SweepValue> values;
};

struct SweepSetting {
    SweepKey key;
    SweepValue value;
};

/// Where something begins, or ends, to hold.
struct SweepSearch {
    SweepKey key;
    Measured from, to;
    bool smallest = true;
    std::optional<Expression> that;
    /// What differs in the point that is compared with; empty: there is none.
    std::vector<SweepSetting> against;
    /// Either a share of the value, or a distance in base units.
    double tolerance_share = 0;
    std::uint64_t tolerance = 0;
};

struct ParetoGoal {
    std::string figure;
    bool more_is_better = true;
};

/// A sweep file after validation: a base, what is varied, and what is asked of the points.
struct SweepFile {
    std::filesystem::path path;
    std::string text;
    std::string name;
    std::string description;
    /// Paths; empty for what is an axis.
    std::filesystem::path hardware, model, format;
    Scenario scenario;
    std::vector<SweepSetting> set;
    std::vector<SweepAxis> axes;
    /// Axes that go forward together, by number; the first group varies slowest.
    std::vector<std::vector<std::size_t>> groups;
    std::optional<Expression> when;
    std::optional<SweepSearch> search;
    std::vector<ParetoGoal> pareto;
    std::optional<Expression> pareto_where;
};

/// Reads a sweep file and looks for the files that it names. Throws ConfigError with every error of
/// the sweep file.
SweepFile load_sweep(const std::filesystem::path& path);
/// The same of a text that was read elsewhere, such as from a store.
SweepFile parse_sweep(const std::string& text, const std::filesystem::path& path);

/// The names that an expression over the axes may use.
Expression::Types axis_types(const std::vector<SweepAxis>& axes);
/// The units of those that have numbers of one kind.
Expression::Units axis_units(const std::vector<SweepAxis>& axes);

}  // namespace lpusim
