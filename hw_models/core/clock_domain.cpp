#include "hw_models/core/clock_domain.h"

#include <algorithm>

namespace lpusim {

ClockDomain::ClockDomain(const sc_core::sc_module_name& name, Hertz clock, bool every_cycle)
    : sc_core::sc_module(name),
      period_(1.0 / static_cast<double>(clock.count()), sc_core::SC_SEC),
      every_cycle_(every_cycle) {
    SC_METHOD(run_quantum);
}

Waker ClockDomain::attach(ClockedUnit& unit) {
    units_.push_back(&unit);
    wake_at_.emplace_back(0);
    settled_until_.emplace_back(0);
    return {*this, units_.size() - 1};
}

Cycles ClockDomain::next_wake() const {
    return *std::min_element(wake_at_.begin(), wake_at_.end());
}

bool ClockDomain::step() {
    const Cycles earliest = next_wake();
    if (earliest == kNever) return false;
    const Cycles next = every_cycle_ && started_ ? now_ + Cycles(1) : earliest;
    started_ = true;
    now_ = next;

    due_.clear();
    for (std::size_t i = 0; i < units_.size(); ++i) {
        if (!every_cycle_ && wake_at_[i] > next) continue;
        due_.push_back(i);
        wake_at_[i] = kNever;
        if (settled_until_[i] < next) units_[i]->settle(settled_until_[i], next);
        settled_until_[i] = next + Cycles(1);
    }
    for (const std::size_t i : due_) units_[i]->evaluate(next);
    if (arbiter_ != nullptr) arbiter_->resolve(next);
    for (const std::size_t i : due_) wake(i, units_[i]->update(next));
    evaluations_ += due_.size();
    return true;
}

void ClockDomain::settle_all(Cycles until) {
    for (std::size_t i = 0; i < units_.size(); ++i) {
        if (settled_until_[i] >= until) continue;
        units_[i]->settle(settled_until_[i], until);
        settled_until_[i] = until;
    }
}

void ClockDomain::visit_state(StateVisitor& visitor) {
    visitor.present(now_);
    for (Cycles& at : settled_until_) visitor.present(at);
    for (Cycles& at : wake_at_) visitor.deadline(at);
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
