#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "hw_models/chip/lpu_chip.h"
#include "hw_models/core/delivery_log.h"

namespace lpusim {

/// How low each semaphore was, and what the stream delivered, from one moment to a later one. It
/// begins with the first mark: without marks nothing would ever be forgotten.
class RunningRecord {
public:
    explicit RunningRecord(LpuChip& chip) : chip_(chip) {}
    ~RunningRecord() { chip_.weight_stream().note_deliveries(nullptr); }
    RunningRecord(const RunningRecord&) = delete;
    RunningRecord& operator=(const RunningRecord&) = delete;

    /// A place in the record.
    struct Mark {
        std::uint64_t deliveries = 0;
        std::uint64_t lowest = 0;
    };
    Mark mark();

    /// Nothing when it was too long ago, or too much for it to pay.
    std::optional<DeliveryLog> deliveries_since(const Mark& mark) const;
    /// Zeros, which are always true, when it was too long ago.
    Sequencer::Counts lowest_since(const Mark& mark) const;

private:
    static constexpr std::size_t kMostDeliveries = 1 << 14;
    static constexpr std::size_t kMostWords = 1 << 18;
    static constexpr std::size_t kLongestPattern = 1 << 13;

    LpuChip& chip_;
    DeliveryLog deliveries_;
    std::uint64_t forgotten_deliveries_ = 0;
    /// A row of counts per mark.
    Sequencer::Counts lowest_;
    std::uint64_t forgotten_rows_ = 0;
};

/// How often a period can be repeated from states that are equal but for the stream's credit and
/// the counts of semaphores.
class Repeats {
public:
    Repeats() = default;
    /// Of the period between two moments. `lowest` are the counts of semaphores at their lowest.
    Repeats(LpuChip& chip, std::uint64_t credit_before, const Sequencer::Counts& before,
            Sequencer::Counts lowest, std::optional<DeliveryLog> deliveries);

    struct Possible {
        std::uint64_t periods = 0;
        /// What the stream has left over after them.
        std::uint64_t credit = 0;
    };
    /// At most `periods` from now on; 0 if not even one.
    Possible possible(LpuChip& chip, std::uint64_t periods) const;
    /// Brings credit and semaphores to where they stand after as many.
    void apply(LpuChip& chip, const Possible& possible) const;

private:
    std::uint64_t allowed_by_semaphores(const Sequencer& sequencer, std::uint64_t periods) const;
    Possible allowed_by_credit(const WeightStream& stream, std::uint64_t periods) const;

    std::uint64_t credit_before_ = 0;
    std::uint64_t credit_after_ = 0;
    std::optional<DeliveryLog> deliveries_;
    Sequencer::Counts before_;
    /// Growth per period.
    std::vector<std::int64_t> drift_;
    /// How far below the count at the beginning a semaphore falls in a period.
    Sequencer::Counts dip_;
    /// Whether it was ever too low for some instruction.
    std::vector<bool> scarce_;
};

}  // namespace lpusim
