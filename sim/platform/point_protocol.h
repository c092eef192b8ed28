#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/config/config_file.h"
#include "sim/config/load.h"
#include "sim/result/result.h"
#include "sim/result/result_store.h"
#include "sim/workload/scenario.h"

namespace lpusim {

// A point server (point_server.h) is told once which configuration files there are, as one JSON
// text on descriptor kSetupDescriptor. Then it reads requests, a line of JSON each, from standard
// input, and answers each with a line on standard output, in the same order:
//
//     run 7 3a00...       the result, as pack_run() writes it
//     {"point": 7, "failure": {"cause": "crash", "reason": "...", "inputs": {...}}}
//
// The inputs are there as far as they are known. Lines that are neither are what a process wrote
// before it was killed, and are passed over.

inline constexpr int kSetupDescriptor = 3;

struct PointServerSetup {
    std::vector<ConfigFile> files;
    /// Address space of a simulation; 0: no limit.
    std::uint64_t memory_bytes = 0;
};

/// A file of the setup, by number, and what is changed in it.
struct ChangedFile {
    std::size_t file = 0;
    Overrides overrides;
};

struct PointRequest {
    std::uint64_t id = 0;
    ChangedFile hardware, model, format;
    Scenario scenario;
};

struct PointAnswer {
    std::uint64_t id = 0;
    /// The result; with a failure, the inputs alone.
    PointRun run;
    std::optional<PointFailure> failure;
};

std::string encode(const PointServerSetup& setup);
/// Throws std::exception, as does the other.
PointServerSetup decode_setup(const std::string& text);

/// One line, its line break included.
std::string encode(const PointRequest& request);
PointRequest decode_request(std::string_view line);
std::string encode(const PointAnswer& answer);
/// Nothing for a line that is no answer.
std::optional<PointAnswer> decode_answer(std::string_view line);

}  // namespace lpusim
