#include "sim/report/data_table.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <type_traits>

#include "sim/report/number_text.h"

namespace lpusim {

std::size_t DataTable::column(const std::string& key) const {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].key == key) return i;
    }
    throw std::out_of_range("table " + name + " has no column " + key);
}

std::string cell_text(const DataTable::Column& column, const DataTable::Cell& cell) {
    return std::visit(
        [&](const auto& value) -> std::string {
            using Value = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<Value, std::monostate>) return "–";
            if constexpr (std::is_same_v<Value, std::string>) return value;
            if constexpr (std::is_same_v<Value, double>) return real_text(value, column.digits);
            if constexpr (std::is_same_v<Value, std::uint64_t>) return count_text(value);
            if constexpr (std::is_same_v<Value, bool>) return value ? "yes" : "no";
        },
        cell);
}

bool is_number(const DataTable::Cell& cell) {
    return std::holds_alternative<double>(cell) || std::holds_alternative<std::uint64_t>(cell);
}

bool is_numeric(const DataTable& table, std::size_t column) {
    bool any = false;
    for (const auto& row : table.rows) {
        const DataTable::Cell& cell = row.at(column);
        if (std::holds_alternative<std::monostate>(cell)) continue;
        if (!is_number(cell)) return false;
        any = true;
    }
    return any;
}

Json rows_json(const DataTable& table) {
    Json rows = Json::array();
    for (const auto& row : table.rows) {
        Json object = Json::object();
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            std::visit(
                [&](const auto& value) {
                    using Value = std::decay_t<decltype(value)>;
                    Json& json = object[table.columns[i].key];
                    if constexpr (!std::is_same_v<Value, std::monostate>) json = value;
                    if constexpr (std::is_same_v<Value, double>) {
                        if (!std::isfinite(value)) json = nullptr;
                    }
                },
                row.at(i));
        }
        rows.push_back(std::move(object));
    }
    return rows;
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
        text += names[i];
    }
    return text;
}

}  // namespace lpusim
