#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/sweep/bisection.h"
#include "sim/sweep/work_queue.h"

namespace lpusim {

/// The points that the searches of a sweep ask for: one search for each combination of the axes,
/// side by side.
class SearchQueue : public WorkQueue {
public:
    SearchQueue(const SweepPlan& plan, const Shard& shard, ResultStore& store, std::int64_t sweep,
                SweepObserver& observer);

    std::optional<PlannedPoint> next() override;
    void take(const PlannedPoint& point, const StoredPoint& stored) override;

private:
    /// What is known at a value.
    struct Probe {
        std::optional<StoredPoint> point;
        std::optional<StoredPoint> against;
    };
    struct Search {
        explicit Search(const Bisection::Options& options) : bisection(options) {}

        Bisection bisection;
        std::map<std::uint64_t, Probe> probes;
        std::string axes;
    };

    Bisection::Options options() const;
    Measured value_at(std::uint64_t base) const;
    /// Begins the next search, or returns false.
    bool begin_search();
    /// Asks for what the search needs; what the store has is taken at once.
    void pursue(std::uint64_t ordinal);
    void ask(Search& search, std::uint64_t ordinal, std::uint64_t base);
    void supply(std::uint64_t ordinal, const SweepPlace& place, const StoredPoint& stored);
    bool is_complete(const Probe& probe) const;
    bool holds(std::uint64_t ordinal, std::uint64_t base, const Probe& probe) const;
    void finish(std::uint64_t ordinal, const Finding& finding);

    const SweepPlan& plan_;
    Shard shard_;
    ResultStore& store_;
    std::int64_t sweep_;
    SweepObserver& observer_;
    std::uint64_t next_ordinal_;
    std::map<std::uint64_t, Search> searches_;
    std::deque<PlannedPoint> wanted_;
    std::uint64_t done_ = 0;
    std::uint64_t failed_ = 0;
};

}  // namespace lpusim
