#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/result/result_store.h"
#include "sim/sweep/sweep_plan.h"

namespace lpusim {

/// Stands for what points are asked for: it differs when a file that they are made of has changed.
std::string points_digest(const SweepPlan& plan, const std::vector<std::uint64_t>& ordinals);

/// Points of a shard (with a search: searches) that a store lacks. Those that need not be computed
/// again are put where they belong in the sweep.
std::vector<std::uint64_t> missing_in(const SweepPlan& plan, const Shard& shard,
                                      ResultStore& store);

/// The life of a task of a job array: computes its share of a round's points into a store of its
/// own in the round's folder. `server`: what starts a point server. Returns the exit code.
int run_slurm_task(const std::filesystem::path& round, std::uint64_t task,
                   const std::vector<std::string>& server);

}  // namespace lpusim
