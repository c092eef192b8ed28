#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

#include "sim/config/yaml_document.h"

namespace lpusim {

/// What an axis, a search or a setting changes.
struct SweepKey {
    enum class Kind : std::uint8_t {
        // Which file it is.
        Hardware,
        Model,
        Format,
        // A key of that file.
        HardwareValue,
        ModelValue,
        FormatValue,
        // The scenario.
        Batch,
        Context,
        KvBits
    };
    Kind kind = Kind::Batch;
    /// As it is written in the sweep file.
    std::string name;
    /// Its dotted path in the file that it is of.
    std::string path;

    bool names_file() const { return kind <= Kind::Format; }
    /// Whatever it is called: 'unpack.lanes' is 'hardware.unpack.lanes'.
    bool is_same(const SweepKey& other) const { return kind == other.kind && path == other.path; }
};

/// Not a key; the message says what is.
class KeyError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// "stream.weight.bandwidth", "format", "batch"; a key that two kinds of files have needs the kind
/// in front ("model.layers"), which is allowed for others. Throws KeyError.
SweepKey sweep_key(const std::string& name);

/// What values the key takes, for errors.
std::string allowed_values(const SweepKey& key);

/// Throws config::BadValue for what is no value of the key, whatever the rest of a file holds.
/// Whether a file is there is not looked at.
void check_value(const SweepKey& key, const config::YamlNode& node);

}  // namespace lpusim
