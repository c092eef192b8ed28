#include "sim/report/text_table.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace lpusim {

namespace {

constexpr std::string_view kColumnGap = "  ";

std::string_view escape_of(Paint paint) {
    switch (paint) {
        case Paint::Plain:
            return "";
        case Paint::Bold:
            return "\x1b[1m";
        case Paint::Dim:
            return "\x1b[2m";
        case Paint::Highlight:
            return "\x1b[1;33m";
    }
    return "";
}

/// Words one space apart, as many on a line as fit.
std::string filled_lines(std::string_view head, const std::vector<std::string_view>& words,
                         const TextStyle& style) {
    const std::size_t indent = display_width(head);
    std::string result(head);
    std::size_t column = indent;
    for (const std::string_view word : words) {
        const std::size_t width = display_width(word);
        const bool first = column == indent;
        if (!first && column + 1 + width > style.width) {
            result += "\n" + std::string(indent, ' ');
            column = indent;
        } else if (!first) {
            result += ' ';
            ++column;
        }
        result += word;
        column += width;
    }
    return result + "\n";
}

}  // namespace

std::size_t display_width(std::string_view text) {
    // fmt knows how wide characters are: it fills up to a width that no text of so many bytes
    // exceeds.
    const std::size_t filled = fmt::format("{:<{}}", text, text.size()).size();
    return text.size() - (filled - text.size());
}

std::string printable(std::string_view text) {
    constexpr char kDelete = 0x7f;
    std::string result(text);
    std::replace_if(
        result.begin(), result.end(), [](char c) { return (c >= 0 && c < ' ') || c == kDelete; },
        '?');
    return result;
}

std::string painted(std::string_view text, Paint paint, const TextStyle& style) {
    if (!style.colour || paint == Paint::Plain || text.empty()) return std::string(text);
    return fmt::format("{}{}\x1b[0m", escape_of(paint), text);
}

std::string wrapped(std::string_view head, std::string_view text, const TextStyle& style) {
    std::vector<std::string_view> words;
    while (!text.empty()) {
        words.push_back(text.substr(0, text.find(' ')));
        text.remove_prefix(std::min(text.size(), words.back().size() + 1));
    }
    return filled_lines(head, words, style);
}

std::string wrapped_list(std::string_view head, const std::vector<std::string>& items,
                         const TextStyle& style) {
    std::vector<std::string> words;
    words.reserve(items.size());
    for (const std::string& item : items) {
        words.push_back(printable(item) + (words.size() + 1 < items.size() ? "," : ""));
    }
    return filled_lines(head, {words.begin(), words.end()}, style);
}

TextTable::TextTable(std::vector<Align> columns)
    : columns_(std::move(columns)), widths_(columns_.size()) {}

void TextTable::add(Row row) {
    for (std::size_t i = 0; i < row.size(); ++i) {
        row[i].text = printable(row[i].text);
        widths_.at(i) = std::max(widths_[i], display_width(row[i].text));
    }
    rows_.push_back(std::move(row));
}

std::size_t TextTable::width(std::size_t indent) const {
    const std::size_t cells = std::accumulate(widths_.begin(), widths_.end(), std::size_t{0});
    return indent + cells + kColumnGap.size() * (widths_.size() - 1);
}

std::string TextTable::text(std::size_t indent, const TextStyle& style) const {
    std::string result;
    for (const Row& row : rows_) {
        std::string line;
        std::string spaces(indent, ' ');
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::size_t fill = widths_[i] - display_width(row[i].text);
            if (columns_[i] == Align::Right) spaces.append(fill, ' ');
            // Spaces are written only when something follows them.
            if (!row[i].text.empty()) {
                line += std::exchange(spaces, "") + painted(row[i].text, row[i].paint, style);
            }
            if (columns_[i] == Align::Left) spaces.append(fill, ' ');
            spaces += kColumnGap;
        }
        result += line + "\n";
    }
    return result;
}

}  // namespace lpusim
