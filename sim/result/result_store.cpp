#include "sim/result/result_store.h"

#include <cstring>
#include <set>
#include <utility>

#include <SQLiteCpp/Statement.h>

#include "sim/result/document_table.h"
#include "sim/result/point_row.h"
#include "sim/result/store_file.h"
#include "sim/result/store_merge.h"
#include "sim/result/store_writer.h"

namespace lpusim {

namespace {

constexpr const char* kRowsInOrder =
    " FROM place l JOIN sweep s ON s.id = l.sweep JOIN request r ON r.key = l.request"
    " JOIN point p ON p.id = r.point LEFT JOIN simulator e ON e.point = p.id"
    " ORDER BY s.name, l.ordinal, l.probe, l.variant";
constexpr const char* kEffortColumns =
    "e.wall_seconds, e.cycles_simulated, e.cycles_skipped, e.evaluations";
constexpr int kEffortCount = 4;

RequestKey read_key(const SQLite::Column& column) {
    RequestKey key{};
    if (column.getBytes() != static_cast<int>(key.size())) {
        throw ResultFormatError("request: a key is not 16 bytes long");
    }
    std::memcpy(key.data(), column.getBlob(), key.size());
    return key;
}

/// From five columns, the first of which is `first`.
SweepPlace read_place(SQLite::Statement& statement, int first) {
    SweepPlace place;
    place.ordinal = static_cast<std::uint64_t>(statement.getColumn(first).getInt64());
    place.probe = static_cast<std::uint64_t>(statement.getColumn(first + 1).getInt64());
    place.variant = statement.getColumn(first + 2).getUInt();
    place.request = read_key(statement.getColumn(first + 3));
    place.axes_json = statement.getColumn(first + 4).getString();
    return place;
}

SimulatorStats read_effort(SQLite::Statement& statement, int first) {
    SimulatorStats stats;
    const auto count = [&](int column) {
        return static_cast<std::uint64_t>(statement.getColumn(first + column).getInt64());
    };
    stats.wall_seconds = statement.getColumn(first).getDouble();
    stats.cycles_simulated = Cycles(count(1));
    stats.cycles_skipped = Cycles(count(2));
    stats.evaluations = count(3);
    return stats;
}

StoredPoint read_stored(SQLite::Statement& statement, int first, const DocumentTable& documents) {
    StoredPoint stored = read_point(statement, first + kEffortCount, documents);
    stored.simulator = read_effort(statement, first);
    return stored;
}

}  // namespace

class ResultStore::Implementation {
public:
    Implementation(std::filesystem::path path, SQLite::Database database, bool writes)
        : path_(std::move(path)), database_(std::move(database)), documents_(database_) {
        if (writes) writer_.emplace(database_, documents_);
    }
    ~Implementation() {
        if (!writer_) return;
        writer_.reset();
        settle_journal(database_);
    }
    Implementation(const Implementation&) = delete;
    Implementation& operator=(const Implementation&) = delete;

    template <class Use>
    decltype(auto) use(Use use) const {
        return using_store(path_, std::move(use));
    }

    void for_each_row(const std::function<void(const StoredRow&)>& callback,
                      bool each_point_once) const {
        SQLite::Statement select(
            database_, std::string("SELECT p.id, s.name, l.ordinal, l.probe, l.variant, "
                                   "l.request, l.axes, ") +
                           kEffortColumns + ", " + point_column_list("p.") + kRowsInOrder);
        std::set<std::int64_t> seen;
        constexpr int kFirstOfPoint = 7;
        while (select.executeStep()) {
            if (each_point_once && !seen.insert(select.getColumn(0).getInt64()).second) continue;
            StoredRow row;
            row.sweep = select.getColumn(1).getString();
            row.place = read_place(select, 2);
            row.stored = read_stored(select, kFirstOfPoint, documents_);
            callback(row);
        }
    }

    void for_each_place(
        const std::function<void(const std::string&, const SweepPlace&)>& callback) const {
        SQLite::Statement select(database_,
                                 "SELECT s.name, l.ordinal, l.probe, l.variant, l.request, l.axes "
                                 "FROM place l JOIN sweep s ON s.id = l.sweep ORDER BY s.name, "
                                 "l.ordinal, l.probe, l.variant");
        while (select.executeStep()) {
            callback(select.getColumn(0).getString(), read_place(select, 1));
        }
    }

    std::uint64_t count(const char* condition) const {
        SQLite::Statement select(database_,
                                 std::string("SELECT count(DISTINCT p.id) FROM place l JOIN "
                                             "request r ON r.key = l.request JOIN point p ON "
                                             "p.id = r.point WHERE p.failure_cause ") +
                                     condition);
        select.executeStep();
        return static_cast<std::uint64_t>(select.getColumn(0).getInt64());
    }

    std::vector<SweepRecord> sweeps() const {
        SQLite::Statement select(database_, "SELECT name, definition FROM sweep ORDER BY name");
        std::vector<SweepRecord> list;
        while (select.executeStep()) {
            list.push_back({select.getColumn(0).getString(), select.getColumn(1).getString()});
        }
        return list;
    }

    std::vector<FindingRow> findings() const {
        SQLite::Statement select(database_,
                                 "SELECT s.name, f.ordinal, f.axes, f.key, f.value, f.text FROM "
                                 "finding f JOIN sweep s ON s.id = f.sweep ORDER BY s.name, "
                                 "f.ordinal");
        std::vector<FindingRow> list;
        while (select.executeStep()) {
            FindingRow row;
            row.sweep = select.getColumn(0).getString();
            row.ordinal = static_cast<std::uint64_t>(select.getColumn(1).getInt64());
            row.finding.axes_json = select.getColumn(2).getString();
            row.finding.key = select.getColumn(3).getString();
            if (!select.getColumn(4).isNull()) {
                row.finding.value = static_cast<std::uint64_t>(select.getColumn(4).getInt64());
            }
            row.finding.text = select.getColumn(5).getString();
            list.push_back(std::move(row));
        }
        return list;
    }

