#pragma once

#include <functional>
#include <vector>

#include <systemc>

#include "hw_models/core/quantities.h"
#include "hw_models/core/state_visitor.h"

namespace lpusim {

/// A unit that a ClockDomain drives. Each cycle has three phases over all units that are awake:
///   evaluate  reads registered state, its own and its neighbours', and decides; changes nothing
///   others can see resolve   the SRAM arbiter grants this cycle's requests update    commits what
///   evaluate decided; decides nothing from what others may have committed meanwhile
/// so the order of units cannot change an answer.
///
/// Sleep is a hint. A unit that returns a wake-up beyond the next cycle promises that, unless it is
/// woken, evaluating it in each cycle before would do exactly what settle() does for all of them at
/// once.
class ClockedUnit {
public:
    ClockedUnit() = default;
    ClockedUnit(const ClockedUnit&) = delete;
    ClockedUnit& operator=(const ClockedUnit&) = delete;
    virtual ~ClockedUnit() = default;

    /// Applies the steady behaviour to the cycles [from, to), from < to. Additive: cutting the span
    /// in two changes nothing.
    virtual void settle(Cycles from, Cycles to) = 0;
    virtual void evaluate(Cycles now) = 0;
    /// Returns the next cycle in which it must be evaluated, > now, or kNever.
    virtual Cycles update(Cycles now) = 0;
    // The two halves of update(), where planning can be left out: each unit is evaluated in each
    // cycle, and nobody asks for how long it might sleep.
    virtual void commit(Cycles now) { planned_ = update(now); }
    virtual Cycles plan_sleep(Cycles) { return planned_; }

private:
    Cycles planned_;
};

/// Grants requests between evaluate and update.
class Arbiter {
public:
    Arbiter() = default;
    Arbiter(const Arbiter&) = delete;
    Arbiter& operator=(const Arbiter&) = delete;
    virtual ~Arbiter() = default;
    virtual void resolve(Cycles now) = 0;
};

class ClockDomain;

/// Wakes one unit of a domain; what channels, semaphores and ports hold of their neighbours.
class Waker {
public:
    Waker() = default;
    Waker(ClockDomain& domain, std::size_t unit) : domain_(&domain), unit_(unit) {}
    /// Does nothing when default-constructed.
    inline void wake(Cycles at) const;

private:
    ClockDomain* domain_ = nullptr;
    std::size_t unit_ = 0;
};

/// Drives the units of one clock from a single SC_METHOD: time is an integer count of cycles, and
/// sc_time follows it at the end of each quantum (docs/adr/0001-one-method-per-clock-domain.md).
class ClockDomain : public sc_core::sc_module {
public:
    ClockDomain(const sc_core::sc_module_name& name, Hertz clock, bool every_cycle);

    static constexpr std::size_t kMostUnits = 32;

    /// Units are updated in the order in which they are attached. All are evaluated in cycle 0.
    /// Throws std::length_error when there are more than kMostUnits.
    Waker attach(ClockedUnit& unit);
    void attach(Arbiter& arbiter) { arbiter_ = &arbiter; }

    void wake(std::size_t unit, Cycles at) {
        if (at < slots_[unit].wake_at) plan(unit, at);
    }

    /// The cycle in progress, or the last one evaluated.
    Cycles now() const { return now_; }

    /// Asked after each evaluated cycle; true ends the run there. Set before sc_start.
    void stop_when(std::function<bool()> condition) { stop_condition_ = std::move(condition); }
    /// Called about every `kQuantum` evaluated cycles.
    void on_progress(std::function<void()> callback) { progress_ = std::move(callback); }

    /// Accounts of every unit stand at the start of cycle `until` afterwards. `until` must not lie
    /// beyond the first planned wake-up.
    void settle_all(Cycles until);
    /// Nothing happens any more before cycle `at` begins: settle_all(at) gives the state at its
    /// start.
    bool reaches(Cycles at) const {
        return now_ + Cycles(1) >= at || (!every_cycle_ && next_wake() >= at);
    }
    /// The cycle in which a unit wakes next; kNever when all sleep for good.
    Cycles next_wake() const;

    /// All units slept for good although stop_condition did not hold.
    bool deadlocked() const { return deadlocked_; }
    /// All units but this one sleep until it wakes them.
    bool all_sleep_but(std::size_t unit) const {
        if ((wake_next_ & ~(Units{1} << unit)) != 0) return false;
        for (std::size_t i = 0; i < slots_.size(); ++i) {
            if (i != unit && slots_[i].wake_at != kNever) return false;
        }
        return true;
    }
    std::uint64_t evaluations() const { return evaluations_; }

    /// The wake-up of one unit. Only after settle_all(now() + 1).
    void visit_state(StateVisitor& visitor, std::size_t unit);
    void visit_now(StateVisitor& visitor) {
        visitor.present(now_);
        look_at_all_wakes();
    }

    /// Evaluates exactly the next cycle in which a unit wakes. Returns false when there is none.
    bool step();

    // What fast-forward does with one unit while the others are at rest.
    Cycles wake_of(std::size_t unit) const { return slots_[unit].wake_at; }
    /// Evaluates the next cycle in which `unit` wakes, without the others.
    void step_alone(std::size_t unit);
    /// When `unit` wakes is planned anew: its state was changed from outside.
    void plan_again(std::size_t unit) { plan(unit, slots_[unit].unit->plan_sleep(now_)); }
    struct Slot {
        ClockedUnit* unit;
        Cycles wake_at;
        /// First cycle that is not yet accounted for.
        Cycles settled_until;
    };
    /// The present, and all wake-ups; to try something, and go back.
    struct Times {
        Cycles now;
        std::vector<Slot> slots;
    };
    Times times() const { return {now_, slots_}; }
    void return_to(const Times& times) {
        now_ = times.now;
        slots_ = times.slots;
        look_at_all_wakes();
    }

private:
    SC_HAS_PROCESS(ClockDomain);
    void run_quantum();
    void step_all(Cycles next);
    /// A bit for each unit, in the order in which they were attached.
    using Units = std::uint32_t;
    void step_due(Cycles next, Units due);
    void plan(std::size_t unit, Cycles at) {
        slots_[unit].wake_at = at;
        if (at == now_ + Cycles(1)) {
            wake_next_ |= Units{1} << unit;
        } else if (at < wakes_later_) {
            wakes_later_ = at;
        }
    }
    /// Wakes, or the present, were changed from outside.
    void look_at_all_wakes() {
        wake_next_ = 0;
        wakes_later_ = Cycles(0);
    }
    Units find_due(Cycles next);

    static constexpr int kQuantum = 1 << 16;

    std::vector<Slot> slots_;
    /// Those that wake in the next cycle, and a cycle before which no other does. Busy units mostly
    /// wake in the next cycle, and then nobody needs to look at all of them.
    Units wake_next_ = 0;
    Cycles wakes_later_;
    /// With every_cycle: a unit that had something left to do.
    std::size_t busy_ = 0;
    Arbiter* arbiter_ = nullptr;
    std::function<bool()> stop_condition_;
    std::function<void()> progress_;
    sc_core::sc_time period_;
    Cycles now_;
    Cycles sc_now_;
    std::uint64_t evaluations_ = 0;
    bool every_cycle_;
    bool started_ = false;
    bool deadlocked_ = false;
};

inline void Waker::wake(Cycles at) const {
    if (domain_ != nullptr) domain_->wake(unit_, at);
}

}  // namespace lpusim
