#include "sim/result/store_merge.h"

#include <algorithm>
#include <string>
#include <vector>

#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include "sim/result/point_row.h"
#include "sim/result/store_file.h"

namespace lpusim {

namespace {

/// Attached for as long as it lives.
class Attached {
public:
    Attached(SQLite::Database& database, const std::filesystem::path& path) : database_(database) {
        SQLite::Statement attach(database, "ATTACH ? AS other");
        attach.bind(1, path.string());
        attach.exec();
    }
    ~Attached() { database_.tryExec("DETACH other"); }
    Attached(const Attached&) = delete;
    Attached& operator=(const Attached&) = delete;

private:
    SQLite::Database& database_;
};

bool is_document(const PointColumn& column) {
    return column.type.find("document") != std::string::npos;
}

/// A column of the other store's point `o`, with documents under their ids in this store.
std::string translated(const PointColumn& column) {
    if (!is_document(column)) return "o." + column.name;
    return "(SELECT mine FROM temp.document_map WHERE other = o." + column.name + ")";
}

// Texts first, then patches to them, whose bases then have ids here.
constexpr const char* kMergeDocuments = R"(
CREATE TEMP TABLE document_map (other INTEGER PRIMARY KEY, mine INTEGER NOT NULL);
INSERT OR IGNORE INTO main.document (base, text)
    SELECT NULL, text FROM other.document WHERE base IS NULL ORDER BY id;
INSERT INTO temp.document_map
    SELECT o.id, m.id FROM other.document o
    JOIN main.document m ON m.text = o.text AND ifnull(m.base, 0) = 0 WHERE o.base IS NULL;
INSERT OR IGNORE INTO main.document (base, text)
    SELECT b.mine, o.text FROM other.document o
    JOIN temp.document_map b ON b.other = o.base ORDER BY o.id;
INSERT INTO temp.document_map
    SELECT o.id, m.id FROM other.document o JOIN temp.document_map b ON b.other = o.base
    JOIN main.document m ON m.text = o.text AND ifnull(m.base, 0) = b.mine;
)";

constexpr const char* kMergeRest = R"(
INSERT OR IGNORE INTO main.simulator
    SELECT m.id, e.wall_seconds, e.cycles_simulated, e.cycles_skipped, e.evaluations
    FROM other.simulator e JOIN other.point o ON o.id = e.point JOIN main.point m ON m.key = o.key;
INSERT INTO main.request (key, point)
    SELECT r.key, m.id FROM other.request r JOIN other.point o ON o.id = r.point
    JOIN main.point m ON m.key = o.key WHERE true
    ON CONFLICT (key) DO UPDATE SET point = excluded.point
    WHERE (SELECT failure_cause FROM main.point WHERE id = request.point) IS NOT NULL;
INSERT OR IGNORE INTO main.sweep (name, definition) SELECT name, definition FROM other.sweep;
INSERT INTO main.place (sweep, ordinal, probe, variant, request, axes)
    SELECT m.id, l.ordinal, l.probe, l.variant, l.request, l.axes FROM other.place l
    JOIN other.sweep o ON o.id = l.sweep JOIN main.sweep m ON m.name = o.name
    WHERE true
    ON CONFLICT DO UPDATE SET request = excluded.request, axes = excluded.axes;
INSERT OR REPLACE INTO main.finding (sweep, ordinal, axes, key, value, text)
    SELECT m.id, f.ordinal, f.axes, f.key, f.value, f.text FROM other.finding f
    JOIN other.sweep o ON o.id = f.sweep JOIN main.sweep m ON m.name = o.name;
DELETE FROM main.point WHERE NOT EXISTS
    (SELECT 1 FROM main.request WHERE request.point = point.id);
DROP TABLE temp.document_map;
)";

void refuse_contradictions(SQLite::Database& database, const std::filesystem::path& path,
                           const std::filesystem::path& other) {
    SQLite::Statement select(
        database,
        "SELECT o.key, m.cycles, o.cycles FROM other.point o JOIN main.point m ON m.key = o.key "
        "WHERE o.failure_cause IS NULL AND m.failure_cause IS NULL AND "
        "(o.cycles <> m.cycles OR o.counts <> m.counts) ORDER BY o.key LIMIT 1");
    if (!select.executeStep()) return;
    throw StoreError(other.string() + " and " + path.string() + " contradict each other: point " +
                     select.getColumn(0).getString() + " takes " + select.getColumn(2).getString() +
                     " cycles in the one and " + select.getColumn(1).getString() +
                     " in the other, or its counters differ; they come from different builds of "
                     "lpusim");
}

/// One name for two sweeps would mix their points up.
void refuse_other_definitions(SQLite::Database& database, const std::filesystem::path& path,
                              const std::filesystem::path& other) {
    SQLite::Statement select(
        database,
        "SELECT o.name FROM other.sweep o JOIN main.sweep m ON m.name = o.name "
        "WHERE m.definition <> o.definition ORDER BY o.name LIMIT 1");
    if (!select.executeStep()) return;
    throw StoreError(other.string() + " and " + path.string() + " both have a sweep '" +
                     select.getColumn(0).getString() + "', and not the same one");
}

void merge_points(SQLite::Database& database) {
    std::string values;
    std::string updates;
    for (const PointColumn& column : point_columns()) {
        values += (values.empty() ? "" : ", ") + translated(column);
        updates += (updates.empty() ? "" : ", ") + column.name + " = excluded." + column.name;
    }
    database.exec("INSERT INTO main.point (" + point_column_list("") + ") SELECT " + values +
                  " FROM other.point o WHERE true ORDER BY o.id ON CONFLICT (key) DO UPDATE SET " +
                  updates +
                  " WHERE point.failure_cause IS NOT NULL AND excluded.failure_cause IS NULL");
}

}  // namespace

void merge_store(SQLite::Database& database, const std::filesystem::path& path,
                 const std::filesystem::path& other) {
    const Attached attached(database, other);
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    refuse_contradictions(database, path, other);
    refuse_other_definitions(database, path, other);
    database.exec(kMergeDocuments);
    merge_points(database);
    database.exec(kMergeRest);
    transaction.commit();
}

}  // namespace lpusim
