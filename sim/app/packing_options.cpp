#include "sim/app/packing_options.h"

#include <string>

#include <fmt/format.h>

namespace lpusim::app {

namespace {

constexpr std::uint32_t kMostTileRows = 65'536;
constexpr std::uint32_t kMostStripColumns = 65'536;
constexpr std::uint32_t kMostThreads = 1'024;

}  // namespace

MatrixTiling PackingOptions::tiling_of(const WeightSource& matrix) const {
    return uniform_tiling(matrix.k(), matrix.n(), tile_rows, strip_columns);
}

void add_tiling_options(CommandLine& line) {
    const PackingOptions defaults;
    line.add_value("tile-rows", "N",
                   fmt::format("rows of the array: symbols start anew in each tile (default {})",
                               defaults.tile_rows));
    line.add_value("strip-columns", "N",
                   fmt::format("columns that the array takes at once over all planes (default {})",
                               defaults.strip_columns));
}

void add_thread_option(CommandLine& line) {
    line.add_value("threads", "N",
                   "threads (default: one per processor); the result does not depend on it");
}

PackingOptions read_packing_options(const CommandLine& line, InputErrors& errors) {
    PackingOptions options;
    const auto read = [&](const char* name, std::uint32_t most, std::uint32_t& value) {
        if (const auto text = line.value(name)) {
            errors.collect([&] { value = parse_count(std::string("--") + name, *text, 1, most); });
        }
    };
    read("tile-rows", kMostTileRows, options.tile_rows);
    read("strip-columns", kMostStripColumns, options.strip_columns);
    read("threads", kMostThreads, options.threads);
    return options;
}

}  // namespace lpusim::app
