#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace lpusim {

/// A file of a sweep's Slurm folder is not what lpusim wrote there.
class SlurmStateError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// One job array.
struct SlurmRound {
    std::uint64_t number = 1;
    std::string job_name;
    /// Slurm's number of it; empty until sbatch has said it.
    std::string job;
    std::uint64_t tasks = 0;
    /// Whether its results are in the sweep's store.
    bool is_collected = false;
    /// Whether the user ended it.
    bool is_cancelled = false;
};

/// What a driver has to know to go on where another was killed.
struct SlurmState {
    std::string sweep_name;
    std::string sweep_path;
    /// Text of the sweep file.
    std::string definition;
    /// What a user types to go on.
    std::string resume_command;
    std::uint64_t shard_index = 0;
    std::uint64_t shard_count = 1;
    /// Tells the jobs of this run from all others.
    std::string run_id;
    /// Points (with a search: searches) in all, and those that need no computing any more.
    std::uint64_t total = 0;
    std::uint64_t settled = 0;
    std::vector<SlurmRound> rounds;
    /// Points that a task has finished without a result: they have had their chances.
    std::vector<std::uint64_t> failed;

    /// Nothing if no job is out.
    SlurmRound* open_round();
    /// Submissions that count towards the limit.
    std::uint64_t submissions() const;
};

/// What all tasks of a round are told.
struct SlurmJobRecord {
    std::string sweep_path;
    std::string definition;
    /// Simulations at a time.
    std::uint64_t jobs = 1;
    std::uint64_t time_limit_ms = 0;
    std::uint64_t memory_bytes = 0;
};

/// A task's share of the points.
struct SlurmTaskPoints {
    /// In ascending order.
    std::vector<std::uint64_t> ordinals;
    /// Of what these numbers mean (see points_digest() in slurm_task.h).
    std::string digest;
};

/// How far a task is.
struct SlurmTaskRecord {
    enum class State : std::uint8_t { Running, Finished, Stopped, Failed };
    State state = State::Running;
    std::uint64_t points = 0;
    std::uint64_t done = 0;
    std::uint64_t failed = 0;
    /// Of a finished task: its points that have no result.
    std::vector<std::uint64_t> failed_points;
    /// Why it was stopped, or failed.
    std::string message;
    std::string host;
};

/// The files beside a store that driver and tasks talk through. Each is written as a whole.
class SlurmFolder {
public:
    /// "results/bw.sqlite" -> "results/bw.sqlite.slurm"
    static std::filesystem::path beside(const std::filesystem::path& store);

    explicit SlurmFolder(std::filesystem::path path);
    const std::filesystem::path& path() const { return path_; }

    // All throw SlurmStateError for files that make no sense, and OutputError.

    std::optional<SlurmState> state() const;
    void save(const SlurmState& state) const;

    void remove_state() const;

private:
    std::filesystem::path path_;
};

/// The files of one round, in a folder that no other round ever has: a task that comes late finds
/// its own, or none.
class SlurmRoundFolder {
public:
    explicit SlurmRoundFolder(std::filesystem::path path);
    SlurmRoundFolder(const SlurmFolder& folder, const SlurmRound& round);

    /// Made anew; what an earlier driver left there is removed.
    void create() const;
    void write(const SlurmJobRecord& record) const;
    void write(std::uint64_t task, const SlurmTaskPoints& points) const;
    void write(std::uint64_t task, const SlurmTaskRecord& record) const;
    SlurmJobRecord job() const;
    SlurmTaskPoints points(std::uint64_t task) const;
    /// Nothing if the task has not begun.
    std::optional<SlurmTaskRecord> record(std::uint64_t task) const;

    /// Tasks that begin from now on shall do nothing: nobody waits for them.
    void close() const;
    bool is_closed() const;

    std::filesystem::path script() const { return path_ / "task.sh"; }
    std::filesystem::path log(std::uint64_t task) const;
    /// A store of its own for each time that a task begins: one that is thought dead may still
    /// write to its.
    std::filesystem::path store(std::uint64_t task, const std::string& incarnation) const;
    /// Of a task, or of all (0).
    std::vector<std::filesystem::path> stores(std::uint64_t task = 0) const;
    /// Removes all but the logs.
    void keep_logs_only() const;
    void remove() const;

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace lpusim
