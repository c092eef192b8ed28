#include "hw_models/core/channel.h"

namespace lpusim {

Channel::Channel(std::uint64_t capacity, Cycles delay) : capacity_(capacity), delay_(delay) {
    // One push per cycle, and each push first moves out what has arrived.
    state_.in_flight.set_capacity(delay.count() + 2);
}

void Channel::arrive(Cycles now) {
    while (!state_.in_flight.empty() && state_.in_flight.front().arrives_at <= now) {
        state_.arrived += state_.in_flight.front().amount;
        state_.in_flight.pop_front();
    }
}

std::uint64_t Channel::available(Cycles now) {
    arrive(now);
    return state_.arrived;
}

Cycles Channel::next_arrival(Cycles now) {
    arrive(now);
    return state_.in_flight.empty() ? kNever : state_.in_flight.front().arrives_at;
}

void Channel::visit_state(StateVisitor& visitor) {
    auto& [occupied, arrived, in_flight] = state_;
    visitor.value(occupied);
    visitor.value(arrived);
    visitor.size(in_flight);
    for (InFlight& entry : in_flight) {
        auto& [arrives_at, amount] = entry;
        visitor.deadline(arrives_at);
        visitor.value(amount);
    }
}

void Channel::push(Cycles now, std::uint64_t amount) {
    arrive(now);
    const Cycles arrives_at = now + Cycles(1) + delay_;
    state_.in_flight.push_back({arrives_at, amount});
    state_.occupied += amount;
    if (!level_.empty()) level_->level(now + Cycles(1), state_.occupied);
    consumer_.wake(arrives_at);
}

void Channel::pop(Cycles now, std::uint64_t amount) {
    state_.arrived -= amount;
    state_.occupied -= amount;
    if (!level_.empty()) level_->level(now + Cycles(1), state_.occupied);
    producer_.wake(now + Cycles(1));
}

}  // namespace lpusim
