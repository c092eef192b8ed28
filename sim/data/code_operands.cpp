#include "sim/data/code_operands.h"

#include <cstddef>

namespace lpusim {

CodeOperands::CodeOperands(const WeightCodes& codes, bool integers) {
    for (std::size_t place = 0; place < codes.places().size(); ++place) {
        const std::uint32_t levels = codes.places()[place].levels;
        if (integers) {
            integers_.emplace_back(levels);
        } else {
            reals_.emplace_back(levels);
        }
        for (std::uint32_t code = 0; code < levels; ++code) {
            if (!codes.valid(place, code)) continue;
            if (integers) {
                integers_[place][code] = codes.int8_operand(place, code);
            } else {
                reals_[place][code] =
                    codes.value_of_float_operand(codes.float_operand(place, code));
            }
        }
    }
}

template <class Operand>
void CodeOperands::look_up(const std::vector<std::vector<Operand>>& operands,
                           const MatrixPacker& packer, const std::vector<std::uint16_t>& codes,
                           std::vector<Operand>& column) {
    column.resize(codes.size());
    for (const TileCodec& tile : packer.tiles()) {
        for (std::size_t place = 0; place < operands.size(); ++place) {
            const Operand* of_place = operands[place].data();
            const std::uint64_t end = tile.k_begin() + tile.rows();
            for (std::uint64_t k = tile.k_begin() + place; k < end; k += operands.size()) {
                column[k] = of_place[codes[k]];
            }
        }
    }
}

void CodeOperands::look_up(const MatrixPacker& packer, const std::vector<std::uint16_t>& codes,
                           StationaryColumn& column) const {
    if (!integers_.empty()) look_up(integers_, packer, codes, column.integers);
    if (!reals_.empty()) look_up(reals_, packer, codes, column.reals);
}

}  // namespace lpusim
