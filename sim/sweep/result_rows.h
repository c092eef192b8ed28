#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/report/data_table.h"
#include "sim/result/result_store.h"
#include "sim/sweep/expression.h"
#include "sim/sweep/sweep_file.h"

namespace lpusim {

/// The axes of all sweeps in a store, in the order in which they come up.
class StoreAxes {
public:
    explicit StoreAxes(const ResultStore& store);

    const std::vector<std::string>& names() const { return names_; }
    /// Of axes and figures: what a condition over rows may name.
    const Expression::Types& types() const { return types_; }

private:
    std::vector<std::string> names_;
    Expression::Types types_;
};

/// One row of a store with its figures by name.
class RowFigures {
public:
    RowFigures(const StoredRow& row, const Expression::Types& types);

    /// NaN, or an empty text, for an axis that the row's sweep does not have, and for figures of a
    /// point that has no result.
    FigureValue value(const std::string& name) const;
    /// What the axis stands at; nothing if the sweep has none of that name.
    DataTable::Cell axis(const std::string& name) const;
    /// The same as a file has it ("80 GB/s").
    std::string axis_text(const std::string& name) const;

private:
    const StoredRow& row_;
    const Expression::Types& types_;
    Json axes_;
};

/// Which rows of a store, in its order, no other row of their sweep beats in every goal of the
/// sweep's file. Rows of sweeps without goals, without a result, and of comparisons are not.
std::vector<bool> pareto_rows(const ResultStore& store, const StoreAxes& axes);

/// Columns of a row in exports: where it stands, axes, names, figures, failure.
std::vector<DataTable::Column> export_columns(const StoreAxes& axes);
std::vector<DataTable::Cell> export_cells(const StoredRow& row, const StoreAxes& axes,
                                          bool is_on_front);

}  // namespace lpusim
