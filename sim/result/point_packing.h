#pragma once

#include <string>
#include <string_view>

#include "sim/result/result.h"

namespace lpusim {

// The lists of a point as the store holds them: the names apart from the counts, for all points of
// a sweep have the same names.

/// {"engines": [[name, unit], ...], "operators": [name, ...], "counters": [name, ...]}
std::string layout_of(const Point& point);

/// The counts, in the order of the layout: each engine's busy, starved, blocked, waiting and idle;
/// each operator's cycles and stream bytes, and its busy cycles per engine; each counter. A count
/// is an unsigned LEB128: seven bits per byte, low ones first, the eighth says that more follow.
std::string pack_counts(const Point& point);

/// Puts both back into a point. Throws ResultFormatError if they do not fit together.
void unpack_lists(const std::string& layout, std::string_view counts, Point& point);

}  // namespace lpusim
