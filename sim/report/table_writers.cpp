#include "sim/report/table_writers.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include <fmt/format.h>

#include "sim/report/escape.h"
#include "sim/report/number_text.h"

namespace lpusim {

namespace {

/// A name of so many characters is not broken at its hyphens.
constexpr std::size_t kOneLine = 18;

/// With all digits, for machines.
std::string exact_number(const DataTable::Cell& cell) {
    if (const auto* count = std::get_if<std::uint64_t>(&cell)) return fmt::format("{}", *count);
    const double value = std::get<double>(cell);
    return std::isfinite(value) ? fmt::format("{}", value) : "";
}

std::string csv_cell(const DataTable::Column& column, const DataTable::Cell& cell) {
    if (std::holds_alternative<std::monostate>(cell)) return "";
    if (is_number(cell)) return exact_number(cell);
    return csv_text(cell_text(column, cell));
}

std::string heading(const DataTable::Column& column) {
    return column.unit.empty() ? column.label : column.label + ", " + column.unit;
}

std::vector<std::size_t> shown_columns(const DataTable& table) {
    std::vector<std::size_t> shown;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (table.columns[i].show != DataTable::Show::Hidden) shown.push_back(i);
    }
    return shown;
}

std::string markdown_cell(const DataTable::Column& column, const DataTable::Cell& cell) {
    const std::string text = cell_text(column, cell);
    return column.show == DataTable::Show::Code ? markdown_code(text) : markdown_text(text);
}

std::string html_cell(const DataTable::Column& column, const DataTable::Cell& cell, bool numeric,
                      bool header) {
    std::string text = html_text(cell_text(column, cell));
    if (column.show == DataTable::Show::Code) text = "<code>" + text + "</code>";
    std::string attributes;
    if (numeric) {
        attributes += " class=\"n\"";
    } else if (!header && text.size() <= kOneLine) {
        attributes += " class=\"s\"";
    }
    if (is_number(cell)) attributes += fmt::format(" data-v=\"{}\"", exact_number(cell));
    if (header) return fmt::format("<th scope=\"row\"{}>{}</th>", attributes, text);
    return fmt::format("<td{}>{}</td>", attributes, text);
}

}  // namespace

std::string csv_table(const DataTable& table) {
    std::string text;
    const auto add_line = [&](const auto& cell_of) {
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            if (i > 0) text += ',';
            text += cell_of(i);
        }
        text += '\n';
    };
    add_line([&](std::size_t i) { return csv_text(table.columns[i].key); });
    for (const auto& row : table.rows) {
        add_line([&](std::size_t i) { return csv_cell(table.columns[i], row.at(i)); });
    }
    return text;
}

std::string markdown_table(const DataTable& table, std::size_t most_rows) {
    const std::vector<std::size_t> shown = shown_columns(table);
    std::string text = "|";
    std::string rule = "|";
    for (const std::size_t i : shown) {
        text += " " + markdown_text(heading(table.columns[i])) + " |";
        rule += is_numeric(table, i) ? "---:|" : "---|";
    }
    text += "\n" + rule + "\n";
    const std::size_t rows = std::min(most_rows, table.rows.size());
    for (std::size_t r = 0; r < rows; ++r) {
        text += "|";
        for (const std::size_t i : shown) {
            text += " " + markdown_cell(table.columns[i], table.rows[r].at(i)) + " |";
        }
        text += "\n";
    }
    if (rows < table.rows.size()) {
        text += fmt::format("\n{} of {} rows; the data files have all.\n", count_text(rows),
                            count_text(table.rows.size()));
    }
    return text;
}

std::string html_table(const DataTable& table, const std::string& caption) {
    const std::vector<std::size_t> shown = shown_columns(table);
    const std::string label = html_text(caption);
    std::string text = fmt::format(
        "<div class=\"scroll\" role=\"region\" aria-label=\"{}\" tabindex=\"0\">\n"
        "<table class=\"data\" id=\"table-{}\">\n<caption>{}</caption>\n<thead><tr>",
        label, identifier(table.name), label);
    std::vector<bool> numeric;
    for (const std::size_t i : shown) {
        numeric.push_back(is_numeric(table, i));
        text += fmt::format("<th scope=\"col\"{}>{}</th>", numeric.back() ? " class=\"n\"" : "",
                            html_text(heading(table.columns[i])));
    }
    text += "</tr></thead>\n<tbody>\n";
    for (const auto& row : table.rows) {
        text += "<tr>";
        for (std::size_t c = 0; c < shown.size(); ++c) {
            text += html_cell(table.columns[shown[c]], row.at(shown[c]), numeric[c], c == 0);
        }
        text += "</tr>\n";
    }
    return text + "</tbody>\n</table>\n</div>\n";
}

}  // namespace lpusim
