#include "sim/result/result_store.h"

#include <fstream>
#include <thread>

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/stat.h>

#include "sim/result/result_json.h"
#include "tests/result/sample_point.h"
#include "tests/result/scratch_folder.h"

namespace lpusim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

RequestKey request(unsigned number) {
    RequestKey key{};
    key[0] = static_cast<unsigned char>(number);
    key[1] = static_cast<unsigned char>(number >> 8U);
    key[2] = static_cast<unsigned char>(number >> 16U);
    return key;
}

SweepPlace place(unsigned number) {
    SweepPlace place;
    place.ordinal = number;
    place.request = request(number);
    place.axes_json = R"({"number":)" + std::to_string(number) + "}";
    return place;
}

SweepPlace placed_at(std::uint64_t ordinal, unsigned request_number) {
    SweepPlace place;
    place.ordinal = ordinal;
    place.request = request(request_number);
    place.axes_json = "{}";
    return place;
}

/// A point of its own for each number; hardware and an assumption follow from it.
Point numbered(unsigned number) {
    Point point = sample_point();
    const std::string text = std::to_string(number);
    point.inputs.hardware_json =
        R"({"name":"test-chip","stream":{"bandwidth":")" + text +
        R"( GB/s","latency":"10 cycles"},"note":"of some length, so that a patch is worth it"})";
    point.inputs.content_hash = content_hash(point.inputs);
    point.cycles = Cycles(1'000'000 + number);
    point.assumptions[0].value = text;
    point.untested = {{"stream.bandwidth", text + " GB/s", "1 GB/s to 2 GB/s"}};
    return point;
}

StoredPoint stored(const Point& point) {
    StoredPoint stored;
    stored.point = point;
    stored.simulator.wall_seconds = 0.5;
    stored.simulator.cycles_simulated = Cycles(7);
    stored.simulator.evaluations = 9;
    return stored;
}

StoredPoint failed(FailureCause cause, const std::string& reason) {
    StoredPoint stored;
    stored.point.inputs.hardware_name = "test-chip";
    stored.failure = PointFailure{cause, reason};
    return stored;
}

std::vector<std::string> texts_in(const ResultStore& store) {
    std::vector<std::string> texts;
    store.for_each_point([&](const Point& point) { texts.push_back(to_json(point).dump()); });
    return texts;
}

std::vector<std::uint64_t> cycles_in(const ResultStore& store) {
    std::vector<std::uint64_t> cycles;
    store.for_each_point([&](const Point& point) { cycles.push_back(point.cycles.count()); });
    return cycles;
}

std::string error_of(const std::function<void()>& step) {
    try {
        step();
    } catch (const StoreError& e) {
        return e.what();
    }
    return "no error";
}

class ResultStoreTest : public testing::Test {
protected:
    ScratchFolder folder;
    const std::string path = folder.file("r.sqlite");
    const SweepRecord sweep{"bandwidth", "kind: sweep\nname: bandwidth\n"};
};

TEST_F(ResultStoreTest, GivesBackWhatWentIn) {
    const std::vector<Point> points = {sample_point(), smaller_sample_point(), numbered(7)};
    {
        ResultStore store = ResultStore::open_or_create(path);
        const std::int64_t id = store.add_sweep(sweep);
        for (unsigned i = 0; i < points.size(); ++i) store.add(id, place(i), stored(points[i]));
    }
    const ResultStore store = ResultStore::open(path);
    std::vector<std::string> expected;
    expected.reserve(points.size());
    for (const Point& point : points) expected.push_back(to_json(point).dump());
    EXPECT_EQ(texts_in(store), expected);
    EXPECT_EQ(store.point_count(), 3U);
    EXPECT_EQ(store.sweeps().at(0).definition, sweep.definition);

    std::vector<StoredRow> rows;
    store.for_each_row([&](const StoredRow& row) { rows.push_back(row); });
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[2].sweep, "bandwidth");
    EXPECT_EQ(rows[2].place.axes_json, R"({"number":2})");
    EXPECT_EQ(rows[2].place.request, request(2));
    EXPECT_EQ(rows[2].stored.simulator.wall_seconds, 0.5);
    EXPECT_EQ(rows[2].stored.simulator.evaluations, 9U);
}

Point any_point() {
    const auto count = [] { return *rc::gen::arbitrary<std::uint64_t>(); };
    Point point = numbered(*rc::gen::inRange(0U, 5U));
    point.cycles = Cycles(count());
    point.useful_macs = count();
    point.stream_deviation_ppm = static_cast<double>(count()) / 7;
    point.stream.norms = Bytes(count());
    for (EngineCycles& engine : point.units) engine.waiting = Cycles(count());
    for (OperatorCycles& op : point.operators) op.busy[1] = Cycles(count());
    point.counters.resize(*rc::gen::inRange<std::size_t>(0, 3));
    point.assumptions.resize(*rc::gen::inRange<std::size_t>(0, 4));
    if (*rc::gen::arbitrary<bool>()) point.sources.clear();
    if (*rc::gen::arbitrary<bool>()) point.quality.reset();
    if (*rc::gen::arbitrary<bool>()) point.data = DataCheck{count(), 2, 3, 4, 0.1, 1e-9};
    point.notes.resize(*rc::gen::inRange<std::size_t>(0, 3), "\"quoted\", and a line\nbreak");
    return point;
}

