#include "tests/slurm/fake_slurm.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace lpusim {
namespace {

constexpr const char* kSbatch = R"(
job=$(( $(cat "$fake/jobs" 2>/dev/null || echo 100) + 1 ))
echo "$job" >"$fake/jobs"
for argument; do
    printf '%s\n' "$argument" >>"$fake/calls"
    case "$argument" in
        --job-name=*) name=${argument#--job-name=} ;;
        --array=*) tasks=${argument#--array=1-}; tasks=${tasks%%%*} ;;
    esac
    script=$argument
done
echo ---- >>"$fake/calls"
run_task() {
    SLURM_JOB_ID=$job SLURM_RESTART_COUNT=${2:-0} SLURM_ARRAY_TASK_ID=$1 sh "$script"
}
. "$fake/submit"
echo "$job"
)";

void write_program(const std::string& path, const std::string& folder, const std::string& body) {
    std::ofstream(path) << "#!/bin/sh\nfake='" << folder << "'\n" << body;
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
}

}  // namespace

FakeSlurm::FakeSlurm() : path_before_(std::getenv("PATH")) {
    const std::string folder = folder_.path().string();
    on_submit("for i in $(seq \"$tasks\"); do run_task \"$i\"; done");
    on_queue("");
    write_program(file("sbatch"), folder, kSbatch);
    write_program(file("squeue"), folder, ". \"$fake/queue\"\n");
    write_program(file("scancel"), folder, "echo \"$@\" >>\"$fake/cancelled\"\n");
    write_program(file("sacct"), folder, "echo disabled >&2; exit 1\n");
    ::setenv("PATH", (folder + ":" + path_before_).c_str(), 1);
}

FakeSlurm::~FakeSlurm() { ::setenv("PATH", path_before_.c_str(), 1); }

void FakeSlurm::on_submit(const std::string& script) const {
    std::ofstream(file("submit")) << script << "\n";
}

void FakeSlurm::on_queue(const std::string& script) const {
    std::ofstream(file("queue")) << script << "\n";
}

std::vector<std::vector<std::string>> FakeSlurm::submissions() const {
    std::vector<std::vector<std::string>> calls;
    std::vector<std::string> call;
    std::ifstream lines(file("calls"));
    for (std::string line; std::getline(lines, line);) {
        if (line != "----") {
            call.push_back(line);
            continue;
        }
        calls.push_back(std::move(call));
        call.clear();
    }
    return calls;
}

}  // namespace lpusim
