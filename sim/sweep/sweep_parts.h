#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/config/sweep_schema.h"
#include "sim/sweep/sweep_file.h"

namespace lpusim {

/// Whether a key stands in the file.
bool is_given(const config::YamlNode& node);

/// Reads the parts that several keys of a sweep file have in common; what is wrong goes to the
/// diagnostics.
class SweepParts {
public:
    SweepParts(std::filesystem::path sweep_file, config::Diagnostics& diagnostics)
        : path_(std::move(sweep_file)), diagnostics_(diagnostics) {}

    config::Diagnostics& diagnostics() { return diagnostics_; }
    /// "key 'search.to': <message>"
    void error(config::Position at, const std::string& key, const std::string& message);
    std::optional<SweepKey> key_named(const std::string& name, config::Position at);
    std::optional<Expression> expression(const config::YamlNode& node, const std::string& key,
                                         const Expression::Types& types,
                                         const Expression::Units& units);
    /// A map of keys to values; empty if the key is not given.
    std::vector<SweepSetting> settings(const config::YamlNode& node, const std::string& key);
    /// The file that a name means, which may be a path relative to the sweep file; empty if none.
    std::filesystem::path find(SweepKey::Kind kind, const std::string& name, config::Position at);

private:
    std::filesystem::path path_;
    config::Diagnostics& diagnostics_;
};

/// The keys `search.*`; nothing if there are none, or if they are wrong.
std::optional<SweepSearch> read_search(const config::SweepFields& fields,
                                       const std::vector<SweepAxis>& axes, SweepParts& parts);

/// The keys `pareto.*`, into the sweep, whose axes and search are known.
void read_pareto(const config::SweepFields& fields, SweepParts& parts, SweepFile& sweep);

}  // namespace lpusim