RC_GTEST_PROP(ResultStoreProperty, GivesBackAnyPoint, ()) {
    const ScratchFolder folder;
    std::vector<std::string> expected;
    {
        ResultStore store = ResultStore::open_or_create(folder.file("r.sqlite"));
        const std::int64_t id = store.add_sweep({"any", "any"});
        const unsigned count = *rc::gen::inRange(1U, 6U);
        for (unsigned i = 0; i < count; ++i) {
            Point point = any_point();
            point.inputs.content_hash = std::to_string(i);
            expected.push_back(to_json(point).dump());
            store.add(id, place(i), stored(point));
        }
    }
    RC_ASSERT(texts_in(ResultStore::open(folder.file("r.sqlite"))) == expected);
}

TEST_F(ResultStoreTest, OrderFollowsFromTheContent) {
    ResultStore store = ResultStore::open_or_create(path);
    const std::int64_t later = store.add_sweep({"b", "b"});
    const std::int64_t first = store.add_sweep({"a", "a"});
    store.add(later, place(1), stored(numbered(1)));
    store.add(first, place(3), stored(numbered(3)));
    store.add(first, place(2), stored(numbered(2)));
    EXPECT_THAT(cycles_in(store), ElementsAre(1'000'002, 1'000'003, 1'000'001));
}

TEST_F(ResultStoreTest, APointIsThereOnceWhoeverAsksForIt) {
    ResultStore store = ResultStore::open_or_create(path);
    const std::int64_t a = store.add_sweep({"a", "a"});
    const std::int64_t b = store.add_sweep({"b", "b"});
    store.add(a, place(1), stored(numbered(1)));
    store.add(b, place(2), stored(numbered(1)));  // another request for it
    EXPECT_FALSE(store.add_settled(b, place(3)));
    EXPECT_TRUE(store.add_settled(b, placed_at(9, 1)));
    EXPECT_THAT(cycles_in(store), ElementsAre(1'000'001));
    EXPECT_EQ(store.point_count(), 1U);
    int rows = 0;
    store.for_each_row([&](const StoredRow& /*row*/) { ++rows; });
    EXPECT_EQ(rows, 3);
}

TEST_F(ResultStoreTest, AChangedSweepBeginsAnewAndFindsItsPoints) {
    ResultStore store = ResultStore::open_or_create(path);
    const std::int64_t id = store.add_sweep(sweep);
    store.add(id, place(1), stored(numbered(1)));
    store.add(id, place(2), stored(numbered(2)));
    EXPECT_EQ(store.add_sweep({sweep.name, "changed"}), id);
    EXPECT_TRUE(cycles_in(store).empty());
    EXPECT_TRUE(store.places(id).empty());
    EXPECT_TRUE(store.add_settled(id, placed_at(5, 2)));
    EXPECT_THAT(cycles_in(store), ElementsAre(1'000'002));
    EXPECT_EQ(store.sweeps().size(), 1U);
}

TEST_F(ResultStoreTest, RefusesToMixUpSweepsOfOneName) {
    const std::string other = folder.file("other.sqlite");
    {
        ResultStore store = ResultStore::open_or_create(other);
        store.add(store.add_sweep({sweep.name, "other"}), place(1), stored(numbered(1)));
    }
    ResultStore store = ResultStore::open_or_create(path);
    store.add(store.add_sweep(sweep), place(2), stored(numbered(2)));
    EXPECT_THAT(error_of([&] { store.merge(other); }),
                HasSubstr("both have a sweep 'bandwidth', and not the same one"));
    EXPECT_THAT(cycles_in(store), ElementsAre(1'000'002));
}

