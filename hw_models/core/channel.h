#pragma once

#include <cstdint>

#include <boost/circular_buffer.hpp>

#include "hw_models/core/clock_domain.h"
#include "hw_models/core/probe.h"
#include "hw_models/core/quantities.h"
#include "hw_models/core/state_visitor.h"

namespace lpusim {

/// A registered pipe between two units that carries an amount (bytes), not items: what is pushed in
/// cycle t can be popped from t + 1 + delay. Room is reserved on the push, so what is in flight
/// always fits. push and pop belong to the update phase, everything else to evaluate.
class Channel {
public:
    Channel(std::uint64_t capacity, Cycles delay);

    void connect(Waker producer, Waker consumer) {
        producer_ = producer;
        consumer_ = consumer;
    }

    /// Amount that can be popped in cycle `now`.
    std::uint64_t available(Cycles now);
    /// Amount that can be pushed.
    std::uint64_t room() const { return capacity_ - state_.occupied; }
    /// The first cycle after `now` in which more becomes available; kNever if nothing is in flight.
    Cycles next_arrival(Cycles now);

    void visit_state(StateVisitor& visitor);
    /// What it holds, in flight or not.
    Probe<LevelSink>& level() { return level_; }

    void push(Cycles now, std::uint64_t amount);
    void pop(Cycles now, std::uint64_t amount);

private:
    struct InFlight {
        Cycles arrives_at;
        std::uint64_t amount = 0;
    };
    struct State {
        std::uint64_t occupied = 0;
        std::uint64_t arrived = 0;
        boost::circular_buffer<InFlight> in_flight;
    };
    void arrive(Cycles now);

    std::uint64_t capacity_;
    Cycles delay_;
    Waker producer_;
    Waker consumer_;
    State state_;
    Probe<LevelSink> level_;
};

}  // namespace lpusim
