#pragma once

#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "tests/result/scratch_folder.h"
#include "tests/support/subprocess.h"

namespace lpusim {

/// A Slurm cluster of scripts/slurm-local that lives as long as this does, and no longer than this
/// process. SLURM_CONF names it, so every sbatch and lpusim started meanwhile uses it.
class LocalCluster {
public:
    /// Throws std::runtime_error, with the logs, if the cluster does not start.
    explicit LocalCluster(int nodes);
    ~LocalCluster();
    LocalCluster(const LocalCluster&) = delete;
    LocalCluster& operator=(const LocalCluster&) = delete;

    std::string folder() const { return scratch_.file("cluster"); }
    /// Process of "slurmctld", "slurmd-node1", ...
    pid_t daemon(const std::string& name) const;

private:
    ScratchFolder scratch_;
};

/// scripts/slurm-local with these arguments.
Finished slurm_local(const std::vector<std::string>& arguments);

/// Waits until something holds; false if it does not within so many seconds.
bool within(double seconds, const std::function<bool()>& holds);

/// Whether a process with this number is there and does something.
bool is_alive(pid_t pid);

}  // namespace lpusim
