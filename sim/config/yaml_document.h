#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/config/diagnostics.h"

namespace lpusim::config {

struct YamlEntry;

/// A value of a YAML file and where it stands. Unlike YAML::Node this is a plain value.
struct YamlNode {
    enum class Kind { Null, Scalar, List, Map };

    Kind kind = Kind::Null;
    Position at;
    /// Of a scalar: its text, without quotes.
    std::string text;
    /// Of a list.
    std::vector<YamlNode> items;
    /// Of a map: in the order of the file, each key once.
    std::vector<YamlEntry> entries;

    static YamlNode scalar(std::string text, Position at);

    /// What an error says that it got: "'64 B'", "a list", "a map" or "nothing".
    std::string shown() const;
    /// The value of a key of a map, or null.
    const YamlNode* find(std::string_view key) const;
};

struct YamlEntry {
    std::string key;
    Position at;
    YamlNode value;
};

/// A value as a user would write it, for lists and maps as for scalars.
std::string as_written(const YamlNode& node);

/// Parses a text with one YAML document whose top is a map. A key that stands twice is reported and
/// its first value kept. Throws ConfigError (with what was reported so far) when the text is empty
/// or no YAML, and for what configuration files do not use: several documents, anchors, aliases,
/// tags, keys that are no words.
YamlNode parse_yaml(const std::string& text, Diagnostics& diagnostics);

/// Parses a single value as it may stand behind a key ("64", "[4, 3]"); its position is nowhere.
YamlNode parse_yaml_value(const std::string& text, Diagnostics& diagnostics);

}  // namespace lpusim::config
