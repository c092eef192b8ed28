#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace lpusim {

/// Slurm cannot be reached, or refuses; the message has its words.
class SlurmError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// What Slurm says of a task of a job array.
struct SlurmTaskState {
    std::uint64_t index = 0;
    /// "PENDING", "RUNNING", "CANCELLED", "NODE_FAIL", ...
    std::string state;
    /// Why it is pending, or "None".
    std::string reason;

    /// Whether it waits, runs, or will do so again.
    bool is_active() const;
};

/// The commands of Slurm that are in PATH: sbatch, squeue, scancel, sacct. Arguments are handed
/// over as they are; no shell reads them.
class SlurmClient {
public:
    /// The number of the new job. Throws SlurmError if sbatch is not there or refuses.
    static std::string submit(const std::vector<std::string>& arguments);

    /// The tasks of the user's jobs of this name, as far as Slurm remembers them: those that wait
    /// or run, and for some minutes those that have ended. Throws SlurmError when Slurm gives no
    /// answer, which says nothing of the tasks.
    static std::vector<SlurmTaskState> tasks(const std::string& job_name);
    /// The number of the user's job of this name; empty if Slurm knows none.
    static std::string find_job(const std::string& job_name);

    /// How the tasks of a job ended, by index, from Slurm's accounting; empty where there is none.
    static std::map<std::uint64_t, std::string> ended(const std::string& job);

    /// Ends the jobs of this name. Throws SlurmError.
    static void cancel(const std::string& job_name);
};

}  // namespace lpusim
