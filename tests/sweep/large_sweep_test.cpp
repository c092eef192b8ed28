#include <chrono>

#include <gtest/gtest.h>

#include "sim/result/content_hash.h"
#include "sim/result/result_json.h"
#include "sim/sweep/work_queue.h"
#include "tests/result/sample_point.h"
#include "tests/sweep/sweep_support.h"

namespace lpusim {
namespace {

// A tenth of the 100,000 points that bench/sweep.cpp takes, whose store is to stay below 200 MB and
// of which what is missing is to be known in 2 s.
TEST(LargeSweep, TakesLittleRoomAndKnowsSoonWhatIsMissing) {
    const ScratchFolder folder;
    const std::string path = folder.file("s.sqlite");
    const SweepPlan plan = toy_plan(
        "axes:\n"
        "  unpack.lanes: {linear: [16, 4096], points: 50}\n"
        "  stream.weight.bandwidth: {log: [1 GB/s, 100 TB/s], points: 50}\n"
        "  format: [int4-g64, w3p5-g64]\n"
        "  batch: [1, 2]\n");
    ASSERT_EQ(plan.size(), 10'000U);
    const StoredPoint model = [&] {
        run_locally(toy_plan("format: int4-g64\n"), folder.file("model.sqlite"));
        StoredPoint stored;
        ResultStore::open(folder.file("model.sqlite")).for_each_row([&](const StoredRow& row) {
            stored = row.stored;
        });
        return stored;
    }();
    {
        ResultStore store = ResultStore::open_or_create(path);
        const std::int64_t sweep = store.add_sweep({"toy", plan.sweep().text});
        store.begin();
        for (std::uint64_t i = 0; i < plan.size(); ++i) {
            if (i % 100 == 17) continue;
            StoredPoint stored = model;
            Json hardware = Json::parse(stored.point.inputs.hardware_json);
            hardware["unpack"]["lanes"] = i;
            stored.point.inputs.hardware_json = hardware.dump();
            stored.point.inputs.content_hash = content_hash(stored.point.inputs);
            for (EngineCycles& engine : stored.point.units) {
                engine.busy = Cycles(engine.busy.count() + i * 131);
            }
            store.add(sweep, plan.point(i)->place, stored);
        }
        store.commit();
    }
    EXPECT_LT(std::filesystem::file_size(path), 20'000'000U);

    ResultStore store = ResultStore::open_or_create(path);
    const std::int64_t sweep = store.add_sweep({"toy", plan.sweep().text});
    const auto start = std::chrono::steady_clock::now();
    const std::vector<std::uint64_t> missing = missing_points(plan, {}, store, sweep);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    EXPECT_EQ(missing.size(), 100U);
    EXPECT_EQ(missing.at(1), 117U);
    // Generous: debug builds, sanitizers and busy machines are slow.
    EXPECT_LT(taken.count(), 10);
}

}  // namespace
}  // namespace lpusim
