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

void SramBanks::resolve(Cycles now) {
    if (!ports_.any_request()) return;
    ports_.clear_requests();

    if (!ports_.contended()) {
        for (SramPort& port : ports_.ports()) {
            port.granted_ = port.requested_;
            port.words_ += port.granted_;
            port.requested_ = 0;
        }
        return;
    }

    if (std::vector<SramPortGroup::Request>* noted = ports_.noted_requests()) {
        for (const SramPort& port : ports_.ports()) {
            if (port.requested_ == 0 || &port == ports_.ports().data()) continue;
            noted->push_back({now, port.first_, port.requested_});
        }
    }
    const std::size_t first = state_.first_client;
    bool refused = false;
    for (std::size_t i = 0; i < kSramClientCount; ++i) {
        const std::size_t client = (first + i) % kSramClientCount;
        SramPort& port = ports_.ports()[client];
        port.granted_ = port.requested_ > 0 ? grant_prefix(port) : 0;
        port.words_ += port.granted_;
        stats_.conflicts += port.requested_ - port.granted_;
        if (port.granted_ < port.requested_ && !refused) {
            refused = true;
            if (params_.arbitration == Arbitration::RoundRobin) state_.first_client = client;
        }
        port.requested_ = 0;
    }
    if (refused) ++stats_.contended_cycles;
    runs_.clear();
}

}  // namespace lpusim
