#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/platform/simulate.h"

namespace lpusim {

/// A setting, and the range of it that tests simulate: both ends, and small values at random.
struct TestedRange {
    /// Its dotted path in a file, or the option of `lpusim run`.
    std::string key;
    /// As in "cycles"; empty for plain counts.
    std::string unit;
    std::uint64_t least = 0;
    std::uint64_t most = 0;
    std::uint64_t (*value)(const SimulationInput&) = nullptr;
};

/// The envelope of what has been validated (docs/validation.md).
const std::vector<TestedRange>& tested_ranges();

/// Settings of a point that lie outside of it.
std::vector<Untested> untested_settings(const SimulationInput& input);

/// The table in docs/validation.md.
std::string tested_ranges_table();

}  // namespace lpusim
