#pragma once

#include <string>

#include "sim/config/load.h"
#include "sim/data/tensor_source.h"
#include "sim/platform/simulate.h"
#include "sim/workload/scenario.h"

namespace lpusim {

/// A configuration file and what is to be changed in it.
struct FileWithOverrides {
    std::string path;
    Overrides overrides;
};

/// All that a worker process has to be told to simulate a point.
struct WorkerJob {
    FileWithOverrides hardware;
    FileWithOverrides model;
    FileWithOverrides format;
    Scenario scenario;
    bool every_cycle = false;
    bool fast_forward = true;
    bool data = false;
    DataWeights data_weights;
};

std::string encode(const WorkerJob& job);
/// Throws std::runtime_error.
WorkerJob decode_job(const std::string& text);

/// Reads the files. Throws ConfigError.
SimulationInput load_input(const WorkerJob& job);

}  // namespace lpusim
