#pragma once

#include "hw_models/core/quantities.h"

namespace lpusim {

struct SequencerParams {
    /// Fetched instructions a unit's queue holds.
    std::uint32_t queue_depth = 1;
    /// From fetch to the front of the queue; one fetch per queue and cycle.
    Cycles issue_latency;
};

}  // namespace lpusim
