#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "hw_models/core/quantities.h"

namespace lpusim {

/// What a stream at a constant rate delivered in one cycle, and whether a byte more or less by then
/// would have made a difference to anybody else: another word whole, another transfer complete.
///
/// The credit that a rate leaves over is less than one byte, so two runs that differ in nothing
/// else differ by at most one byte at any time.
struct Delivery {
    /// By the rate and the credit, used or lost.
    std::uint64_t bytes = 0;
    /// The credit was forgotten before this cycle.
    bool fresh = false;
    /// What the rate offered beyond the end of a transfer is lost: runs that differ no longer do.
    bool lost = false;
    bool may_be_more = false;
    bool may_be_less = false;
    /// Many cycles in one: they are only known for this credit before them.
    bool exact = false;
    std::uint64_t credit_before = 0;
    std::uint64_t credit_after = 0;

    static Delivery known_for(std::uint64_t credit_before, std::uint64_t credit_after) {
        Delivery delivery;
        delivery.exact = true;
        delivery.credit_before = credit_before;
        delivery.credit_after = credit_after;
        return delivery;
    }
};
using DeliveryLog = std::vector<Delivery>;

/// The credit after deliveries that begin with `credit` and have no other consequences than the
/// recorded ones; nothing if they might. Credits are in bytes x rate.den, below rate.den.
std::optional<std::uint64_t> credit_after(const DeliveryLog& recorded, Fraction rate,
                                          std::uint64_t credit);

}  // namespace lpusim
