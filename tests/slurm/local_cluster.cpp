#include "tests/slurm/local_cluster.h"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <unistd.h>

namespace lpusim {

Finished slurm_local(const std::vector<std::string>& arguments) {
    std::vector<std::string> command = {LPUSIM_SOURCE_DIR "/scripts/slurm-local"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return run_program(command);
}

LocalCluster::LocalCluster(int nodes) {
    const Finished start = slurm_local({"start", folder(), "--nodes", std::to_string(nodes),
                                        "--until", std::to_string(::getpid())});
    if (start.exit_code != 0) throw std::runtime_error(start.errors);
    ::setenv("SLURM_CONF", (folder() + "/slurm.conf").c_str(), 1);
}

LocalCluster::~LocalCluster() { slurm_local({"stop", folder()}); }

pid_t LocalCluster::daemon(const std::string& name) const {
    pid_t pid = -1;
    std::ifstream(folder() + "/run/" + name + ".pid") >> pid;
    return pid;
}

bool within(double seconds, const std::function<bool()>& holds) {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::duration<double>(seconds);
    while (!holds()) {
        if (Clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return true;
}

bool is_alive(pid_t pid) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string number;
    std::string name;
    std::string state;
    return stat >> number >> name >> state && state != "Z" && state != "X";
}

}  // namespace lpusim
