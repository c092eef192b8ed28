#pragma once

#include <cstdint>

#include "hw_models/core/clock_domain.h"
#include "hw_models/core/sram_port.h"
#include "tests/support/pacer.h"

namespace lpusim::test {

/// An SRAM client that asks for the same words again and again, in each cycle before `until` that
/// the pacer allows, except cycle 0: a port is active from the cycle after its activation.
class ContendingClient final : public ClockedUnit {
public:
    ContendingClient(SramPort& port, std::uint64_t first, std::uint32_t words, std::uint64_t until,
                     Pacer pacer = Pacer::always())
        : port_(port), first_(first), words_(words), until_(until), pacer_(pacer) {}

    std::uint64_t granted() const { return granted_; }
    std::uint64_t refused() const { return refused_; }
    /// Granted or refused, per cycle from cycle 0 on.
    const std::vector<std::uint32_t>& grants() const { return grants_; }

    void settle(Cycles, Cycles) override {}
    void evaluate(Cycles) override {
        if (active_) port_.request(first_, words_);
    }
    Cycles update(Cycles now) override {
        grants_.push_back(active_ ? port_.granted() : 0);
        if (active_) {
            granted_ += port_.granted();
            refused_ += words_ - port_.granted();
        }
        const Cycles next = now + Cycles(1);
        active_ = next < until_ && pacer_.allows(next);
        port_.set_active(now, active_);
        return next < until_ ? next : kNever;
    }

private:
    SramPort& port_;
    std::uint64_t first_;
    std::uint32_t words_;
    Cycles until_;
    Pacer pacer_;
    bool active_ = false;
    std::uint64_t granted_ = 0;
    std::uint64_t refused_ = 0;
    std::vector<std::uint32_t> grants_;
};

}  // namespace lpusim::test
