#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/result/result.h"

namespace lpusim {

/// A store cannot be opened, read or written; the message names the file and says why. What was in
/// it before is still there.
class StoreError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// What was given is no store that can be used: the user's to mend, unlike a full disk.
class StoreAccessError : public StoreError {
public:
    using StoreError::StoreError;
};

/// Why a point has no result.
enum class FailureCause : std::uint8_t {
    /// What was asked for cannot be simulated: trying again gives the same.
    Inputs,
    Crash,
    TimeLimit,
    Memory
};
/// "inputs", "crash", "time limit", "memory"
const char* name_of(FailureCause cause);

struct PointFailure {
    FailureCause cause = FailureCause::Crash;
    std::string reason;
};

/// A point with its result, or with why it has none. Then only point.inputs is of use, and its
/// configurations are empty if they were not valid.
struct StoredPoint {
    Point point;
    SimulatorStats simulator;
    std::optional<PointFailure> failure;
};

/// Stands for what a point was asked for, before any file is read: a hash of the texts of the
/// files, of what is changed in them, of the scenario and of the timing model. Cheaper than the
/// content hash, and finer: two requests can be one point.
using RequestKey = std::array<unsigned char, 16>;

/// Where a point stands in a sweep.
struct SweepPlace {
    /// Its number among the sweep's points.
    std::uint64_t ordinal = 0;
    /// With a search: the value that was probed, in base units; else 0.
    std::uint64_t probe = 0;
    /// With a search that compares: 1 for the point that is compared with.
    std::uint32_t variant = 0;
    RequestKey request{};
    /// JSON object: what the axes stood at. Numbers are in base units (B/s, B, Hz, cycles).
    std::string axes_json;
};

/// What a search of a sweep came to.
struct Finding {
    std::string axes_json;
    /// What was varied.
    std::string key;
    /// In base units; nothing if there is no such value, or it was not found.
    std::optional<std::uint64_t> value;
    /// The value with its unit, or why there is none.
    std::string text;
};

struct FindingRow {
    std::string sweep;
    std::uint64_t ordinal = 0;
    Finding finding;
};

/// One line of the table that a sweep is.
struct StoredRow {
    std::string sweep;
    SweepPlace place;
    StoredPoint stored;
};

struct SweepRecord {
    std::string name;
    /// Text of the sweep file.
    std::string definition;
};

/// How transactions are kept apart. WriteAhead is quick, lets others read meanwhile, and needs all
/// of them on one machine; Rollback works across machines on a shared file system as well.
enum class StoreJournal : std::uint8_t { WriteAhead, Rollback };

/// Simulated points in an SQLite file; docs/store.md has the schema. A point is in it whole or not
/// at all, whatever happens to the process, and once, whoever asks for it: its key is the content
/// hash of its inputs, which the timing model's version goes into. Several processes may write to
/// one store at the same time.
class ResultStore {
public:
    /// For reading. Throws StoreAccessError; this and all that follows throws StoreError.
    static ResultStore open(const std::filesystem::path& path);
    /// For writing as well; made if it is not there.
    static ResultStore open_or_create(const std::filesystem::path& path,
                                      StoreJournal journal = StoreJournal::WriteAhead);

    ResultStore(ResultStore&&) noexcept;
    ResultStore& operator=(ResultStore&&) noexcept;
    ~ResultStore();

    /// Every point that has a result, once. The order follows from the content: sweeps by name,
    /// each in its order.
    void for_each_point(const std::function<void(const Point&)>& use) const;
    /// Every row of every sweep, in the same order; a point that several sweeps share comes with
    /// each.
    void for_each_row(const std::function<void(const StoredRow&)>& use) const;
    /// The same without what came of the points, which is much cheaper.
    void for_each_place(
        const std::function<void(const std::string& sweep, const SweepPlace& place)>& use) const;
    std::vector<SweepRecord> sweeps() const;
    /// What the searches of all sweeps came to.
    std::vector<FindingRow> findings() const;
    /// Points with a result, and without.
    std::uint64_t point_count() const;
    std::uint64_t failure_count() const;

    /// The number that stands for a sweep of that name in this store, which is added if need be. If
    /// its definition is another one now, it begins anew without rows; the points that it had are
    /// still there for those who ask for them.
    std::int64_t add_sweep(const SweepRecord& sweep);
    /// The requests that need not be computed again: with a result, or with a failure that would
    /// come again.
    std::vector<RequestKey> settled_requests() const;
    /// Where the points of a sweep stand; without their axes.
    std::vector<SweepPlace> places(std::int64_t sweep) const;
    /// What came of a settled request.
    std::optional<StoredPoint> find(const RequestKey& request) const;
    /// Puts a point into a sweep, with what came of it, as one transaction. A result takes the
    /// place of a failure; a point that has a result keeps it.
    void add(std::int64_t sweep, const SweepPlace& place, const StoredPoint& stored);
    /// Puts a settled request into a sweep; false if there is none.
    bool add_settled(std::int64_t sweep, const SweepPlace& place);
    /// Takes the rows of other probes out of a search: an earlier run asked for them, of files that
    /// have changed since.
    void keep_probes(std::int64_t sweep, std::uint64_t ordinal,
                     const std::vector<std::uint64_t>& probes);
    /// Puts down what a search came to, in the place of what it came to before.
    void add_finding(std::int64_t sweep, std::uint64_t ordinal, const Finding& finding);
    /// Adds all that another store holds. Throws StoreError if both have a result for a point, or a
    /// sweep of a name, and not the same one.
    void merge(const std::filesystem::path& other);

    /// What is added from here on is committed together, until commit(). Without commit() it is
    /// lost.
    void begin();
    void commit();

private:
    class Implementation;
    explicit ResultStore(std::unique_ptr<Implementation> implementation);

    std::unique_ptr<Implementation> implementation_;
};

}  // namespace lpusim
