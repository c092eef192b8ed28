#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "hw_models/core/clock_domain.h"
#include "hw_models/core/divisor.h"
#include "hw_models/core/quantities.h"
#include "hw_models/core/state_visitor.h"

namespace lpusim {

/// Who reaches SRAM, highest priority first (model.md, rule 8: stream write, activation, KV, unpack
/// read).
enum class SramClient : std::uint8_t {
    StreamWrite,
    ActivationRead,
    ResultWrite,
    VectorAccess,
    KvRead,
    UnpackRead
};
inline constexpr std::size_t kSramClientCount = 6;

class SramPortGroup;

/// One client's handshake with the banks: a run of consecutive words is requested in evaluate, its
/// granted prefix is known in update. A client must be active in each cycle in which it requests.
class SramPort {
public:
    /// Words that one request may name.
    std::uint32_t max_words() const { return max_words_; }
    Bytes width() const { return Bytes(width_.value()); }
    /// Bytes in words, for those who convert them in each cycle.
    const Divisor& bytes_per_word() const { return width_; }
    /// Some client may be refused in this cycle: a client that is active must be evaluated in each
    /// cycle.
    inline bool contended() const;

    /// (evaluate) Words [first, first + words) of a buffer that starts on bank 0; words <=
    /// max_words().
    inline void request(std::uint64_t first, std::uint32_t words);
    /// (update) How many of them were granted, from the first on. Only in a cycle with a request.
    std::uint32_t granted() const { return granted_; }
    /// (settle) Words that were accessed while its owner slept.
    void slept_through(std::uint64_t words) { words_ += words; }
    /// Words accessed so far.
    std::uint64_t words() const { return words_; }
    /// (update) Whether this client may request from the next cycle on.
    inline void set_active(Cycles now, bool active);

private:
    friend class SramPortGroup;
    friend class SramBanks;

    SramPortGroup* group_ = nullptr;
    Waker owner_;
    Divisor width_{1};
    std::uint32_t max_words_ = 0;
    /// Its bit in the group's sets of clients.
    std::uint32_t bit_ = 0;
    bool active_ = false;
    std::uint64_t first_ = 0;
    std::uint32_t requested_ = 0;
    std::uint32_t granted_ = 0;
    std::uint64_t words_ = 0;
};

/// All ports of one SRAM, and how many are active: as long as these are no more than the ports of a
/// bank, nobody can be refused, and clients may sleep through their accesses.
class SramPortGroup {
public:
    SramPortGroup(std::uint32_t bank_ports, Bytes width, std::uint32_t max_words)
        : bank_ports_(bank_ports) {
        for (std::size_t i = 0; i < ports_.size(); ++i) {
            ports_[i].group_ = this;
            ports_[i].width_ = Divisor(width.count());
            ports_[i].max_words_ = max_words;
            ports_[i].bit_ = 1U << i;
        }
    }

    SramPort& port(SramClient client) { return ports_[static_cast<std::size_t>(client)]; }
    std::array<SramPort, kSramClientCount>& ports() { return ports_; }
    const std::array<SramPort, kSramClientCount>& ports() const { return ports_; }
    void connect(SramClient client, Waker owner) { port(client).owner_ = owner; }

    bool contended() const { return active_ > bank_ports_; }
    /// All clients but the stream are taken for inactive, until their state is restored.
    void silence_others() {
        for (std::size_t i = 1; i < ports_.size(); ++i) ports_[i].active_ = false;
        count_active();
    }
    /// After the state of clients was restored.
    void count_active() {
        active_ = 0;
        for (const SramPort& port : ports_) active_ += port.active_ ? 1 : 0;
    }

    void visit_state(StateVisitor& visitor, SramClient client) {
        visitor.value(port(client).active_);
    }
    void visit_counters(CounterVisitor& visitor, SramClient client) {
        visitor.count(port(client).words_);
    }
    bool active(SramClient client) const {
        return ports_[static_cast<std::size_t>(client)].active_;
    }
    std::uint32_t bank_ports() const { return bank_ports_; }
    /// A request of any client but the stream, in a cycle in which somebody might be refused.
    struct Request {
        Cycles at;
        std::uint64_t first = 0;
        std::uint32_t words = 0;
    };
    /// Notes requests until it is told to stop by nullptr.
    void note_requests(std::vector<Request>* requests) {
        requests_noted_ = requests;
        if (requests == nullptr) return;
        most_others_ = others();
        stream_paused_ = !active(SramClient::StreamWrite);
    }
    std::vector<Request>* noted_requests() const { return requests_noted_; }
    /// The most clients beside the stream that were active at a time since it was told to note.
    std::uint32_t most_others() const { return most_others_; }
    std::uint32_t others() const { return active_ - (active(SramClient::StreamWrite) ? 1 : 0); }
    /// Whether the stream was inactive at some time since it was told to note.
    bool stream_paused() const { return stream_paused_; }
    /// The clients that request something in this cycle, a bit each, which starts anew.
    std::uint32_t take_requesting() { return std::exchange(requesting_, 0); }

    void set_active(SramPort& port, Cycles now, bool active) {
        if (port.active_ == active) return;
        port.active_ = active;
        active_ += active ? 1 : std::uint32_t(-1);
        most_others_ = std::max(most_others_, others());
        if (&port == ports_.data() && !active) stream_paused_ = true;
        if (!active || !contended()) return;
        for (const SramPort& other : ports_) {
            if (other.active_) other.owner_.wake(now + Cycles(1));
        }
    }

private:
    friend class SramPort;

    std::array<SramPort, kSramClientCount> ports_;
    std::uint32_t bank_ports_;
    std::uint32_t active_ = 0;
    std::uint32_t most_others_ = 0;
    bool stream_paused_ = false;
    std::vector<Request>* requests_noted_ = nullptr;
    std::uint32_t requesting_ = 0;
};

bool SramPort::contended() const { return group_->contended(); }

void SramPort::request(std::uint64_t first, std::uint32_t words) {
    first_ = first;
    requested_ = words;
    group_->requesting_ |= bit_;
}

void SramPort::set_active(Cycles now, bool active) { group_->set_active(*this, now, active); }

}  // namespace lpusim
