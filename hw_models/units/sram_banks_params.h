#pragma once

#include "hw_models/core/quantities.h"

namespace lpusim {

enum class Arbitration : std::uint8_t { FixedPriority, RoundRobin };

struct SramBanksParams {
    Bytes capacity;
    /// Banks, each `width` bytes wide, each with `ports` accesses per cycle.
    std::uint32_t banks = 1;
    Bytes width{1};
    std::uint32_t ports = 1;
    /// From a granted read to its data, in addition to the registered output.
    Cycles read_latency;
    /// Consecutive words that lie in one bank before the next bank follows. With 1, a client
    /// reaches up to `banks` words per cycle; with more, one.
    std::uint32_t interleave_words = 1;
    Arbitration arbitration = Arbitration::FixedPriority;

    /// One round over all banks; buffers start on whole rounds.
    Bytes round() const { return width * banks * interleave_words; }
};

}  // namespace lpusim
