#pragma once

#include <deque>
#include <vector>

#include "hw_models/data/byte_fifo.h"
#include "hw_models/data/data_program.h"

namespace lpusim {

/// The scales and zero points that belong to a tile in the array: groups one after the other, one
/// per column each.
using TileFactors = std::vector<GroupFactors>;

/// The unpack unit's data: packed bytes become operands and the metadata among them goes to the
/// scale registers.
class WeightExpander {
public:
    explicit WeightExpander(DataProgram& program) : program_(program) {}

    void start(UnpackJob job);
    /// Takes `bytes` packed bytes and appends the operands of the tile's next `weights`.
    void expand(const std::uint8_t* packed, std::uint64_t bytes, std::uint64_t weights,
                ByteFifo& operands);

    /// The factors of the oldest tile that has been unpacked.
    TileFactors take_factors();

private:
    struct Tile {
        UnpackJob job;
        std::vector<std::uint8_t> bytes;
        std::uint64_t received = 0;
        std::uint64_t emitted = 0;
        TileFactors factors;
    };
    void expand_rows(Tile& tile, std::uint64_t column, std::uint32_t begin, std::uint32_t end,
                     std::uint8_t* operands);
    void load_factors(Tile& tile, std::uint64_t column);

    DataProgram& program_;
    std::deque<Tile> tiles_;
    std::deque<TileFactors> finished_;
    /// Metadata of the columns being unpacked, column after column, as stored.
    std::vector<std::uint32_t> registers_;
    std::vector<std::uint16_t> codes_;
};

}  // namespace lpusim