    std::vector<RequestKey> settled_requests() const {
        SQLite::Statement select(
            database_, std::string("SELECT r.key FROM request r JOIN point p ON p.id = r.point "
                                   "WHERE ") +
                           kIsSettled);
        std::vector<RequestKey> keys;
        while (select.executeStep()) keys.push_back(read_key(select.getColumn(0)));
        return keys;
    }

    std::vector<SweepPlace> places(std::int64_t sweep) const {
        SQLite::Statement select(
            database_,
            "SELECT ordinal, probe, variant, request, '' FROM place WHERE sweep = "
            "? ORDER BY ordinal, probe, variant");
        select.bind(1, sweep);
        std::vector<SweepPlace> list;
        while (select.executeStep()) {
            list.push_back(read_place(select, 0));
        }
        return list;
    }

    std::optional<StoredPoint> find(const RequestKey& request) const {
        SQLite::Statement select(
            database_, std::string("SELECT ") + kEffortColumns + ", " + point_column_list("p.") +
                           " FROM request r JOIN point p ON p.id = r.point LEFT JOIN simulator e "
                           "ON e.point = p.id WHERE r.key = ? AND " +
                           kIsSettled);
        bind_key(select, 1, request);
        if (!select.executeStep()) return std::nullopt;
        return read_stored(select, 0, documents_);
    }

    void merge(const std::filesystem::path& other) {
        // Opening it checks it.
        open_store_to_read(other);
        merge_store(database_, path_, other);
        documents_.forget();
    }

    StoreWriter& writer() {
        if (!writer_) throw std::logic_error("a store that was opened to read is written to");
        return *writer_;
    }

private:
    std::filesystem::path path_;
    // SQLite makes no difference between reading and writing.
    mutable SQLite::Database database_;
    DocumentTable documents_;
    std::optional<StoreWriter> writer_;
};

ResultStore::ResultStore(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
ResultStore::ResultStore(ResultStore&&) noexcept = default;
ResultStore& ResultStore::operator=(ResultStore&&) noexcept = default;
ResultStore::~ResultStore() = default;

ResultStore ResultStore::open(const std::filesystem::path& path) {
    return using_store(path, [&] {
        return ResultStore(std::make_unique<Implementation>(path, open_store_to_read(path), false));
    });
}

ResultStore ResultStore::open_or_create(const std::filesystem::path& path, StoreJournal journal) {
    return using_store(path, [&] {
        return ResultStore(
            std::make_unique<Implementation>(path, open_store_to_write(path, journal), true));
    });
}

void ResultStore::for_each_point(const std::function<void(const Point&)>& use) const {
    implementation_->use([&] {
        implementation_->for_each_row(
            [&](const StoredRow& row) {
                if (!row.stored.failure) use(row.stored.point);
            },
            /*each_point_once=*/true);
    });
}

void ResultStore::for_each_row(const std::function<void(const StoredRow&)>& use) const {
    implementation_->use([&] { implementation_->for_each_row(use, /*each_point_once=*/false); });
}

void ResultStore::for_each_place(
    const std::function<void(const std::string&, const SweepPlace&)>& use) const {
    implementation_->use([&] { implementation_->for_each_place(use); });
}

std::vector<SweepRecord> ResultStore::sweeps() const {
    return implementation_->use([&] { return implementation_->sweeps(); });
}
std::vector<FindingRow> ResultStore::findings() const {
    return implementation_->use([&] { return implementation_->findings(); });
}
std::uint64_t ResultStore::point_count() const {
    return implementation_->use([&] { return implementation_->count("IS NULL"); });
}
std::uint64_t ResultStore::failure_count() const {
    return implementation_->use([&] { return implementation_->count("IS NOT NULL"); });
}
std::vector<RequestKey> ResultStore::settled_requests() const {
    return implementation_->use([&] { return implementation_->settled_requests(); });
}
std::vector<SweepPlace> ResultStore::places(std::int64_t sweep) const {
    return implementation_->use([&] { return implementation_->places(sweep); });
}
std::optional<StoredPoint> ResultStore::find(const RequestKey& request) const {
    return implementation_->use([&] { return implementation_->find(request); });
}
std::int64_t ResultStore::add_sweep(const SweepRecord& sweep) {
    return implementation_->use([&] { return implementation_->writer().add_sweep(sweep); });
}
void ResultStore::add(std::int64_t sweep, const SweepPlace& place, const StoredPoint& stored) {
    implementation_->use([&] { implementation_->writer().add(sweep, place, stored); });
}
bool ResultStore::add_settled(std::int64_t sweep, const SweepPlace& place) {
    return implementation_->use(
        [&] { return implementation_->writer().add_settled(sweep, place); });
}
void ResultStore::keep_probes(std::int64_t sweep, std::uint64_t ordinal,
                              const std::vector<std::uint64_t>& probes) {
    implementation_->use([&] { implementation_->writer().keep_probes(sweep, ordinal, probes); });
}
void ResultStore::add_finding(std::int64_t sweep, std::uint64_t ordinal, const Finding& finding) {
    implementation_->use([&] { implementation_->writer().add_finding(sweep, ordinal, finding); });
}
void ResultStore::merge(const std::filesystem::path& other) {
    implementation_->use([&] { implementation_->merge(other); });
}
void ResultStore::begin() {
    implementation_->use([&] { implementation_->writer().begin(); });
}
void ResultStore::commit() {
    implementation_->use([&] { implementation_->writer().commit(); });
}

}  // namespace lpusim
