#pragma once

#include "hw_models/core/quantities.h"

namespace lpusim {

struct RescalerParams {
    /// Partial sums rescaled and accumulated per cycle.
    std::uint32_t lanes = 1;
    Cycles depth;
};

}  // namespace lpusim
