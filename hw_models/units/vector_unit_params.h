#pragma once

#include <array>

#include "hw_models/core/quantities.h"
#include "hw_models/isa/instruction.h"

namespace lpusim {

struct VectorClassParams {
    /// Times each element passes through the lanes.
    std::uint32_t passes = 1;
    /// From the last beat to the result.
    Cycles latency;
};

struct VectorUnitParams {
    /// Elements per cycle.
    std::uint32_t lanes = 1;
    std::array<VectorClassParams, isa::kVectorClassCount> classes;

    const VectorClassParams& of(isa::VectorClass c) const {
        return classes[static_cast<std::size_t>(c)];
    }
};

}  // namespace lpusim
