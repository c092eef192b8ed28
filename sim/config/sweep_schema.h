#pragma once

#include <cstdint>
#include <string>

#include "sim/config/fields.h"

namespace lpusim::config {

/// A sweep file as written: what depends on other files and keys is not looked at yet.
struct SweepFields {
    std::string name;
    std::string description;
    YamlNode hardware, model, format;
    std::uint32_t batch = 0;
    std::uint32_t context = 0;
    std::uint32_t kv_bits = 0;
    YamlNode set, axes, zip, when;
    YamlNode search_key, search_from, search_to, search_that, search_against, search_tolerance;
    /// Whether the smallest or the largest value is wanted.
    bool search_smallest = true;
    YamlNode pareto_maximise, pareto_minimise, pareto_where;
};

/// Bounds of a scenario, wherever it is asked for.
inline constexpr Count kBatch{1, 65'536};
inline constexpr Count kContext{1, 16'777'216};

const SchemaDoc& sweep_doc();

/// Reads and checks what stands in the file itself; errors go to `diagnostics`.
SweepFields read_sweep_fields(const YamlNode& root, Diagnostics& diagnostics);

}  // namespace lpusim::config
