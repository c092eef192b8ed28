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
      ports_(params.ports, params.width, words_per_request(params)),
      taken_(params.banks) {}

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

std::uint32_t SramBanks::grant_prefix(SramPort& port) {
    for (std::uint32_t i = 0; i < port.requested_; ++i) {
        const std::uint64_t block = (port.first_ + i) / params_.interleave_words;
        const auto bank = static_cast<std::uint32_t>(block % params_.banks);
        if (taken_[bank] == params_.ports) return i;
        ++taken_[bank];
        touched_.push_back(bank);
    }
    return port.requested_;
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
    for (const std::uint32_t bank : touched_) taken_[bank] = 0;
    touched_.clear();
}

}  // namespace lpusim
