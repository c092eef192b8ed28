#pragma once

#include <string>
#include <vector>

#include "sim/report/report_tables.h"

namespace lpusim::app {

/// Errors of the model's weight matrices in the headline formats, the compared ones first, from
/// random weights: columns as long as the matrix has rows.
std::vector<LayerQuality> synthetic_layer_quality(const ReportPoints& points);
/// Whose weights those are.
std::string synthetic_layer_source();

/// Adds the error of the standard sample to points whose format has none, so that results of sweeps
/// compare with others.
void add_missing_quality(std::vector<Point>& points);

}  // namespace lpusim::app
