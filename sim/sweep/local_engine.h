#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/sweep/engine.h"

namespace lpusim {

struct LocalEngineOptions {
    /// What starts a point server (sim/platform/point_server.h), with its arguments.
    std::vector<std::string> command;
    /// Simulations at a time.
    std::size_t jobs = 1;
    /// For one point; 0: none.
    std::chrono::milliseconds time_limit{0};
    /// Address space of one simulation; 0: no limit.
    std::uint64_t memory_bytes = 0;
};

/// Computes points on this machine, each in a process of its own.
class LocalEngine : public Engine {
public:
    explicit LocalEngine(LocalEngineOptions options);
    void run(const SweepPlan& plan, const Shard& shard, ResultStore& store,
             SweepObserver& observer) override;

private:
    LocalEngineOptions options_;
};

}  // namespace lpusim
