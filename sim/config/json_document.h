#pragma once

#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "sim/config/diagnostics.h"

namespace lpusim::config {

/// Somebody else's file: an object. Throws a ConfigError when the text is none.
nlohmann::json parse_json(const std::string& text, Diagnostics& diagnostics);

/// Where things are in the text of an object: nlohmann::json does not tell.
struct JsonPlaces {
    /// Where the object begins.
    Position object;
    /// Where the values of its keys begin.
    std::map<std::string, Position> values;

    /// Where a key's value begins; of a missing key, where the object does.
    Position of(const std::string& key) const;
};

/// Reports keys that stand twice. `text` is what parse_json() took.
JsonPlaces find_places(const std::string& text, Diagnostics& diagnostics);

}  // namespace lpusim::config
