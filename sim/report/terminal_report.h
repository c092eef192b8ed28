#pragma once

#include <string>
#include <vector>

#include "sim/report/text_table.h"
#include "sim/result/result.h"

namespace lpusim {

/// The projection as a person reads it on a terminal: what was asked, the answer for each point,
/// where its cycles went, and what the figures rest on. The points are of one model on one hardware
/// in one scenario and differ in their format; speed-ups are against the first. Empty for no
/// points.
std::string terminal_report(const std::vector<Point>& points, const TextStyle& style);

// Its sections, each ending in a line break.

std::string question_section(const std::vector<Point>& points, const TextStyle& style);
std::string projection_section(const std::vector<Point>& points, const TextStyle& style);
std::string account_section(const Point& point, const TextStyle& style);
std::string operator_section(const std::vector<Point>& points, const TextStyle& style);
std::string provenance_section(const std::vector<Point>& points, const TextStyle& style);

}  // namespace lpusim
