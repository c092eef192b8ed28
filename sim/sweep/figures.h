#pragma once

#include <string>
#include <vector>

#include "sim/result/result.h"
#include "sim/sweep/expression.h"

namespace lpusim {

/// A figure of a result that conditions and Pareto fronts can name.
struct Figure {
    std::string name;
    ValueType type = ValueType::Number;
    FigureValue (*of)(const Point& point);
    std::string doc;
};

/// The metrics of docs/result.md, then names.
const std::vector<Figure>& figures();

/// The name of tokens per second over those of the point that a search compares with.
inline constexpr const char* kSpeedUp = "speed_up";

void add_figure_types(Expression::Types& types, bool has_comparison);

/// NaN for a figure that the point does not have (an RMSE without its format's quality) or that
/// there is none of that name.
FigureValue figure_of(const Point& point, const std::string& name);

}  // namespace lpusim
