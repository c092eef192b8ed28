#pragma once

#include "sim/report/data_table.h"

namespace lpusim {

// What the tables of a report have in common.

inline constexpr double kPercent = 100;
inline constexpr double kMilli = 1e3;
inline constexpr double kTera = 1e12;

using ColumnShow = DataTable::Show;

}  // namespace lpusim
