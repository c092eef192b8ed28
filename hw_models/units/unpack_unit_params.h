#pragma once

#include "hw_models/core/quantities.h"

namespace lpusim {

/// Where weights are expanded: before the array's load port (operands cross it) or behind it
/// (packed bytes do).
enum class UnpackPosition : std::uint8_t { BeforeLoadPort, InsideArray };

struct UnpackUnitParams {
    /// Operand bytes emitted per cycle: INT8 weights, or half as many FP16 weights. >= 2.
    std::uint32_t lanes = 2;
    /// Pipeline stages from consumed bytes to emitted weights.
    Cycles depth;
    /// Packed bytes read from SRAM per cycle.
    Bytes read_bytes{1};
    UnpackPosition position = UnpackPosition::BeforeLoadPort;
};

}  // namespace lpusim
