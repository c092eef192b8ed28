#include "sim/result/store_writer.h"

#include <string>

#include "sim/result/point_row.h"

namespace lpusim {

namespace {

/// "INSERT INTO point (...) VALUES (?, ...)", with what to do when the key is there.
std::string insert_point() {
    std::string parameters;
    std::string updates;
    for (const PointColumn& column : point_columns()) {
        parameters += parameters.empty() ? "?" : ", ?";
        updates += (updates.empty() ? "" : ", ") + column.name + " = excluded." + column.name;
    }
    // A result takes the place of a failure, and nothing that of a result.
    return "INSERT INTO point (" + point_column_list("") + ") VALUES (" + parameters +
           ") ON CONFLICT (key) DO UPDATE SET " + updates +
           " WHERE point.failure_cause IS NOT NULL";
}

std::string hex(const RequestKey& key) {
    constexpr const char* kDigits = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : key) {
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 0xfU];
    }
    return text;
}

/// The first column of the first row, if there is one.
std::optional<std::int64_t> first_value(SQLite::Statement& select) {
    std::optional<std::int64_t> value;
    if (select.executeStep()) value = select.getColumn(0).getInt64();
    select.reset();
    return value;
}

}  // namespace

void bind_key(SQLite::Statement& statement, int index, const RequestKey& key) {
    statement.bind(index, key.data(), static_cast<int>(key.size()));
}

StoreWriter::StoreWriter(SQLite::Database& database, DocumentTable& documents)
    : database_(database),
      documents_(documents),
      insert_point_(database, insert_point()),
      find_point_(database, "SELECT id FROM point WHERE key = ?"),
      insert_effort_(database, "INSERT OR REPLACE INTO simulator VALUES (?, ?, ?, ?, ?)"),
      find_request_(database, "SELECT point FROM request WHERE key = ?"),
      insert_request_(database,
                      "INSERT INTO request (key, point) VALUES (?, ?) ON CONFLICT (key) DO UPDATE "
                      "SET point = excluded.point"),
      delete_unused_(database,
                     "DELETE FROM point WHERE id = ? AND NOT EXISTS (SELECT 1 FROM request WHERE "
                     "point = point.id)"),
      insert_place_(database,
                    "INSERT OR REPLACE INTO place (sweep, ordinal, probe, variant, request, axes) "
                    "VALUES (?, ?, ?, ?, ?, ?)"),
      is_settled_(database,
                  std::string("SELECT 1 FROM request r JOIN point p ON p.id = r.point WHERE r.key "
                              "= ? AND ") +
                      kIsSettled),
      is_unchanged_(database_, "SELECT 1 FROM sweep WHERE id = ? AND definition = ?") {}

std::int64_t StoreWriter::add_sweep(const SweepRecord& sweep) {
    std::int64_t id = 0;
    in_transaction([&] {
        SQLite::Statement select(database_, "SELECT id, definition FROM sweep WHERE name = ?");
        select.bind(1, sweep.name);
        if (!select.executeStep()) {
            SQLite::Statement insert(database_,
                                     "INSERT INTO sweep (name, definition) VALUES (?, ?)");
            insert.bind(1, sweep.name);
            insert.bind(2, sweep.definition);
            insert.exec();
            id = database_.getLastInsertRowid();
            return;
        }
        id = select.getColumn(0).getInt64();
        if (select.getColumn(1).getString() != sweep.definition) redefine(id, sweep.definition);
    });
    sweeps_[id] = sweep;
    return id;
}

void StoreWriter::require_unchanged(std::int64_t sweep) {
    const auto begun = sweeps_.find(sweep);
    if (begun == sweeps_.end()) return;
    is_unchanged_.bind(1, sweep);
    is_unchanged_.bind(2, begun->second.definition);
    if (first_value(is_unchanged_)) return;
    throw StoreError("another process has begun sweep '" + begun->second.name +
                     "' anew in this store, from a changed file; this one has to be started again");
}

/// Points of the old definition stay; where they belong in the new one is for the sweep to say.
void StoreWriter::redefine(std::int64_t sweep, const std::string& definition) {
    for (const char* table : {"place", "finding"}) {
        SQLite::Statement clear(database_,
                                std::string("DELETE FROM ") + table + " WHERE sweep = ?");
        clear.bind(1, sweep);
        clear.exec();
    }
    SQLite::Statement update(database_, "UPDATE sweep SET definition = ? WHERE id = ?");
    update.bind(1, definition);
    update.bind(2, sweep);
    update.exec();
}

