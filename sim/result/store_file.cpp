#include "sim/result/store_file.h"

#include <cerrno>
#include <string>
#include <system_error>

#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <sqlite3.h>
#include <unistd.h>

#include "sim/result/point_row.h"

namespace lpusim {

namespace {

namespace fs = std::filesystem;

/// "LPUS", so that `file` and we can tell a store from other SQLite files.
constexpr int kApplicationId = 0x4C505553;

/// How long to wait for another writer's transaction; ours take milliseconds.
constexpr int kBusyMilliseconds = 60'000;

/// Without the table `point`, whose columns follow from the fields of a result.
constexpr const char* kTables = R"(
CREATE TABLE document (
    id INTEGER PRIMARY KEY,
    base INTEGER REFERENCES document(id),
    text TEXT NOT NULL);
CREATE UNIQUE INDEX document_by_text ON document (text, ifnull(base, 0));
CREATE TABLE simulator (
    point INTEGER PRIMARY KEY REFERENCES point(id) ON DELETE CASCADE,
    wall_seconds REAL NOT NULL,
    cycles_simulated INTEGER NOT NULL,
    cycles_skipped INTEGER NOT NULL,
    evaluations INTEGER NOT NULL);
CREATE TABLE request (
    key BLOB PRIMARY KEY,
    point INTEGER NOT NULL REFERENCES point(id)) WITHOUT ROWID;
CREATE INDEX request_by_point ON request (point);
CREATE TABLE sweep (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    definition TEXT NOT NULL);
CREATE TABLE place (
    sweep INTEGER NOT NULL REFERENCES sweep(id),
    ordinal INTEGER NOT NULL,
    probe INTEGER NOT NULL,
    variant INTEGER NOT NULL,
    request BLOB NOT NULL REFERENCES request(key),
    axes TEXT NOT NULL,
    PRIMARY KEY (sweep, ordinal, probe, variant)) WITHOUT ROWID;
CREATE TABLE finding (
    sweep INTEGER NOT NULL REFERENCES sweep(id),
    ordinal INTEGER NOT NULL,
    axes TEXT NOT NULL,
    key TEXT NOT NULL,
    value INTEGER,
    text TEXT NOT NULL,
    PRIMARY KEY (sweep, ordinal)) WITHOUT ROWID;
CREATE VIEW configuration AS
    SELECT d.id, CASE WHEN d.base IS NULL THEN d.text ELSE json_patch(b.text, d.text) END AS text
    FROM document d LEFT JOIN document b ON b.id = d.base;
CREATE VIEW result AS
    SELECT s.name AS sweep, l.ordinal, l.probe, l.variant, l.axes,
        p.hardware_name AS hardware, p.model_name AS model, p.format_name AS format,
        p.failure_cause, p.failure_reason,
        CAST(p.cycles AS REAL) / p.clock_hz AS seconds_per_token,
        CAST(p.clock_hz AS REAL) / p.cycles AS tokens_per_second,
        CAST(p.clock_hz AS REAL) / p.cycles * p.batch AS tokens_per_second_total,
        8.0 * p.weight_bytes / p.weights AS effective_bits_per_weight,
        p.bottleneck_unit AS bottleneck,
        CAST(p.bottleneck_busy_cycles AS REAL) / p.cycles AS bottleneck_busy_share,
        (SELECT json_extract(text, '$.relative_rmse') FROM configuration WHERE id = p.quality)
            AS relative_rmse,
        p.id AS point
    FROM place l
    JOIN sweep s ON s.id = l.sweep
    JOIN request r ON r.key = l.request
    JOIN point p ON p.id = r.point
    ORDER BY s.name, l.ordinal, l.probe, l.variant;
)";

std::string point_table() {
    std::string text = "CREATE TABLE point (\n    id INTEGER PRIMARY KEY";
    for (const PointColumn& column : point_columns()) {
        text += ",\n    " + column.name + " " + column.type;
    }
    return text + ");\n";
}

[[noreturn]] void fail(const fs::path& path, const std::string& why) {
    throw StoreAccessError(path.string() + ": " + why);
}

std::int64_t pragma(SQLite::Database& database, const std::string& name) {
    return database.execAndGet("PRAGMA " + name).getInt64();
}

bool is_empty(SQLite::Database& database) {
    return database.execAndGet("SELECT count(*) FROM sqlite_master").getInt64() == 0;
}

void create_tables(SQLite::Database& database) {
    database.exec("PRAGMA application_id = " + std::to_string(kApplicationId));
    database.exec("PRAGMA user_version = " + std::to_string(kStoreVersion));
    database.exec(point_table());
    database.exec(kTables);
}

/// Throws unless these are the tables that this program reads and writes.
void check_tables(SQLite::Database& database, const fs::path& path) {
    if (pragma(database, "application_id") != kApplicationId) {
        fail(path, "is no result store of lpusim, but some other SQLite file");
    }
    const std::int64_t version = pragma(database, "user_version");
    if (version > kStoreVersion) {
        fail(path, "was written by a newer lpusim: its tables are of version " +
                       std::to_string(version) + ", and this lpusim reads up to " +
                       std::to_string(kStoreVersion));
    }
    SQLite::Statement columns(database, "SELECT name FROM pragma_table_info('point')");
    columns.executeStep();  // id
    for (const PointColumn& column : point_columns()) {
        if (!columns.executeStep() || columns.getColumn(0).getString() != column.name) {
            fail(path, "was written by another version of lpusim: its points lack '" + column.name +
                           "', or have it elsewhere");
        }
    }
}

/// SQLite would take it for a file of its own that is gone at the end.
void check_named(const fs::path& path) {
    if (path.empty()) throw StoreAccessError("'' is no name of a result store");
}

/// What a plain look at the file says, which is clearer than what SQLite makes of it.
void check_accessible(const fs::path& path, int mode) {
    std::error_code error;
    if (fs::is_directory(path, error)) fail(path, "is a directory, not a result store");
    if (fs::is_other(path, error)) fail(path, "is no regular file, hence no result store");
    if (::access(path.c_str(), mode) != 0) {
        fail(path, (mode == R_OK ? "cannot be read: " : "cannot be written: ") +
                       std::generic_category().message(errno));
    }
}

void check_can_be_made(const fs::path& path) {
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    std::error_code error;
    if (!fs::is_directory(folder, error)) {
        fail(path, "cannot be written: folder " + folder.string() + " does not exist");
    }
    if (::access(folder.c_str(), W_OK | X_OK) != 0) {
        fail(path, "cannot be written: " + std::generic_category().message(errno));
    }
}

/// The files of a finished store can be read where nothing can be written; SQLite has to be told.
SQLite::Database open_file_to_read(const fs::path& path) {
    SQLite::Database database(path.string(), SQLite::OPEN_READONLY, kBusyMilliseconds);
    const int code = database.tryExec("SELECT count(*) FROM sqlite_master");
    std::error_code error;
    if ((code == SQLITE_CANTOPEN || code == SQLITE_READONLY) &&
        !fs::exists(path.string() + "-wal", error)) {
        std::string name;
        for (const char c : fs::absolute(path).string()) {
            name += c == '%' ? "%25" : c == '?' ? "%3f" : c == '#' ? "%23" : std::string(1, c);
        }
        return {"file:" + name + "?immutable=1", SQLite::OPEN_READONLY | SQLite::OPEN_URI,
                kBusyMilliseconds};
    }
    return database;
}

template <class Open>
SQLite::Database opening(const fs::path& path, Open open) {
    try {
        return open();
    } catch (const SQLite::Exception& e) {
        const int code = e.getErrorCode();
        if (code == SQLITE_FULL || code == SQLITE_IOERR) throw store_error(path, e);
        throw StoreAccessError(store_error(path, e).what());
    }
}

}  // namespace

