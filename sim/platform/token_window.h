#pragma once

#include <optional>
#include <vector>

#include "hw_models/chip/lpu_chip.h"
#include "sim/result/result.h"

namespace lpusim {

/// All counts of a chip at one moment; only differences of two of them mean something.
struct Snapshot {
    /// One per LpuChip::accounts().
    std::vector<CycleAccount> accounts;
    std::vector<std::uint64_t> retired_by_operator;
    std::vector<std::uint64_t> stream_bytes_by_operator;
    std::vector<Counter> counters;
    std::uint64_t contended_cycles = 0;
    /// Words that all ports of all banks have served, and can serve in a cycle.
    std::uint64_t sram_words = 0;
    std::uint64_t sram_words_per_cycle = 1;
};

/// Watches a chip that runs token after token, and takes the counts of the steady state: from the
/// end of the first token on, one token long. The machine runs on into the third token, whose
/// weights prefetch behind the second token's tail as the second's did behind the first's.
class TokenWindow {
public:
    /// Tokens that must be compiled so that the window is not cut short.
    static constexpr std::uint64_t kTokens = 8;

    /// `shortest`: cycles that the stream takes for one token's bytes. Delivery in whole bytes and
    /// whole cycles lets single tokens fall one cycle short of that average; the window does not. A
    /// token that is shorter still was fed from what the stream had delivered before it began: the
    /// window moves on to the next token then.
    TokenWindow(LpuChip& chip, Cycles shortest) : chip_(chip), shortest_(shortest) {}

    /// After each evaluated cycle: true when the window is complete.
    bool complete();

    /// The window's last token has ended, the window has not.
    bool ending() const { return end_.has_value(); }

    Cycles cold_cycles() const { return chip_.retired().token_ends().front(); }
    Cycles begin() const { return begin_; }
    Cycles end() const { return *end_; }
    Cycles cycles() const { return end() - begin(); }
    const Snapshot& first() const { return *first_; }
    const Snapshot& last() const { return *last_; }

private:
    void begin_at(Cycles token_end);

    LpuChip& chip_;
    Cycles shortest_;
    /// Tokens that end with or before the window's beginning.
    std::size_t tokens_before_ = 0;
    Cycles begin_;
    std::optional<Cycles> end_;
    std::optional<Snapshot> first_;
    std::optional<Snapshot> last_;
};

/// Engines with their cycles between the two snapshots, upstream first. SRAM's ports stand behind
/// its readers: busy for as many cycles as some word was refused in, or as all of them together
/// take for the words they served, whichever is more.
std::vector<EngineCycles> engines_between(const Snapshot& first, const Snapshot& last,
                                          Cycles cycles);
/// Operators of `program` with their shares of the cycles between the two snapshots, and busy
/// cycles for each of engines_between().
std::vector<OperatorCycles> operators_between(const Snapshot& first, const Snapshot& last,
                                              Cycles cycles, const isa::Program& program);
std::vector<Counter> counters_between(const Snapshot& first, const Snapshot& last);

}  // namespace lpusim
