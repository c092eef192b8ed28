#pragma once

#include "hw_models/core/quantities.h"

namespace lpusim {

struct WeightStreamParams {
    /// Effective bytes per cycle: bandwidth x efficiency / clock, snapped (quantities.h).
    BytesPerCycle rate;
    /// From the request of a transfer to its first byte.
    Cycles latency;
    /// Transfers are padded to whole bursts.
    Bytes burst{1};
    /// Transfers under way, the one being delivered or written included; >= 1.
    std::uint32_t outstanding = 1;
    /// Every refresh_period cycles the first refresh_duration deliver nothing. Period 0: no
    /// refresh.
    Cycles refresh_period;
    Cycles refresh_duration;
};

}  // namespace lpusim
