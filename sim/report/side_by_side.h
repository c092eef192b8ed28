#pragma once

#include <string>
#include <vector>

#include "sim/report/text_table.h"

namespace lpusim {

/// A table with a label per row and, for each of several subjects, the same group of right-aligned
/// columns. Subjects that do not fit the width beside the others go below them, with the labels
/// repeated.
class SideBySide {
public:
    using Cell = TextTable::Cell;
    using Group = std::vector<Cell>;

    SideBySide(std::size_t subjects, std::size_t columns_per_subject);

    /// One group per subject, each of at most columns_per_subject cells.
    void add(Cell label, std::vector<Group> groups);
    std::string text(std::size_t indent, const TextStyle& style) const;

private:
    struct Row {
        Cell label;
        std::vector<Group> groups;
    };

    std::size_t width_of(std::size_t subject) const;
    std::string part(std::size_t first, std::size_t last, std::size_t indent,
                     const TextStyle& style) const;

    std::size_t subjects_;
    std::size_t columns_;
    std::vector<Row> rows_;
};

}  // namespace lpusim
