#pragma once

#include <cstdint>
#include <type_traits>
#include <vector>

#include "hw_models/core/quantities.h"

namespace lpusim {

/// Goes through all state of a machine that can influence its future, once to write it down
/// relative to the present, and once to move it along the time line. Equal writings mean equal
/// futures.
///
/// A unit visits its State struct through a structured binding that names every member, so a member
/// that is added and not visited does not compile.
class StateVisitor {
public:
    /// Appends the state at the start of cycle `now` to `words`.
    static StateVisitor writer(Cycles now, std::vector<std::uint64_t>& words) {
        StateVisitor visitor;
        visitor.now_ = now;
        visitor.words_ = &words;
        return visitor;
    }
    /// Moves all points in time `by` cycles into the future.
    static StateVisitor shifter(Cycles by) {
        StateVisitor visitor;
        visitor.by_ = by;
        return visitor;
    }

    /// A count, a flag, an enumerator.
    template <class T>
    void value(const T& value) {
        if (words_ == nullptr) return;
        if constexpr (std::is_pointer_v<T>) {
            words_->push_back(reinterpret_cast<std::uintptr_t>(value));
        } else {
            words_->push_back(static_cast<std::uint64_t>(value));
        }
    }
    /// When something becomes possible. What is past stays possible, however long ago it was.
    void deadline(Cycles& at) {
        if (words_ != nullptr) {
            words_->push_back(at == kNever ? kNever.count() : at > now_ ? (at - now_).count() : 0);
        } else if (at != kNever) {
            at += by_;
        }
    }
    /// When something happened, where how long ago matters.
    void event(Cycles& at) {
        if (words_ != nullptr) {
            words_->push_back((now_ - at).count());
        } else {
            at += by_;
        }
    }
    /// The present itself: the same in every writing.
    void present(Cycles& at) {
        if (words_ == nullptr) at += by_;
    }
    /// The machine does something at fixed phases of a free-running period.
    void phase(Cycles period) {
        if (words_ != nullptr) words_->push_back(now_.count() % period.count());
    }

private:
    StateVisitor() = default;

    Cycles now_;
    std::vector<std::uint64_t>* words_ = nullptr;
    Cycles by_;
};

/// Goes through all counters, which have no influence on the future, once to write them down and
/// once to add to each a multiple of what it grew by between two such writings.
class CounterVisitor {
public:
    static CounterVisitor writer(std::vector<std::uint64_t>& counts) {
        CounterVisitor visitor;
        visitor.counts_ = &counts;
        return visitor;
    }
    /// Adds times x (last - first) to each counter, in the order of the writing.
    static CounterVisitor adder(const std::vector<std::uint64_t>& first,
                                const std::vector<std::uint64_t>& last, std::uint64_t times) {
        CounterVisitor visitor;
        visitor.first_ = &first;
        visitor.last_ = &last;
        visitor.times_ = times;
        return visitor;
    }

    void count(std::uint64_t& counter) {
        if (counts_ != nullptr) {
            counts_->push_back(counter);
        } else {
            counter += times_ * ((*last_)[next_] - (*first_)[next_]);
            ++next_;
        }
    }
    template <class Counters>
    void counts(Counters& counters) {
        for (std::uint64_t& counter : counters) count(counter);
    }

private:
    CounterVisitor() = default;

    std::vector<std::uint64_t>* counts_ = nullptr;
    const std::vector<std::uint64_t>* first_ = nullptr;
    const std::vector<std::uint64_t>* last_ = nullptr;
    std::uint64_t times_ = 0;
    std::size_t next_ = 0;
};

}  // namespace lpusim