TEST_F(ResultStoreTest, FailuresAreRowsAndOnlySomeAreSettled) {
    ResultStore store = ResultStore::open_or_create(path);
    const std::int64_t id = store.add_sweep(sweep);
    store.add(id, place(1), failed(FailureCause::Inputs, "SRAM is too small"));
    store.add(id, place(2), failed(FailureCause::Crash, "killed by signal 9"));
    EXPECT_EQ(store.failure_count(), 2U);
    EXPECT_EQ(store.point_count(), 0U);
    EXPECT_THAT(store.settled_requests(), ElementsAre(request(1)));
    EXPECT_EQ(store.find(request(1))->failure->reason, "SRAM is too small");
    EXPECT_FALSE(store.find(request(2)).has_value());

    // The second attempt knows its inputs, so it has another key.
    store.add(id, place(2), stored(numbered(2)));
    EXPECT_EQ(store.failure_count(), 1U);
    EXPECT_EQ(store.point_count(), 1U);
    EXPECT_EQ(store.find(request(2))->point.cycles, Cycles(1'000'002));
    // A result stays, whatever comes later.
    StoredPoint failure = failed(FailureCause::TimeLimit, "too slow");
    failure.point.inputs = numbered(2).inputs;
    store.add(id, place(2), failure);
    EXPECT_EQ(store.find(request(2))->point.cycles, Cycles(1'000'002));
    EXPECT_EQ(store.places(id).size(), 2U);
}

TEST_F(ResultStoreTest, WhatIsNotCommittedIsLostAndTheRestStays) {
    {
        ResultStore store = ResultStore::open_or_create(path);
        const std::int64_t id = store.add_sweep(sweep);
        store.add(id, place(1), stored(numbered(1)));
        store.begin();
        store.add(id, place(2), stored(numbered(2)));
    }
    {
        ResultStore store = ResultStore::open_or_create(path);
        const std::int64_t id = store.add_sweep(sweep);
        store.begin();
        store.add(id, place(3), stored(numbered(3)));
        store.commit();
    }
    EXPECT_THAT(cycles_in(ResultStore::open(path)), ElementsAre(1'000'001, 1'000'003));
}

