#include "hw_models/units/sram_banks.h"

namespace lpusim {

namespace {

/// A client touches each bank at most once per cycle: with words interleaved one by one that is one
/// round, with wider blocks a single word, as its neighbours lie in the same bank.
std::uint32_t words_per_request(const SramBanksParams& params) {
    return params.interleave_words == 1 ? params.banks : 1;
}

}  // namespace

SramBanks::SramBanks(const sc_core::sc_module_name& name, const SramBanksParams& params)
    : sc_core::sc_module(name),
      params_(params),
      banks_(params.banks),
      interleave_words_(params.interleave_words),
      ports_(params.ports, params.width, words_per_request(params)) {}

void SramBanks::visit_state(StateVisitor& visitor) {
    auto& [first_client] = state_;
    visitor.value(first_client);
}

void SramBanks::visit_counters(CounterVisitor& visitor) {
    auto& [conflicts, contended_cycles] = stats_;
    visitor.count(conflicts);
    visitor.count(contended_cycles);
}

std::uint64_t SramBanks::words() const {
    std::uint64_t words = 0;
    for (const SramPort& port : ports_.ports()) words += port.words();
    return words;
}

bool SramBanks::all_ports_taken(std::uint32_t bank) const {
    std::uint32_t taken = 0;
    for (const Run& run : runs_) taken += distance(run.first, bank) < run.words ? 1 : 0;
    return taken >= params_.ports;
}

std::uint32_t SramBanks::grant_prefix(const SramPort& port) {
    const auto first = static_cast<std::uint32_t>(bank_of(port.first_));
    std::uint32_t granted = port.requested_;
    if (runs_.size() >= params_.ports) {
        // Going along the banks, more ports are taken only where another's run begins.
        if (all_ports_taken(first)) return 0;
        for (const Run& run : runs_) {
            const std::uint32_t words = distance(first, run.first);
            if (words < granted && all_ports_taken(run.first)) granted = words;
        }
    }
    runs_.push_back({first, granted});
    return granted;
}

void SramBanks::grant_all(std::uint32_t requesting) {
    for (SramPort& port : ports_.ports()) {
        if ((requesting & port.bit_) == 0) continue;
        port.granted_ = port.requested_;
        port.words_ += port.granted_;
    }
}

void SramBanks::note(Cycles now, std::uint32_t requesting) const {
    for (const SramPort& port : ports_.ports()) {
        if (&port == ports_.ports().data() || (requesting & port.bit_) == 0) continue;
        ports_.noted_requests()->push_back({now, port.first_, port.requested_});
    }
}

/// Whether not all that it requested could be granted.
bool SramBanks::grant(SramPort& port) {
    port.granted_ = grant_prefix(port);
    port.words_ += port.granted_;
    stats_.conflicts += port.requested_ - port.granted_;
    return port.granted_ < port.requested_;
}

void SramBanks::resolve(Cycles now) {
    const std::uint32_t requesting = ports_.take_requesting();
    if (requesting == 0) return;
    if (!ports_.contended()) {
        grant_all(requesting);
        return;
    }

    if (ports_.noted_requests() != nullptr) note(now, requesting);
    bool refused = false;
    const auto grant_in_turn = [&](std::uint32_t clients) {
        for (; clients != 0; clients &= clients - 1) {
            const auto client = static_cast<std::size_t>(__builtin_ctz(clients));
            if (!grant(ports_.ports()[client]) || refused) continue;
            refused = true;
            if (params_.arbitration == Arbitration::RoundRobin) state_.first_client = client;
        }
    };
    const std::uint32_t before_first = (1U << state_.first_client) - 1;
    grant_in_turn(requesting & ~before_first);
    grant_in_turn(requesting & before_first);
    if (refused) ++stats_.contended_cycles;
    runs_.clear();
}

}  // namespace lpusim
