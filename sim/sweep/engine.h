#pragma once

#include <cstdint>

#include "sim/result/result_store.h"
#include "sim/sweep/sweep_plan.h"

namespace lpusim {

/// Told what happens during a sweep. With a search, points come up as it goes; then it is searches
/// that are counted.
class SweepObserver {
public:
    virtual ~SweepObserver() = default;
    /// Of `total`, so many have to be computed; the others are in the store.
    virtual void started(std::uint64_t total, std::uint64_t missing) = 0;
    /// So many of the missing ones are done, and of these so many without a result.
    virtual void progressed(std::uint64_t done, std::uint64_t failed) = 0;
};

/// Computes the points of a sweep, or of a shard of it, that a store lacks, and puts them there.
/// Where and how is the engine's business; what comes out is the same.
class Engine {
public:
    virtual ~Engine() = default;
    /// Throws StoreError, Interrupted, and what keeps the engine from working at all; a point that
    /// cannot be computed is a row with its reason. Whatever happens, what is done is in the store.
    virtual void run(const SweepPlan& plan, const Shard& shard, ResultStore& store,
                     SweepObserver& observer) = 0;
};

}  // namespace lpusim
