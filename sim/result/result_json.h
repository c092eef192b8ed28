#pragma once

#include <stdexcept>

#include <nlohmann/json.hpp>

#include "sim/result/result.h"

namespace lpusim {

/// Keeps the order of keys: equal values give equal bytes.
using Json = nlohmann::ordered_json;

/// A JSON text is not the result it should be; the message names the key.
class ResultFormatError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Raw counts only. Reading back gives the same value; keys that are not known (such as derived
/// metrics) are passed over, missing ones and those of a wrong type throw ResultFormatError.
Json to_json(const Point& point);
Point point_from_json(const Json& json);

/// {"point": ..., "simulator": ...}
Json to_json(const PointRun& run);
PointRun run_from_json(const Json& json);

Json to_json(const SimulatorStats& stats);

}  // namespace lpusim
