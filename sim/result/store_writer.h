#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include "sim/result/document_table.h"
#include "sim/result/result_store.h"

namespace lpusim {

/// SQL that is true of a point `p` which need not be computed again.
inline constexpr const char* kIsSettled = "(p.failure_cause IS NULL OR p.failure_cause = 'inputs')";

/// Binds a key as 16 bytes.
void bind_key(SQLite::Statement& statement, int index, const RequestKey& key);

/// What changes a store: statements that are prepared once, and transactions.
class StoreWriter {
public:
    StoreWriter(SQLite::Database& database, DocumentTable& documents);

    std::int64_t add_sweep(const SweepRecord& sweep);
    void add(std::int64_t sweep, const SweepPlace& place, const StoredPoint& stored);
    bool add_settled(std::int64_t sweep, const SweepPlace& place);
    void keep_probes(std::int64_t sweep, std::uint64_t ordinal,
                     const std::vector<std::uint64_t>& probes);
    void add_finding(std::int64_t sweep, std::uint64_t ordinal, const Finding& finding);
    void begin();
    void commit();

private:
    /// As a transaction of its own, unless begin() opened one.
    void in_transaction(const std::function<void()>& step);
    /// Throws StoreError if another process has begun the sweep anew from another text: what this
    /// one is about to put there has no place in it.
    void require_unchanged(std::int64_t sweep);
    void redefine(std::int64_t sweep, const std::string& definition);
    std::int64_t put_point(const RequestKey& request, const StoredPoint& stored);
    void put_effort(std::int64_t point, const SimulatorStats& stats);
    void put_request(const RequestKey& request, std::int64_t point);
    void put_place(std::int64_t sweep, const SweepPlace& place);

    SQLite::Database& database_;
    DocumentTable& documents_;
    SQLite::Statement insert_point_;
    SQLite::Statement find_point_;
    SQLite::Statement insert_effort_;
    SQLite::Statement find_request_;
    SQLite::Statement insert_request_;
    SQLite::Statement delete_unused_;
    SQLite::Statement insert_place_;
    SQLite::Statement is_settled_;
    SQLite::Statement is_unchanged_;
    /// What add_sweep() made of sweeps, by their ids.
    std::map<std::int64_t, SweepRecord> sweeps_;
    std::optional<SQLite::Transaction> transaction_;
};

}  // namespace lpusim
