#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "sim/result/result.h"

namespace lpusim {

// A worker answers with lines of JSON on its standard output, each an object of one member:
//
//     {"progress": 0.25}      any number of times
//     {"result": {...}}       as run_to_json() writes it; then the worker exits with 0
//     {"error": "..."}        instead of a result

struct WorkerProgress {
    double share = 0;
};
struct WorkerError {
    std::string message;
};
using WorkerMessage = std::variant<WorkerProgress, PointRun, WorkerError>;

/// One line, its line break included.
std::string encode(const WorkerMessage& message);
/// A line without its break. Throws ResultFormatError.
WorkerMessage decode(std::string_view line);

}  // namespace lpusim
