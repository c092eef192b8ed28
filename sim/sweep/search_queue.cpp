#include "sim/sweep/search_queue.h"

#include <algorithm>
#include <utility>

#include "sim/report/metrics.h"
#include "sim/sweep/figures.h"

namespace lpusim {

SearchQueue::SearchQueue(const SweepPlan& plan, const Shard& shard, ResultStore& store,
                         std::int64_t sweep, SweepObserver& observer)
    : plan_(plan),
      shard_(shard),
      store_(store),
      sweep_(sweep),
      observer_(observer),
      next_ordinal_(shard.index) {
    const std::uint64_t count = plan.count(shard);
    observer_.started(count, count);
}

Bisection::Options SearchQueue::options() const {
    const SweepSearch& search = plan_.sweep().search.value();
    Bisection::Options options;
    options.from = search.from.base;
    options.to = search.to.base;
    options.smallest = search.smallest;
    options.tolerance_share = search.tolerance_share;
    options.tolerance = search.tolerance;
    return options;
}

Measured SearchQueue::value_at(std::uint64_t base) const {
    Measured value = plan_.sweep().search.value().from;
    value.base = base;
    return value;
}

std::optional<PlannedPoint> SearchQueue::next() {
    while (wanted_.empty()) {
        if (!begin_search()) return std::nullopt;
    }
    PlannedPoint point = std::move(wanted_.front());
    wanted_.pop_front();
    return point;
}

void SearchQueue::take(const PlannedPoint& point, const StoredPoint& stored) {
    supply(point.place.ordinal, point.place, stored);
    pursue(point.place.ordinal);
}

bool SearchQueue::begin_search() {
    while (next_ordinal_ < plan_.size()) {
        const std::uint64_t ordinal = std::exchange(next_ordinal_, next_ordinal_ + shard_.count);
        const std::optional<PlannedPoint> point = plan_.point(ordinal);
        if (!point) continue;
        searches_.emplace(ordinal, Search(options())).first->second.axes = point->place.axes_json;
        pursue(ordinal);
        return true;
    }
    return false;
}

void SearchQueue::pursue(std::uint64_t ordinal) {
    // What the store answers at once leads to the next question.
    while (true) {
        const auto entry = searches_.find(ordinal);
        if (entry == searches_.end()) return;
        Search& search = entry->second;
        if (search.bisection.is_over()) {
            Finding finding;
            finding.axes_json = search.axes;
            finding.key = plan_.sweep().search.value().key.name;
            finding.value = search.bisection.found();
            if (!finding.value) {
                finding.text = "nowhere in the range";
            } else {
                finding.text = value_at(*finding.value).text();
                if (search.bisection.is_at_the_end()) finding.text += " or beyond";
            }
            return finish(ordinal, finding);
        }
        bool is_waiting = false;
        for (const std::uint64_t base : search.bisection.questions()) {
            if (search.probes.count(base) == 0) ask(search, ordinal, base);
            if (searches_.count(ordinal) == 0) return;
            const Probe& probe = search.probes.at(base);
            if (!is_complete(probe)) {
                is_waiting = true;
                continue;
            }
            search.bisection.answer(base, holds(ordinal, base, probe));
        }
        if (is_waiting) return;
    }
}

void SearchQueue::ask(Search& search, std::uint64_t ordinal, std::uint64_t base) {
    search.probes[base];
    const bool compares = !plan_.sweep().search.value().against.empty();
    for (const bool is_compared_with : {false, true}) {
        if (is_compared_with && !compares) continue;
        std::optional<PlannedPoint> point = plan_.probe(ordinal, value_at(base), is_compared_with);
        if (const auto stored = store_.find(point->place.request)) {
            store_.add_settled(sweep_, point->place);
            supply(ordinal, point->place, *stored);
        } else {
            wanted_.push_back(std::move(*point));
        }
    }
}

void SearchQueue::supply(std::uint64_t ordinal, const SweepPlace& place,
                         const StoredPoint& stored) {
    const auto entry = searches_.find(ordinal);
    if (entry == searches_.end()) return;
    Search& search = entry->second;
    if (stored.failure && stored.failure->cause != FailureCause::Inputs) {
        // Neither yes nor no: without an answer there is no finding.
        Finding finding;
        finding.axes_json = search.axes;
        finding.key = plan_.sweep().search.value().key.name;
        finding.text =
            "not found: at " + value_at(place.probe).text() + ", " + stored.failure->reason;
        ++failed_;
        return finish(ordinal, finding);
    }
    Probe& probe = search.probes[place.probe];
    (place.variant == 0 ? probe.point : probe.against) = stored;
}

bool SearchQueue::is_complete(const Probe& probe) const {
    const bool compares = !plan_.sweep().search.value().against.empty();
    return probe.point && (!compares || probe.against);
}

bool SearchQueue::holds(std::uint64_t ordinal, std::uint64_t base, const Probe& probe) const {
    // Where nothing can be simulated, nothing holds.
    if (probe.point->failure || (probe.against && probe.against->failure)) return false;
    const SweepSearch& search = plan_.sweep().search.value();
    const Point& point = probe.point->point;
    return search.that->holds([&](const std::string& name) -> FigureValue {
        if (name == search.key.name) return value_at(base).number();
        if (name == kSpeedUp) return speed_up(probe.against->point, point);
        for (const SweepAxis& axis : plan_.sweep().axes) {
            if (axis.key.name == name) return plan_.axis_value(ordinal, name);
        }
        return figure_of(point, name);
    });
}

void SearchQueue::finish(std::uint64_t ordinal, const Finding& finding) {
    std::vector<std::uint64_t> probes;
    for (const auto& probe : searches_.at(ordinal).probes) probes.push_back(probe.first);
    store_.keep_probes(sweep_, ordinal, probes);
    store_.add_finding(sweep_, ordinal, finding);
    searches_.erase(ordinal);
    // What the other questions of this search asked for is of no use any more.
    wanted_.erase(
        std::remove_if(wanted_.begin(), wanted_.end(),
                       [&](const PlannedPoint& point) { return point.place.ordinal == ordinal; }),
        wanted_.end());
    observer_.progressed(++done_, failed_);
}

}  // namespace lpusim
