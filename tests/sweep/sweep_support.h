#pragma once

#include <string>

#include "sim/result/result_store.h"
#include "sim/sweep/local_engine.h"
#include "tests/result/scratch_folder.h"

namespace lpusim {

/// Points of a model that is simulated in milliseconds.
inline std::string toy_sweep(const std::string& axes) {
    return "kind: sweep\nname: toy\nhardware: test-chip\nmodel: " LPUSIM_SOURCE_DIR
           "/tests/app/data/toy.yaml\ncontext: 32\n" +
           axes;
}

inline SweepPlan toy_plan(const std::string& axes) {
    return SweepPlan(parse_sweep(toy_sweep(axes), "toy.yaml"));
}

/// Points of 2 x 3 x 2, one of which cannot be compiled for want of SRAM, and one not be read.
inline const char* const kSmallGrid =
    "axes:\n"
    "  sram.capacity: [16 KiB, 1 MiB]\n"
    "  unpack.lanes: [16, 32, 64]\n"
    "  format: [int4-g64, w3p5-g64]\n";

class QuietObserver : public SweepObserver {
public:
    void started(std::uint64_t total, std::uint64_t missing) override {
        total_ = total;
        missing_ = missing;
    }
    void progressed(std::uint64_t done, std::uint64_t failed) override {
        done_ = done;
        failed_ = failed;
    }

    std::uint64_t total() const { return total_; }
    std::uint64_t missing() const { return missing_; }
    std::uint64_t done() const { return done_; }
    std::uint64_t failed() const { return failed_; }

private:
    std::uint64_t total_ = 0;
    std::uint64_t missing_ = 0;
    std::uint64_t done_ = 0;
    std::uint64_t failed_ = 0;
};

inline LocalEngineOptions local_options(std::size_t jobs) {
    LocalEngineOptions options;
    options.command = {LPUSIM_EXECUTABLE, "point-server"};
    options.jobs = jobs;
    return options;
}

inline QuietObserver run_locally(const SweepPlan& plan, const std::string& path,
                                 std::size_t jobs = 2, const Shard& shard = {}) {
    QuietObserver observer;
    ResultStore store = ResultStore::open_or_create(path);
    LocalEngine(local_options(jobs)).run(plan, shard, store, observer);
    return observer;
}

}  // namespace lpusim
