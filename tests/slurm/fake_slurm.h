#pragma once

#include <string>
#include <vector>

#include "tests/result/scratch_folder.h"

namespace lpusim {

/// Commands by the names of Slurm's that stand in front of all others in PATH for as long as this
/// lives, for what a real Slurm does rarely. sbatch writes down how it was called and then does
/// what it is told here.
class FakeSlurm {
public:
    FakeSlurm();
    ~FakeSlurm();
    FakeSlurm(const FakeSlurm&) = delete;
    FakeSlurm& operator=(const FakeSlurm&) = delete;

    /// What sbatch does before it gives the job's number, as a shell script. It has $job, $name,
    /// $tasks and $script, and the function run_task for one of the tasks; its second argument says
    /// how often Slurm has started the task before. Without it all run.
    void on_submit(const std::string& script) const;
    /// What squeue does. Without it there are no jobs.
    void on_queue(const std::string& script) const;

    /// Each call of sbatch, an argument per element.
    std::vector<std::vector<std::string>> submissions() const;
    /// A file that the scripts find as "$fake/NAME".
    std::string file(const std::string& name) const { return folder_.file(name); }

private:
    ScratchFolder folder_;
    std::string path_before_;
};

}  // namespace lpusim
