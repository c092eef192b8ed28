#pragma once

#include <string>

#include "sim/report/data_table.h"

namespace lpusim {

/// RFC 4180 with a heading of keys; every column, numbers with all their digits. Lines end with a
/// line feed.
std::string csv_table(const DataTable& table);

/// A pipe table of the columns that are shown; no more than `most_rows`, and a line that says so.
std::string markdown_table(const DataTable& table, std::size_t most_rows = 200);

/// A <table> of the columns that are shown, in a container that scrolls by itself. `caption` is
/// plain text. Headings are buttons once the page's script runs: cells carry the value to sort by.
std::string html_table(const DataTable& table, const std::string& caption);

}  // namespace lpusim