void StoreWriter::add(std::int64_t sweep, const SweepPlace& place, const StoredPoint& stored) {
    in_transaction([&] {
        require_unchanged(sweep);
        put_request(place.request, put_point(place.request, stored));
        put_place(sweep, place);
    });
}

bool StoreWriter::add_settled(std::int64_t sweep, const SweepPlace& place) {
    bool found = false;
    in_transaction([&] {
        require_unchanged(sweep);
        bind_key(is_settled_, 1, place.request);
        found = first_value(is_settled_).has_value();
        if (found) put_place(sweep, place);
    });
    return found;
}

void StoreWriter::keep_probes(std::int64_t sweep, std::uint64_t ordinal,
                              const std::vector<std::uint64_t>& probes) {
    std::string list;
    for (const std::uint64_t probe : probes) {
        list += (list.empty() ? "" : ", ") + std::to_string(static_cast<std::int64_t>(probe));
    }
    in_transaction([&] {
        require_unchanged(sweep);
        SQLite::Statement clear(database_,
                                "DELETE FROM place WHERE sweep = ? AND ordinal = ? AND probe NOT "
                                "IN (" +
                                    list + ")");
        clear.bind(1, sweep);
        clear.bind(2, static_cast<std::int64_t>(ordinal));
        clear.exec();
    });
}

void StoreWriter::add_finding(std::int64_t sweep, std::uint64_t ordinal, const Finding& finding) {
    in_transaction([&] {
        require_unchanged(sweep);
        SQLite::Statement insert(database_,
                                 "INSERT OR REPLACE INTO finding VALUES (?, ?, ?, ?, ?, ?)");
        insert.bind(1, sweep);
        insert.bind(2, static_cast<std::int64_t>(ordinal));
        insert.bind(3, finding.axes_json);
        insert.bind(4, finding.key);
        if (finding.value) insert.bind(5, static_cast<std::int64_t>(*finding.value));
        insert.bind(6, finding.text);
        insert.exec();
    });
}

void StoreWriter::begin() {
    transaction_.emplace(database_, SQLite::TransactionBehavior::IMMEDIATE);
}

void StoreWriter::commit() {
    transaction_.value().commit();
    transaction_.reset();
}

void StoreWriter::in_transaction(const std::function<void()>& step) {
    try {
        if (transaction_) return step();
        SQLite::Transaction transaction(database_, SQLite::TransactionBehavior::IMMEDIATE);
        step();
        transaction.commit();
    } catch (...) {
        documents_.forget();
        throw;
    }
}

std::int64_t StoreWriter::put_point(const RequestKey& request, const StoredPoint& stored) {
    const std::string& hash = stored.point.inputs.content_hash;
    // What has no valid inputs has no content either.
    const std::string key = hash.empty() ? "request " + hex(request) : hash;
    insert_point_.reset();
    bind_point(insert_point_, key, stored, documents_);
    const bool is_changed = insert_point_.exec() > 0;
    find_point_.bind(1, key);
    const std::int64_t point = first_value(find_point_).value();
    if (is_changed && !stored.failure) put_effort(point, stored.simulator);
    return point;
}

void StoreWriter::put_effort(std::int64_t point, const SimulatorStats& stats) {
    insert_effort_.reset();
    insert_effort_.bind(1, point);
    insert_effort_.bind(2, stats.wall_seconds);
    insert_effort_.bind(3, static_cast<std::int64_t>(stats.cycles_simulated.count()));
    insert_effort_.bind(4, static_cast<std::int64_t>(stats.cycles_skipped.count()));
    insert_effort_.bind(5, static_cast<std::int64_t>(stats.evaluations));
    insert_effort_.exec();
}

/// A request whose inputs were not known when it failed gets another point when it succeeds.
void StoreWriter::put_request(const RequestKey& request, std::int64_t point) {
    bind_key(find_request_, 1, request);
    const std::optional<std::int64_t> before = first_value(find_request_);
    if (before == point) return;
    insert_request_.reset();
    bind_key(insert_request_, 1, request);
    insert_request_.bind(2, point);
    insert_request_.exec();
    if (!before) return;
    delete_unused_.reset();
    delete_unused_.bind(1, *before);
    delete_unused_.exec();
}

void StoreWriter::put_place(std::int64_t sweep, const SweepPlace& place) {
    insert_place_.reset();
    insert_place_.bind(1, sweep);
    insert_place_.bind(2, static_cast<std::int64_t>(place.ordinal));
    insert_place_.bind(3, static_cast<std::int64_t>(place.probe));
    insert_place_.bind(4, place.variant);
    bind_key(insert_place_, 5, place.request);
    insert_place_.bind(6, place.axes_json);
    insert_place_.exec();
}

}  // namespace lpusim
