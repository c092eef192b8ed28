#include "sim/sweep/local_engine.h"

#include <map>
#include <memory>
#include <unordered_map>
#include <utility>

#include "hw_models/numerics/weight_codes.h"
#include "sim/config/load.h"
#include "sim/platform/point_pool.h"
#include "sim/quantize/format_quality.h"
#include "sim/sweep/search_queue.h"
#include "sim/sweep/work_queue.h"

namespace lpusim {

namespace {

/// What formats do to weights, each computed once.
class Qualities {
public:
    const std::optional<FormatQuality>& of(const std::string& format_json) {
        const auto known = known_.find(format_json);
        if (known != known_.end()) return known->second;
        const NumberFormat format = parse_format(format_json, "format");
        std::optional<FormatQuality> quality;
        // A format that only has a size and a speed.
        if (value_problems(format).empty()) quality = format_quality(format);
        return known_.emplace(format_json, std::move(quality)).first->second;
    }

private:
    std::map<std::string, std::optional<FormatQuality>> known_;
};

PointRequest request_of(const PlannedPoint& point, std::uint64_t id) {
    const auto changed = [](const PlannedFile& file) {
        return ChangedFile{file.file, file.overrides};
    };
    return {id, changed(point.hardware), changed(point.model), changed(point.format),
            point.scenario};
}

PointPoolOptions pool_options(const LocalEngineOptions& options, const SweepPlan& plan) {
    PointPoolOptions pool;
    pool.command = options.command;
    pool.parallel = options.jobs;
    pool.time_limit = options.time_limit;
    pool.setup = {plan.files(), options.memory_bytes};
    return pool;
}

}  // namespace

LocalEngine::LocalEngine(LocalEngineOptions options) : options_(std::move(options)) {}

void LocalEngine::run(const SweepPlan& plan, const Shard& shard, ResultStore& store,
                      SweepObserver& observer) {
    const std::int64_t sweep = store.add_sweep({plan.sweep().name, plan.sweep().text});
    std::unique_ptr<WorkQueue> queue;
    if (plan.sweep().search) {
        queue = std::make_unique<SearchQueue>(plan, shard, store, sweep, observer);
    } else {
        queue = std::make_unique<GridQueue>(plan, shard, store, sweep, observer);
    }
    Qualities qualities;
    std::unordered_map<std::uint64_t, PlannedPoint> under_way;
    std::uint64_t next_id = 0;
    const auto next = [&]() -> std::optional<PointRequest> {
        std::optional<PlannedPoint> point = queue->next();
        if (!point) return std::nullopt;
        const std::uint64_t id = next_id++;
        PointRequest request = request_of(*point, id);
        under_way.emplace(id, std::move(*point));
        return request;
    };
    const auto answered = [&](PointAnswer answer) {
        auto node = under_way.extract(answer.id);
        const PlannedPoint& point = node.mapped();
        StoredPoint stored{std::move(answer.run.point), answer.run.simulator,
                           std::move(answer.failure)};
        if (!stored.failure) {
            stored.point.quality = qualities.of(stored.point.inputs.format_json);
        }
        store.add(sweep, point.place, stored);
        queue->take(point, stored);
    };
    PointPool(pool_options(options_, plan)).run(next, answered);
}

}  // namespace lpusim
