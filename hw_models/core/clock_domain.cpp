#include "hw_models/core/clock_domain.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace lpusim {

namespace {

std::size_t lowest_bit(std::uint32_t bits) { return static_cast<std::size_t>(__builtin_ctz(bits)); }

}  // namespace

ClockDomain::ClockDomain(const sc_core::sc_module_name& name, Hertz clock, bool every_cycle)
    : sc_core::sc_module(name),
      period_(1.0 / static_cast<double>(clock.count()), sc_core::SC_SEC),
      every_cycle_(every_cycle) {
    SC_METHOD(run_quantum);
}

Waker ClockDomain::attach(ClockedUnit& unit) {
    if (slots_.size() == kMostUnits) throw std::length_error("too many units for a clock domain");
    slots_.push_back({&unit, Cycles(0), Cycles(0)});
    return {*this, slots_.size() - 1};
}

Cycles ClockDomain::next_wake() const {
    Cycles earliest = kNever;
    for (const Slot& slot : slots_) earliest = std::min(earliest, slot.wake_at);
    return earliest;
}

bool ClockDomain::step() {
    if (every_cycle_) {
        if (next_wake() == kNever) return false;
        step_all(started_ ? now_ + Cycles(1) : Cycles(0));
        started_ = true;
        return true;
    }
    Cycles next = now_ + Cycles(1);
    Units due = std::exchange(wake_next_, 0);
    if (due == 0 || wakes_later_ <= next) {
        next = next_wake();
        if (next == kNever) return false;
        due = find_due(next);
    }
    step_due(next, due);
    return true;
}

/// All that wake at `next`; none wakes before.
ClockDomain::Units ClockDomain::find_due(Cycles next) {
    Units due = 0;
    wakes_later_ = kNever;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        if (slots_[i].wake_at == next) {
            due |= Units{1} << i;
        } else {
            wakes_later_ = std::min(wakes_later_, slots_[i].wake_at);
        }
    }
    return due;
}

void ClockDomain::step_due(Cycles next, Units due) {
    now_ = next;
    for (Units left = due; left != 0; left &= left - 1) {
        Slot& slot = slots_[lowest_bit(left)];
        slot.wake_at = kNever;
        if (slot.settled_until < next) slot.unit->settle(slot.settled_until, next);
        slot.settled_until = next + Cycles(1);
    }
    for (Units left = due; left != 0; left &= left - 1) {
        slots_[lowest_bit(left)].unit->evaluate(next);
        ++evaluations_;
    }
    if (arbiter_ != nullptr) arbiter_->resolve(next);
    for (Units left = due; left != 0; left &= left - 1) {
        const std::size_t unit = lowest_bit(left);
        wake(unit, slots_[unit].unit->update(next));
    }
}

void ClockDomain::step_all(Cycles next) {
    now_ = next;
    for (Slot& slot : slots_) {
        slot.wake_at = kNever;
        if (slot.settled_until < next) slot.unit->settle(slot.settled_until, next);
        slot.settled_until = next + Cycles(1);
        slot.unit->evaluate(next);
    }
    if (arbiter_ != nullptr) arbiter_->resolve(next);
    for (const Slot& slot : slots_) slot.unit->commit(next);
    evaluations_ += slots_.size();
    // Whether there is another cycle. One unit with something to do is enough, and it is mostly the
    // same one.
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        Slot& slot = slots_[busy_];
        slot.wake_at = std::min(slot.wake_at, slot.unit->plan_sleep(next));
        if (slot.wake_at != kNever) return;
        busy_ = (busy_ + 1) % slots_.size();
    }
}

void ClockDomain::settle_all(Cycles until) {
    for (Slot& slot : slots_) {
        if (slot.settled_until >= until) continue;
        slot.unit->settle(slot.settled_until, until);
        slot.settled_until = until;
    }
}

void ClockDomain::visit_state(StateVisitor& visitor, std::size_t unit) {
    auto& [ignored, wake_at, settled_until] = slots_[unit];
    visitor.present(settled_until);
    visitor.deadline(wake_at);
    look_at_all_wakes();
}

void ClockDomain::step_alone(std::size_t unit) {
    Slot& slot = slots_[unit];
    look_at_all_wakes();
    now_ = slot.wake_at;
    slot.wake_at = kNever;
    if (slot.settled_until < now_) slot.unit->settle(slot.settled_until, now_);
    slot.settled_until = now_ + Cycles(1);
    slot.unit->evaluate(now_);
    if (arbiter_ != nullptr) arbiter_->resolve(now_);
    slot.wake_at = std::min(slot.wake_at, slot.unit->update(now_));
    ++evaluations_;
}

void ClockDomain::run_quantum() {
    for (int i = 0; i < kQuantum; ++i) {
        if (!step()) {
            deadlocked_ = true;
            sc_core::sc_stop();
            return;
        }
        if (stop_condition_ && stop_condition_()) {
            sc_core::sc_stop();
            return;
        }
    }
    if (progress_) progress_();
    // A quantum may end on the cycle it began in (cycle 0); a zero wait would be a delta cycle
    // without end.
    const Cycles elapsed = std::max(now_ - sc_now_, Cycles(1));
    sc_now_ = now_;
    next_trigger(period_ * static_cast<double>(elapsed.count()));
}

}  // namespace lpusim
