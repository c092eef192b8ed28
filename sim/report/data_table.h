#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "sim/result/result_json.h"

namespace lpusim {

/// Rows of values under named columns: what charts are drawn from, and what tables show.
struct DataTable {
    /// Nothing, a text, a number, a count, or yes and no.
    using Cell = std::variant<std::monostate, std::string, double, std::uint64_t, bool>;

    enum class Show {
        /// Text to the left, numbers to the right.
        Plain,
        /// As code: names of keys, hashes.
        Code,
        /// Only for charts and for JSON.
        Hidden
    };
    struct Column {
        /// In data: "seconds_per_token".
        std::string key;
        /// In headings: "time per token".
        std::string label;
        std::string unit;
        Show show = Show::Plain;
        /// Significant digits that people see of a number; data has all.
        int digits = 4;
    };

    std::string name;
    std::vector<Column> columns;
    std::vector<std::vector<Cell>> rows;

    bool empty() const { return rows.empty(); }
    /// Index of a column; throws std::out_of_range.
    std::size_t column(const std::string& key) const;
};

/// What people see: "12,345", "2.157", "yes", "–" for nothing. Not yet escaped.
std::string cell_text(const DataTable::Column& column, const DataTable::Cell& cell);
bool is_number(const DataTable::Cell& cell);
/// Whether every cell of a column that holds anything holds a number.
bool is_numeric(const DataTable& table, std::size_t column);

/// An object per row, with all columns. What is not finite is null.
Json rows_json(const DataTable& table);

/// In prose: "w3p5-g64", "int4-g64 and w3p5-g64", "a, b and c".
std::string joined(const std::vector<std::string>& names);

}  // namespace lpusim
