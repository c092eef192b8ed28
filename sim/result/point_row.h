#pragma once

#include <string>
#include <vector>

#include <SQLiteCpp/Statement.h>

#include "sim/result/document_table.h"
#include "sim/result/result_store.h"

namespace lpusim {

/// The columns of the table `point` behind its id: name and type.
struct PointColumn {
    std::string name;
    std::string type;
};
const std::vector<PointColumn>& point_columns();

/// "name, name, ..." of all of them, each behind `prefix`.
std::string point_column_list(const std::string& prefix);

/// Binds all columns to a statement's parameters 1 to n, and puts the texts among them into the
/// table of documents.
void bind_point(SQLite::Statement& statement, const std::string& key, const StoredPoint& stored,
                DocumentTable& documents);

/// Reads them from a statement's columns, the first of which is `first`; the key of a point with a
/// result is its content hash.
StoredPoint read_point(SQLite::Statement& statement, int first, const DocumentTable& documents);

}  // namespace lpusim
