#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sim/workload/operators.h"

namespace lpusim {

/// Results of one engine that another waits for. Each channel becomes one semaphore: both sides run
/// in program order, so the i-th signal is the one that the i-th wait is for.
enum class HandOver : std::uint8_t {
    VectorToArray,
    ArrayToVector,
    /// Activations straight from one product into the next. A compute starts before its
    /// predecessor's results have left the array, so even this needs a semaphore.
    ArrayToArray,
    /// The cache holds the new token: it may be read as stationary operand.
    VectorToKv
};
inline constexpr std::size_t kChannelCount = 4;

/// What an operator takes before it starts, and gives when it is done.
struct Synchronisation {
    std::array<bool, kChannelCount> takes{};
    std::array<bool, kChannelCount> gives{};

    bool takes_from(HandOver c) const { return takes[static_cast<std::size_t>(c)]; }
    bool gives_to(HandOver c) const { return gives[static_cast<std::size_t>(c)]; }
};

/// Per operator of a section. Only what is not implied already: of an operator's inputs on a
/// channel it waits for the latest, and not at all when an earlier operator on its engine has
/// waited for that one or a later one. Vector operations complete one after the other, so among
/// them no channel is needed.
std::vector<Synchronisation> synchronise(const std::vector<Operator>& section);

}  // namespace lpusim
