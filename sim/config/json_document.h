#pragma once

#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "sim/config/diagnostics.h"

namespace lpusim::config {

/// The JSON object that is somebody else's file.
struct JsonObject {
    nlohmann::json json;
    /// Where the values of its keys begin.
    std::map<std::string, Position> values;
    /// Where the object begins.
    Position at;

    /// Where a key's value begins; of a missing key, where the object does.
    Position position_of(const std::string& key) const;
};

/// Throws a ConfigError when the text is no JSON object; reports keys that stand twice.
JsonObject parse_json(const std::string& text, Diagnostics& diagnostics);

}  // namespace lpusim::config
