#pragma once

#include <boost/container/static_vector.hpp>
#include <systemc>

#include "hw_models/core/clock_domain.h"
#include "hw_models/core/cycle_account.h"
#include "hw_models/core/sram_port.h"
#include "hw_models/units/sram_banks_params.h"

namespace lpusim {

/// Word-interleaved banks with a few ports each. Grants each client the longest prefix of its words
/// whose banks have a free port, client after client in priority order.
class SramBanks : public sc_core::sc_module, public Arbiter {
public:
    SramBanks(const sc_core::sc_module_name& name, const SramBanksParams& params);

    struct Stats {
        /// Words that were refused, each counted in each cycle in which it was.
        std::uint64_t conflicts = 0;
        /// Cycles in which some word was refused: the ports were the limit.
        std::uint64_t contended_cycles = 0;
    };

    SramPort& port(SramClient client) { return ports_.port(client); }
    void connect(SramClient client, Waker owner) { ports_.connect(client, owner); }
    const Stats& stats() const { return stats_; }
    /// The state of the ports' clients is visited one by one.
    void visit_state(StateVisitor& visitor);
    void visit_state(StateVisitor& visitor, SramClient client) {
        ports_.visit_state(visitor, client);
    }
    void visit_counters(CounterVisitor& visitor);
    void visit_counters(CounterVisitor& visitor, SramClient client) {
        ports_.visit_counters(visitor, client);
    }
    const SramPortGroup& ports() const { return ports_; }
    SramPortGroup& ports() { return ports_; }
    /// The bank of a word of any buffer.
    std::uint64_t bank_of(std::uint64_t word) const {
        return banks_.remainder(interleave_words_.quotient(word));
    }
    std::uint32_t banks() const { return params_.banks; }
    /// Words accessed so far, over all clients.
    std::uint64_t words() const;
    /// Words that all ports of all banks serve at most.
    std::uint64_t words_per_cycle() const { return std::uint64_t{params_.banks} * params_.ports; }

    void resolve(Cycles now) override;

private:
    struct State {
        /// Round-robin: the client that goes first.
        std::size_t first_client = 0;
    };
    /// The banks of a granted prefix: `words` banks from `first` on, around the end. A client
    /// touches each at most once in a cycle.
    struct Run {
        std::uint32_t first = 0;
        std::uint32_t words = 0;
    };
    std::uint32_t distance(std::uint32_t from, std::uint32_t to) const {
        return to >= from ? to - from : to + params_.banks - from;
    }
    bool all_ports_taken(std::uint32_t bank) const;
    std::uint32_t grant_prefix(const SramPort& port);
    void grant_all(std::uint32_t requesting);
    void note(Cycles now, std::uint32_t requesting) const;
    bool grant(SramPort& port);

    SramBanksParams params_;
    Divisor banks_;
    Divisor interleave_words_;
    SramPortGroup ports_;
    State state_;
    Stats stats_;
    /// What was granted in the cycle that is being resolved.
    boost::container::static_vector<Run, kSramClientCount> runs_;
};

}  // namespace lpusim
