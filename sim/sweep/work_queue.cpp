#include "sim/sweep/work_queue.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace lpusim {

std::vector<std::uint64_t> missing_points(const SweepPlan& plan, const Shard& shard,
                                          ResultStore& store, std::int64_t sweep) {
    std::vector<RequestKey> settled = store.settled_requests();
    std::sort(settled.begin(), settled.end());
    const std::vector<SweepPlace> places = store.places(sweep);
    const auto is_placed = [&](const SweepPlace& place) {
        const auto found = std::lower_bound(
            places.begin(), places.end(), place.ordinal,
            [](const SweepPlace& p, std::uint64_t ordinal) { return p.ordinal < ordinal; });
        return found != places.end() && found->ordinal == place.ordinal &&
               found->request == place.request;
    };
    std::vector<std::uint64_t> missing;
    store.begin();
    for (std::uint64_t ordinal = shard.index; ordinal < plan.size(); ordinal += shard.count) {
        const std::optional<PlannedPoint> point = plan.point(ordinal);
        if (!point) continue;
        if (!std::binary_search(settled.begin(), settled.end(), point->place.request)) {
            missing.push_back(ordinal);
        } else if (!is_placed(point->place)) {
            store.add_settled(sweep, point->place);
        }
    }
    store.commit();
    return missing;
}

GridQueue::GridQueue(const SweepPlan& plan, const Shard& shard, ResultStore& store,
                     std::int64_t sweep, SweepObserver& observer)
    : plan_(plan), observer_(observer), missing_(missing_points(plan, shard, store, sweep)) {
    observer_.started(plan.count(shard), missing_.size());
}

std::optional<PlannedPoint> GridQueue::next() {
    if (next_ == missing_.size()) return std::nullopt;
    return plan_.point(missing_[next_++]);
}

void GridQueue::take(const PlannedPoint& /*point*/, const StoredPoint& stored) {
    ++done_;
    if (stored.failure) ++failed_;
    observer_.progressed(done_, failed_);
}

}  // namespace lpusim
