#include "sim/report/side_by_side.h"

#include <algorithm>
#include <utility>

namespace lpusim {

namespace {

constexpr std::size_t kGap = 2;

}  // namespace

SideBySide::SideBySide(std::size_t subjects, std::size_t columns_per_subject)
    : subjects_(subjects), columns_(columns_per_subject) {}

void SideBySide::add(Cell label, std::vector<Group> groups) {
    groups.resize(subjects_);
    for (Group& group : groups) {
        group.resize(columns_);
        // Groups of several columns stand a little further apart than their columns.
        if (columns_ > 1 && !group[0].text.empty()) group[0].text.insert(0, kGap, ' ');
    }
    rows_.push_back({std::move(label), std::move(groups)});
}

std::size_t SideBySide::width_of(std::size_t subject) const {
    std::size_t width = 0;
    for (std::size_t column = 0; column < columns_; ++column) {
        std::size_t widest = 0;
        for (const Row& row : rows_) {
            widest = std::max(widest, display_width(row.groups[subject][column].text));
        }
        width += kGap + widest;
    }
    return width;
}

std::string SideBySide::part(std::size_t first, std::size_t last, std::size_t indent,
                             const TextStyle& style) const {
    std::vector<Align> columns(1 + (last - first) * columns_, Align::Right);
    columns.front() = Align::Left;
    TextTable table(columns);
    for (const Row& row : rows_) {
        TextTable::Row cells = {row.label};
        for (std::size_t subject = first; subject < last; ++subject) {
            const Group& group = row.groups[subject];
            cells.insert(cells.end(), group.begin(), group.end());
        }
        table.add(std::move(cells));
    }
    return table.text(indent, style);
}

std::string SideBySide::text(std::size_t indent, const TextStyle& style) const {
    std::size_t labels = indent;
    for (const Row& row : rows_) {
        labels = std::max(labels, indent + display_width(row.label.text));
    }

    std::string result;
    std::size_t first = 0;
    while (first < subjects_) {
        std::size_t last = first;
        std::size_t width = labels;
        while (last < subjects_ && (last == first || width + width_of(last) <= style.width)) {
            width += width_of(last++);
        }
        if (first != 0) result += "\n";
        result += part(first, last, indent, style);
        first = last;
    }
    return result;
}

}  // namespace lpusim
