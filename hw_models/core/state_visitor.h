#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>
#include <vector>

#include "hw_models/core/quantities.h"

namespace lpusim {

/// A word of a part of the machine to write as 0 always: what a unit that forgets a variable would
/// do. For the test that finds out whether such a mistake would be noticed.
struct HiddenWord {
    std::string_view part;
    std::size_t word = 0;
    /// How often it was hidden.
    mutable std::uint64_t hidden = 0;
};

/// Goes through all state of a machine that can influence its future: to write it down relative to
/// the present, to move it along the time line, or to bring it to a state that was written. Equal
/// writings mean equal futures.
///
/// A unit visits its State struct through a structured binding that names every member, so a member
/// that is added and not visited does not compile.
class StateVisitor {
public:
    /// Appends the state at the start of cycle `now` to `words`.
    static StateVisitor writer(Cycles now, std::vector<std::uint64_t>& words,
                               const HiddenWord* hidden = nullptr) {
        StateVisitor visitor;
        visitor.hidden_ = hidden;
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

    /// Brings the machine to the state that was written, as one at the start of cycle `now`.
    static StateVisitor restorer(Cycles now, const std::vector<std::uint64_t>& words) {
        StateVisitor visitor;
        visitor.now_ = now;
        visitor.written_ = words.data();
        return visitor;
    }

    /// What is visited from here on belongs to this part.
    void part(std::string_view name) {
        part_ = name;
        words_of_part_ = 0;
    }

    /// A count, a flag, an enumerator, an instruction.
    template <class T>
    void value(T& value) {
        if constexpr (std::is_pointer_v<T>) {
            if (words_ != nullptr) write(reinterpret_cast<std::uintptr_t>(value));
            // It was written from a pointer.
            // NOLINTNEXTLINE(performance-no-int-to-ptr)
            if (written_ != nullptr) value = reinterpret_cast<T>(*written_++);
        } else {
            if (words_ != nullptr) write(static_cast<std::uint64_t>(value));
            if (written_ != nullptr) value = static_cast<T>(*written_++);
        }
    }
    /// How much a container holds. What it holds is to be visited next.
    template <class Container>
    void size(Container& container) {
        if (words_ != nullptr) write(container.size());
        if (written_ != nullptr) container.resize(*written_++);
    }
    /// What is brought there by other means than restoring.
    void known(std::uint64_t value) {
        if (words_ != nullptr) write(value);
        if (written_ != nullptr) ++written_;
    }
    /// When something becomes possible. What is past stays possible, however long ago it was.
    void deadline(Cycles& at) {
        if (words_ != nullptr) {
            write(at == kNever ? kNever.count() : at > now_ ? (at - now_).count() : 0);
            if (at > now_ && at != kNever) anything_ahead_ = true;
        } else if (written_ != nullptr) {
            const std::uint64_t ahead = *written_++;
            at = ahead == kNever.count() ? kNever : now_ + Cycles(ahead);
        } else if (at != kNever) {
            at += by_;
        }
    }
    /// The present itself: the same in every writing.
    void present(Cycles& at) {
        if (written_ != nullptr) {
            at = now_;
        } else if (words_ == nullptr) {
            at += by_;
        }
    }
    /// Some point in time that was written lies in the future: waiting alone will change the state.
    bool anything_ahead() const { return anything_ahead_; }
    /// The machine does something at fixed phases of a free-running period.
    void phase(Cycles period) {
        if (words_ == nullptr) return;
        write(now_.count() % period.count());
        anything_ahead_ = true;
    }

private:
    StateVisitor() = default;

    void write(std::uint64_t word) { words_->push_back(hidden_ == nullptr ? word : shown(word)); }
    std::uint64_t shown(std::uint64_t word) {
        if (part_ != hidden_->part || words_of_part_++ != hidden_->word) return word;
        ++hidden_->hidden;
        return 0;
    }

    const HiddenWord* hidden_ = nullptr;
    std::string_view part_;
    std::size_t words_of_part_ = 0;
    Cycles now_;
    std::vector<std::uint64_t>* words_ = nullptr;
    const std::uint64_t* written_ = nullptr;
    Cycles by_;
    bool anything_ahead_ = false;
};

/// Of words that are compared in full when it is equal.
inline std::uint64_t hash_of(const std::vector<std::uint64_t>& words) {
    constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15;
    std::uint64_t hash = words.size();
    for (const std::uint64_t word : words) {
        hash = (hash ^ word) * kMultiplier;
        hash ^= hash >> 32;
    }
    return hash;
}

/// Goes through all counters, which have no influence on the future: to write them down, to add
/// to each so many times what a period adds, or to put them back to what was written down.
class CounterVisitor {
public:
    static CounterVisitor writer(std::vector<std::uint64_t>& counts) {
        CounterVisitor visitor;
        visitor.counts_ = &counts;
        return visitor;
    }
    /// Adds times x growth to each counter, in the order of the writing. All of it modulo 2^64.
    static CounterVisitor adder(const std::vector<std::uint64_t>& growth, std::uint64_t times) {
        CounterVisitor visitor;
        visitor.values_ = &growth;
        visitor.times_ = times;
        return visitor;
    }
    static CounterVisitor restorer(const std::vector<std::uint64_t>& counts) {
        CounterVisitor visitor;
        visitor.values_ = &counts;
        visitor.restores_ = true;
        return visitor;
    }

    void count(std::uint64_t& counter) {
        if (counts_ != nullptr) {
            counts_->push_back(counter);
        } else if (restores_) {
            counter = (*values_)[next_++];
        } else {
            counter += times_ * (*values_)[next_++];
        }
    }
    template <class Counters>
    void counts(Counters& counters) {
        for (std::uint64_t& counter : counters) count(counter);
    }

private:
    CounterVisitor() = default;

    std::vector<std::uint64_t>* counts_ = nullptr;
    const std::vector<std::uint64_t>* values_ = nullptr;
    std::uint64_t times_ = 0;
    bool restores_ = false;
    std::size_t next_ = 0;
};

}  // namespace lpusim
