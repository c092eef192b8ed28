#pragma once

#include <cstdint>
#include <vector>

#include "hw_models/numerics/packing.h"
#include "sim/data/product_check.h"

namespace lpusim {

/// What each code of a format means as an operand of the array, looked up by its place in a symbol.
class CodeOperands {
public:
    /// `integers`: INT8 operands, or 16-bit ones.
    CodeOperands(const WeightCodes& codes, bool integers);

    /// Fills the column's operands. Places start anew with each tile.
    void look_up(const MatrixPacker& packer, const std::vector<std::uint16_t>& codes,
                 StationaryColumn& column) const;

private:
    template <class Operand>
    static void look_up(const std::vector<std::vector<Operand>>& operands,
                        const MatrixPacker& packer, const std::vector<std::uint16_t>& codes,
                        std::vector<Operand>& column);

    /// By place and code; one of the two. Codes without meaning are 0.
    std::vector<std::vector<std::int32_t>> integers_;
    std::vector<std::vector<float>> reals_;
};

}  // namespace lpusim
