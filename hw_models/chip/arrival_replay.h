#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "hw_models/chip/lpu_chip.h"
#include "hw_models/core/delivery_log.h"

namespace lpusim {

/// Exact fast-forward between arrivals from the stream (docs/adr/0008).
///
/// All units but the stream ("the others") see of the stream only when its transfers complete, and
/// the SRAM ports that it takes. So what they do from one arrival to the next, a *segment*, follows
/// from the state in which the first one finds them, the time until the next one, and the ends of
/// their queues' loops; the phase of the stream's credit, which hardly ever recurs, has no part in
/// it. When they come to rest before the next arrival, not even the time has.
///
/// Segments are recorded while they are simulated. Where a recorded one follows, the stream alone
/// is simulated, with the signals that the others give it, and the others are brought to the state
/// in which the next arrival found them.
class ArrivalReplay {
public:
    /// `worth_stopping` says of a loop of the compute queue that begins anew whether somebody wants
    /// to look at the machine then.
    ArrivalReplay(LpuChip& chip, std::function<bool(std::uint32_t loop)> worth_stopping,
                  const HiddenWord* hidden);

    /// Cycles [from, to) in which only the stream was simulated.
    struct Span {
        Cycles from;
        Cycles to;
    };
    /// After each evaluated cycle. May move the chip on.
    std::optional<Span> after_cycle();

    /// The chip was moved in time: what was noted of the present no longer joins up.
    void forget_present();

    /// Segments that were replayed.
    std::uint64_t replayed() const { return replayed_; }

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
    /// What the arrival of a transfer that signals this makes of the end of a segment.
    struct Outcome {
        const isa::SemaphoreUses* signals = nullptr;
        std::size_t state = 0;
    };
    /// The entries that a queue fetches, and the one that it stands at in the end.
    struct Fetches {
        isa::Queue queue = isa::Queue::Compute;
        std::vector<std::uint32_t> entries;
    };
    struct Segment {
        /// Whether the others rest at the end, and their counters that then grow with each cycle.
        bool rests = false;
        std::vector<std::size_t> idle;
        /// Cycles from one arrival to the next, or to the last one before the rest.
        std::uint64_t length = 0;
        bool replayable = false;
        Words growth;
        std::vector<Fetches> fetches;
        /// What the others add to each semaphore.
        Words drift;
        std::vector<Answer> answers;
        std::vector<TakenBank> taken;
        std::vector<Outcome> outcomes;

        // Of the replay that is under way.
        std::uint64_t uses = 0;
        std::uint64_t rested = 0;
    };
    /// The others as an arrival finds them: their state, and how much of what only the stream
    /// signals is there for them, as far as it can matter.
    struct Node {
        std::size_t state = 0;
        std::vector<Segment> segments;
    };
    /// A segment that may follow, and the state in which it leaves the others.
    struct Next {
        Segment* segment = nullptr;
        std::size_t state = 0;
    };
    struct NodeKey {
        std::size_t state;
        std::uint64_t levels;
        bool operator==(const NodeKey& other) const {
            return state == other.state && levels == other.levels;
        }
    };
    struct NodeHash {
        std::size_t operator()(const NodeKey& key) const {
            return (key.state * 0x9E3779B97F4A7C15) ^ (key.levels * 0xC2B2AE3D27D4EB4F);
        }
    };
    /// The running segment, as it began.
    struct Running {
        std::size_t node = 0;
        Cycles arrived_at;
        std::uint64_t refusals = 0;
        std::uint64_t completions = 0;
        std::uint32_t others_active = 0;
        Words counts;
        Words semaphores;
        std::array<std::optional<isa::Cursor>, isa::kQueueCount> cursors;
        std::vector<Sequencer::Signal> signals;
        std::vector<SramPortGroup::Request> requests;
        // The rest that it has come to.
        std::optional<Cycles> rest_begin;
        Words rest_counts;
    };

    static constexpr std::size_t kMostStates = 2048;
    static constexpr std::size_t kMostFetches = 512;
    static constexpr std::size_t kMostSegments = 4;
    /// A count of a semaphore is told apart up to here: 4 bits of NodeKey::levels.
    static constexpr std::uint64_t kHighestLevel = 8;
    static constexpr std::size_t kMostLevels = 16;
    /// So many more segments may be recorded than are replayed. Then some pass unrecorded, and ever
    /// more if a few more are in vain, too.
    static constexpr std::uint64_t kPatience = 2048;
    static constexpr std::uint64_t kShortPatience = 64;
    static constexpr std::uint64_t kLongestPause = 1 << 15;

    void find_stream_fed_semaphores();
    bool is_stream_fed(std::uint16_t semaphore) const;
    void count_others(Words& counts);
    void stop_recording();
    bool others_at_rest() const;
    void come_to_rest();
    std::optional<Span> arrive();
    void begin_segment(std::size_t node);
    void end_segment(std::size_t state);
    bool record(Segment& segment) const;
    bool record_fetches(Segment& segment) const;
    bool record_drift(Segment& segment) const;
    bool record_ports(Segment& segment) const;
    std::vector<TakenBank> taken_banks() const;

    std::size_t present_state();
    std::uint64_t present_levels() const;
    std::size_t node_of(std::size_t state, std::uint64_t levels);

    std::optional<Span> replay(std::size_t& node);
    bool wants_a_stop();
    Next next_segment(Node& node);
    const isa::SemaphoreUses* next_signals() const;
    bool fits(const Segment& segment) const;
    bool follow(Segment& segment);
    bool fetch(const Segment& segment);
    void take_back_fetches();
    bool let_stream_arrive(const Segment& segment, Cycles begin);
    void put_others(std::size_t state);
    void add_growth();

    LpuChip& chip_;
    std::function<bool(std::uint32_t)> worth_stopping_;
    const HiddenWord* hidden_;
    /// Those that the others wait on, and of these those that only the stream signals.
    std::vector<std::uint16_t> others_semaphores_;
    std::vector<std::uint16_t> stream_fed_;

    std::vector<Words> states_;
    std::unordered_multimap<std::uint64_t, std::size_t> states_by_hash_;
    std::deque<Node> nodes_;
    std::unordered_map<NodeKey, std::size_t, NodeHash> nodes_by_key_;

    std::uint64_t transfers_seen_ = 0;
    bool running_ = false;
    Running run_;
    std::uint64_t patience_ = kPatience;
    std::uint64_t pause_ = 0;
    std::uint64_t next_pause_ = kPatience;
    std::uint64_t replayed_ = 0;
    std::uint64_t repetitions_seen_ = 0;

    // Of the replay that is under way.
    std::vector<Segment*> used_;
    std::vector<std::pair<isa::Queue, isa::Cursor>> cursors_before_;

    // Room that is used again and again.
    Words words_;
    Words counts_;
};

}  // namespace lpusim
