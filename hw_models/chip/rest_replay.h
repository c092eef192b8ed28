#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "hw_models/chip/loop_progress.h"
#include "hw_models/chip/lpu_chip.h"

namespace lpusim {

/// Exact fast-forward where the stream binds (docs/adr/0008).
///
/// Then all other units come to rest between two completed transfers: they sleep until the stream
/// wakes them, and waiting alone changes nothing but their accounts. What they do between an
/// arrival and the next rest is an *episode*. It follows from the state at rest and from what
/// arrived alone, as long as the next arrival comes after it and no SRAM port refuses anybody. The
/// phase of the stream's credit, which never recurs, has no part in it.
///
/// When episodes recur, only the stream is simulated, with the signals of the recorded episodes at
/// their times, and what the others do is added: whole rounds of episodes, after each of which all
/// other units stand in the state in which they stood before.
class RestReplay {
public:
    explicit RestReplay(LpuChip& chip, const HiddenWord* hidden = nullptr);

    /// Cycles [from, to) in which only the stream was simulated.
    struct Span {
        Cycles from;
        Cycles to;
        std::uint64_t periods = 0;
    };
    /// After each evaluated cycle. May move the chip on.
    std::optional<Span> after_cycle();

    /// The chip was moved in time: what was noted of the present no longer joins up.
    void forget();

private:
    using Words = std::vector<std::uint64_t>;
    /// A bank whose ports the others take all, so many cycles after the arrival.
    struct TakenBank {
        std::uint64_t cycles = 0;
        std::uint64_t bank = 0;
    };
    /// A signal to the stream, so many cycles after the arrival.
    struct Answer {
        std::uint64_t cycles = 0;
        isa::SemaphoreUse use;
    };
    /// Episodes after which the others stand where they stood, and what they add.
    struct Round {
        LoopCounters begin;
        LoopProgress progress;
        std::vector<std::size_t> episodes;
        Words growth;
    };
    struct Episode {
        /// The state at rest before it, and by how much the arrival raised semaphores.
        Words rest;
        Words arrival;
        /// Counters that grow by one in each cycle of that rest.
        std::optional<std::vector<std::size_t>> idle;
        /// Cycles from the arrival's to the last one that is not rest.
        std::uint64_t length = 0;
        bool replayable = false;
        std::vector<Answer> answers;
        std::vector<TakenBank> taken;

        /// Rounds that are known to begin with it.
        std::vector<Round> rounds;

        // Where it was last seen.
        bool seen = false;
        std::size_t position = 0;
        LoopCounters iterations_left;
        Words counts;
        std::uint64_t completions = 0;
    };
    /// An episode in time, and the cycles of rest before it.
    struct Past {
        std::size_t episode = 0;
        std::uint64_t rested = 0;
    };

    static constexpr std::size_t kMostEpisodes = 2048;
    static constexpr std::size_t kMostRounds = 4;
    static constexpr std::size_t kLongestRound = 4096;
    static constexpr std::size_t kLongestPast = 1 << 18;

    bool others_at_rest() const;
    void come_to_rest();
    void begin_episode(std::size_t id);
    void end_episode();
    std::optional<Span> arrive();
    std::size_t episode_of(const Words& arrival);
    void read_arrival(Words& arrival) const;
    bool arrived(const Words& arrival) const;
    std::optional<Round> round_to_now(const Episode& first, const Words& counts) const;
    std::optional<Span> replay_any(std::size_t id);
    std::optional<Span> replay(const Round& round);
    bool replay_round(const std::vector<std::size_t>& round);
    bool fits(const Episode& episode) const;
    void take_back_arrival();
    void let_stream_arrive(const Episode& episode);
    std::vector<TakenBank> taken_banks() const;
    void write_others(Words& words);
    void count_others(Words& counts);

    LpuChip& chip_;
    const HiddenWord* hidden_;
    /// Those that only the stream waits on are its own affair.
    std::vector<std::uint16_t> others_semaphores_;
    std::vector<Episode> episodes_;
    std::unordered_multimap<std::uint64_t, std::size_t> by_hash_;
    std::vector<Past> past_;

    // The rest that is, or was before the last arrival.
    bool at_rest_ = false;
    Cycles rest_begin_;
    Words rest_;
    Words rest_counts_;
    Sequencer::Counts rest_semaphores_;
    std::uint64_t transfers_at_rest_ = 0;

    // Room that is used again and again.
    Words arrival_;
    Words counts_;

    // The episode that is under way, as it began.
    std::optional<std::size_t> running_;
    Cycles arrived_at_;
    std::uint64_t transfers_before_ = 0;
    std::uint64_t refusals_ = 0;
    std::vector<Sequencer::Signal> signals_;
    std::vector<SramPortGroup::Request> requests_;
};

}  // namespace lpusim