TEST_F(ResultStoreTest, ManyHardwareConfigurationsTakeLittleRoom) {
    constexpr unsigned kPoints = 500;
    {
        ResultStore store = ResultStore::open_or_create(path);
        const std::int64_t id = store.add_sweep(sweep);
        store.begin();
        for (unsigned i = 0; i < kPoints; ++i) store.add(id, place(i), stored(numbered(i)));
        store.commit();
    }
    EXPECT_LT(std::filesystem::file_size(path), kPoints * 1'000);
    SQLite::Database database(path);
    EXPECT_EQ(database
                  .execAndGet("SELECT count(*) FROM document WHERE base IS NULL AND text LIKE "
                              R"('{"name":"test-chip"%')")
                  .getInt(),
              1);
    // Any SQLite client can put them together again.
    SQLite::Statement select(database,
                             "SELECT json_extract(c.text, '$.stream.bandwidth') FROM point p JOIN "
                             "configuration c ON c.id = p.hardware WHERE p.cycles = 1000123");
    ASSERT_TRUE(select.executeStep());
    EXPECT_EQ(select.getColumn(0).getString(), "123 GB/s");
}

TEST_F(ResultStoreTest, TheViewHasTheMetrics) {
    {
        ResultStore store = ResultStore::open_or_create(path);
        store.add(store.add_sweep(sweep), place(1), stored(sample_point()));
    }
    SQLite::Database database(path);
    SQLite::Statement select(database,
                             "SELECT seconds_per_token, tokens_per_second, "
                             "effective_bits_per_weight, bottleneck, bottleneck_busy_share, "
                             "json_extract(axes, '$.number') FROM result");
    ASSERT_TRUE(select.executeStep());
    EXPECT_DOUBLE_EQ(select.getColumn(0).getDouble(), 1e-3);
    EXPECT_DOUBLE_EQ(select.getColumn(1).getDouble(), 1000);
    EXPECT_DOUBLE_EQ(select.getColumn(2).getDouble(), 4.25);
    EXPECT_EQ(select.getColumn(3).getString(), "WeightStream");
    EXPECT_DOUBLE_EQ(select.getColumn(4).getDouble(), 0.95);
    EXPECT_EQ(select.getColumn(5).getInt(), 1);
}

TEST_F(ResultStoreTest, MergesWhatOthersHold) {
    const std::string other = folder.file("other.sqlite");
    {
        ResultStore store = ResultStore::open_or_create(other);
        const std::int64_t unrelated = store.add_sweep({"unrelated", "unrelated"});
        store.add(unrelated, place(8), stored(numbered(8)));
        const std::int64_t id = store.add_sweep(sweep);
        store.add(id, place(1), stored(numbered(1)));
        store.add(id, place(2), stored(numbered(2)));
        store.add(id, place(4), failed(FailureCause::Inputs, "no"));
    }
    ResultStore store = ResultStore::open_or_create(path);
    const std::int64_t id = store.add_sweep(sweep);
    store.add(id, place(1), stored(numbered(1)));
    store.add(id, place(2), failed(FailureCause::Crash, "killed"));
    store.add(id, place(3), stored(numbered(3)));
    store.merge(other);
    store.merge(other);
    EXPECT_THAT(cycles_in(store), ElementsAre(1'000'001, 1'000'002, 1'000'003, 1'000'008));
    EXPECT_EQ(store.failure_count(), 1U);
    EXPECT_EQ(store.find(request(2))->point.inputs.hardware_json, numbered(2).inputs.hardware_json);
    EXPECT_EQ(store.find(request(2))->simulator.wall_seconds, 0.5);
    store.add(id, place(5), stored(numbered(5)));
    EXPECT_EQ(store.point_count(), 5U);
}

TEST_F(ResultStoreTest, RefusesToMergeContradictions) {
    const std::string other = folder.file("other.sqlite");
    Point point = numbered(1);
    {
        ResultStore store = ResultStore::open_or_create(other);
        store.add(store.add_sweep(sweep), place(1), stored(point));
    }
    ResultStore store = ResultStore::open_or_create(path);
    point.cycles = Cycles(5);
    store.add(store.add_sweep(sweep), place(1), stored(point));
    EXPECT_THAT(error_of([&] { store.merge(other); }), HasSubstr("contradict each other"));
    EXPECT_THAT(cycles_in(store), ElementsAre(5));
}

TEST_F(ResultStoreTest, TwoWritersTakeTurns) {
    const auto write = [&](unsigned first) {
        ResultStore store = ResultStore::open_or_create(path);
        const std::int64_t id = store.add_sweep(sweep);
        for (unsigned i = 0; i < 60; ++i)
            store.add(id, place(first + i), stored(numbered(first + i)));
    };
    std::thread a(write, 0);
    std::thread b(write, 30);
    a.join();
    b.join();
    const ResultStore store = ResultStore::open(path);
    EXPECT_EQ(store.point_count(), 90U);
    std::vector<std::string> expected;
    expected.reserve(90);
    for (unsigned i = 0; i < 90; ++i) expected.push_back(to_json(numbered(i)).dump());
    EXPECT_EQ(texts_in(store), expected);
    EXPECT_EQ(SQLite::Database(path).execAndGet("PRAGMA integrity_check").getString(), "ok");
}

TEST_F(ResultStoreTest, SaysWhatIsNoStore) {
    const auto open = [](const std::string& file) {
        return error_of([&] { ResultStore::open(file); });
    };
    EXPECT_EQ(open(folder.file("none")),
              folder.file("none") + ": cannot be read: No such file or directory");
    EXPECT_THAT(open(folder.path().string()), HasSubstr("is a directory, not a result store"));
    std::ofstream(folder.file("empty")).close();
    EXPECT_THAT(open(folder.file("empty")), HasSubstr("is empty, and no result store"));
    std::ofstream(folder.file("text")) << std::string(5000, 'x');
    EXPECT_THAT(open(folder.file("text")), HasSubstr("is no SQLite file"));
    EXPECT_THAT(error_of([&] { ResultStore::open_or_create(folder.file("text")); }),
                HasSubstr("is no SQLite file"));
    {
        SQLite::Database other(folder.file("other"), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        other.exec("CREATE TABLE t (a)");
    }
    EXPECT_THAT(open(folder.file("other")), HasSubstr("is no result store of lpusim"));
    EXPECT_THAT(error_of([&] { ResultStore::open_or_create(folder.file("other")); }),
                HasSubstr("is no result store of lpusim"));
    EXPECT_THAT(error_of([&] { ResultStore::open_or_create(folder.file("no/such/r.sqlite")); }),
                HasSubstr("does not exist"));
}

TEST_F(ResultStoreTest, SaysThatANewerVersionWroteIt) {
    ResultStore::open_or_create(path);
    SQLite::Database(path, SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 99");
    EXPECT_THAT(error_of([&] { ResultStore::open(path); }),
                HasSubstr("was written by a newer lpusim: its tables are of version 99"));
}

TEST_F(ResultStoreTest, SaysThatItIsDamaged) {
    {
        ResultStore store = ResultStore::open_or_create(path);
        const std::int64_t id = store.add_sweep(sweep);
        for (unsigned i = 0; i < 100; ++i) store.add(id, place(i), stored(numbered(i)));
    }
    {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(4096);
        file << std::string(200'000, '\xff');
    }
    EXPECT_THAT(error_of([&] { ResultStore::open(path).point_count(); }), HasSubstr("is damaged"));
}

TEST_F(ResultStoreTest, AFinishedStoreIsOneFileThatCanBeReadWhereNothingCanBeWritten) {
    {
        ResultStore store = ResultStore::open_or_create(path);
        store.add(store.add_sweep(sweep), place(1), stored(numbered(1)));
    }
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        names.push_back(entry.path().filename().string());
    }
    EXPECT_THAT(names, ElementsAre("r.sqlite"));
    EXPECT_EQ(SQLite::Database(path).execAndGet("PRAGMA journal_mode").getString(), "delete");
}

}  // namespace
}  // namespace lpusim
