#pragma once

#include <algorithm>
#include <cstdint>

#include "hw_models/core/channel.h"
#include "hw_models/core/clock_domain.h"
#include "tests/support/pacer.h"

namespace lpusim::test {

/// Pushes `total` into a channel, up to `per_cycle` in each cycle that the pacer allows and the
/// channel has room.
class ByteSource final : public ClockedUnit {
public:
    ByteSource(Channel& channel, std::uint64_t total, std::uint64_t per_cycle,
               Pacer pacer = Pacer::always())
        : channel_(channel), left_(total), per_cycle_(per_cycle), pacer_(pacer) {}

    std::uint64_t left() const { return left_; }

    void settle(Cycles, Cycles) override {}
    void evaluate(Cycles now) override {
        amount_ = pacer_.allows(now) ? std::min({per_cycle_, left_, channel_.room()}) : 0;
    }
    Cycles update(Cycles now) override {
        if (amount_ > 0) channel_.push(now, amount_);
        left_ -= amount_;
        return left_ > 0 ? now + Cycles(1) : kNever;
    }

private:
    Channel& channel_;
    std::uint64_t left_;
    std::uint64_t per_cycle_;
    Pacer pacer_;
    std::uint64_t amount_ = 0;
};

/// Pops what a channel holds, up to `per_cycle` in each cycle that the pacer allows.
class ByteSink final : public ClockedUnit {
public:
    ByteSink(Channel& channel, std::uint64_t per_cycle, Pacer pacer = Pacer::always())
        : channel_(channel), per_cycle_(per_cycle), pacer_(pacer) {}

    std::uint64_t received() const { return received_; }
    /// The first and the last cycle in which something came.
    std::uint64_t first_at() const { return first_at_; }
    std::uint64_t last_at() const { return last_at_; }

    void settle(Cycles, Cycles) override {}
    void evaluate(Cycles now) override {
        amount_ = pacer_.allows(now) ? std::min(per_cycle_, channel_.available(now)) : 0;
    }
    Cycles update(Cycles now) override {
        if (amount_ > 0) {
            if (received_ == 0) first_at_ = now.count();
            last_at_ = now.count();
            channel_.pop(now, amount_);
            received_ += amount_;
        }
        const Cycles next = now + Cycles(1);
        return channel_.available(next) > 0 ? next : channel_.next_arrival(next);
    }

private:
    Channel& channel_;
    std::uint64_t per_cycle_;
    Pacer pacer_;
    std::uint64_t amount_ = 0;
    std::uint64_t received_ = 0;
    std::uint64_t first_at_ = 0;
    std::uint64_t last_at_ = 0;
};

}  // namespace lpusim::test
