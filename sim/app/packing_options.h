#pragma once

#include <cstdint>

#include "hw_models/numerics/packing.h"
#include "sim/app/command_line.h"
#include "sim/app/input_errors.h"
#include "sim/quantize/weight_source.h"

namespace lpusim::app {

/// How matrices are cut for the array, and by how many threads. The defaults are the published
/// array: four planes of 320 x 320.
struct PackingOptions {
    std::uint32_t tile_rows = 320;
    std::uint32_t strip_columns = 1280;
    /// 0: one per processor.
    std::uint32_t threads = 0;

    MatrixTiling tiling_of(const WeightSource& matrix) const;
};

/// --tile-rows and --strip-columns.
void add_tiling_options(CommandLine& line);
/// --threads.
void add_thread_option(CommandLine& line);

/// Adds every error.
PackingOptions read_packing_options(const CommandLine& line, InputErrors& errors);

}  // namespace lpusim::app
