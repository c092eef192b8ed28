#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/sweep/engine.h"

namespace lpusim {

/// Points of a sweep that have to be computed, one after the other.
class WorkQueue {
public:
    virtual ~WorkQueue() = default;
    /// Nothing: there is none at present. What is under way may bring more.
    virtual std::optional<PlannedPoint> next() = 0;
    /// What came of a point that next() gave, once it is in the store.
    virtual void take(const PlannedPoint& point, const StoredPoint& stored) = 0;
};

/// Points that a store need not compute again are put where they belong in the sweep; the numbers
/// of the others are returned.
std::vector<std::uint64_t> missing_points(const SweepPlan& plan, const Shard& shard,
                                          ResultStore& store, std::int64_t sweep);

/// The points of a sweep without a search.
class GridQueue : public WorkQueue {
public:
    GridQueue(const SweepPlan& plan, const Shard& shard, ResultStore& store, std::int64_t sweep,
              SweepObserver& observer);

    std::optional<PlannedPoint> next() override;
    void take(const PlannedPoint& point, const StoredPoint& stored) override;

private:
    const SweepPlan& plan_;
    SweepObserver& observer_;
    std::vector<std::uint64_t> missing_;
    std::size_t next_ = 0;
    std::uint64_t done_ = 0;
    std::uint64_t failed_ = 0;
};

}  // namespace lpusim
