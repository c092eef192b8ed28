#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hw_models/chip/chip_params.h"

namespace lpusim {

/// Where the weights are while a token is computed.
enum class Placement : std::uint8_t { Streamed, Resident };

/// What a number of a configuration file rests on.
enum class Confidence : std::uint8_t { Published, Derived, Assumed };
/// "published", "derived", "assumed"
const char* name_of(Confidence confidence);

/// One value of a configuration file with what stands beside it.
struct Provenance {
    /// Dotted path ("unpack.lanes").
    std::string key;
    /// As written in the file, unit included ("80 GB/s").
    std::string value;
    /// Assumed, too, when the file says nothing of it.
    Confidence confidence = Confidence::Assumed;
    /// "default" for a key that the file leaves out, "override" for one that was set from outside;
    /// may be empty.
    std::string source;
};

/// A hardware file after validation.
struct HardwareConfig {
    std::string name;
    std::string description;
    Placement placement = Placement::Streamed;
    ChipParams chip;
    /// Bandwidth as asked for, before efficiency and snapping.
    BytesPerSecond stream_bandwidth;
    Fraction stream_efficiency{1, 1};
    double stream_deviation_ppm = 0;
    /// Every key but name and description, defaults included, in the order of the reference.
    std::vector<Provenance> provenance;
};

}  // namespace lpusim