SQLite::Database open_store_to_read(const fs::path& path) {
    check_named(path);
    check_accessible(path, R_OK);
    return opening(path, [&] {
        SQLite::Database database = open_file_to_read(path);
        if (is_empty(database)) fail(path, "is empty, and no result store of lpusim");
        check_tables(database, path);
        return database;
    });
}

SQLite::Database open_store_to_write(const fs::path& path, StoreJournal journal) {
    check_named(path);
    std::error_code error;
    if (fs::exists(path, error)) check_accessible(path, W_OK);
    check_can_be_made(path);
    return opening(path, [&] {
        SQLite::Database database(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE,
                                  kBusyMilliseconds);
        {
            // Who comes second waits here, and finds the tables.
            SQLite::Transaction transaction(database, SQLite::TransactionBehavior::EXCLUSIVE);
            if (is_empty(database) && pragma(database, "application_id") == 0) {
                create_tables(database);
            }
            check_tables(database, path);
            transaction.commit();
        }
        if (journal == StoreJournal::WriteAhead) {
            database.exec("PRAGMA journal_mode = WAL");
            // Whole after a crash of the machine, too; the last points may then be missing.
            database.exec("PRAGMA synchronous = NORMAL");
        } else {
            database.exec("PRAGMA journal_mode = DELETE");
            database.exec("PRAGMA synchronous = FULL");
        }
        database.exec("PRAGMA foreign_keys = ON");
        return database;
    });
}

void settle_journal(SQLite::Database& database) noexcept {
    database.tryExec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE");
}

StoreError store_error(const fs::path& path, const SQLite::Exception& error) {
    const std::string name = path.string();
    constexpr int kPrimaryCode = 0xff;
    switch (error.getErrorCode() & kPrimaryCode) {
        case SQLITE_FULL:
            return StoreError(name +
                              ": cannot be written: the disk is full; what was stored "
                              "before is intact");
        case SQLITE_IOERR:
            return StoreError(name + ": cannot be read or written: " + error.what() +
                              " (is the disk full, or a quota used up?); what was stored before "
                              "is intact");
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
            return StoreError(name + ": cannot be written: " + error.what());
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return StoreError(name + ": is held by another process for too long");
        case SQLITE_NOTADB:
            return StoreError(name + ": is no SQLite file, hence no result store");
        case SQLITE_CORRUPT:
            return StoreError(name + ": is damaged (" + error.what() +
                              "); `sqlite3 FILE .recover` may save what is left");
        default:
            return StoreError(name + ": " + error.what());
    }
}

StoreError store_error(const fs::path& path, const ResultFormatError& error) {
    return StoreError(path.string() + ": is damaged: " + error.what());
}

}  // namespace lpusim
