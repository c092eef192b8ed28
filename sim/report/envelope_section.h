#pragma once

#include <string>
#include <vector>

#include "sim/report/text_table.h"
#include "sim/result/result.h"

namespace lpusim {

/// What stands above figures of settings that no test covers; empty when tests cover all of them.
std::string envelope_warning(const std::vector<Point>& points, const TextStyle& style);

/// "array.rows = 1024 (tested: 1 to 512)": what any of the points has outside, once each.
std::vector<std::string> untested_texts(const std::vector<Point>& points);

/// "inside", or "OUTSIDE: 2 settings".
std::string envelope_text(const Point& point);

/// Whether any of the points lies outside.
bool any_outside_envelope(const std::vector<Point>& points);

}  // namespace lpusim
