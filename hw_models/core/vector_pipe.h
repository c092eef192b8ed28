#pragma once

#include <boost/circular_buffer.hpp>

#include "hw_models/core/clock_domain.h"
#include "hw_models/core/probe.h"
#include "hw_models/core/quantities.h"
#include "hw_models/core/state_visitor.h"
#include "hw_models/isa/instruction.h"

namespace lpusim {

/// The array's result pipeline: one entry per activation vector on its way to the rescaler. An
/// entry that enters in cycle t can leave from t + 1 + latency. A vector only enters when the
/// rescaler's input has room for all that are in flight (credits), so the pipeline itself never
/// stops.
class VectorPipe {
public:
    struct Entry {
        const isa::Instruction* compute = nullptr;
        bool last_vector = false;
        Cycles leaves_at;
    };

    /// Room for `latency` vectors in flight and `queue` waiting.
    VectorPipe(Cycles latency, std::size_t queue)
        : latency_(latency), entries_(latency.count() + queue) {}

    void connect(Waker producer, Waker consumer) {
        producer_ = producer;
        consumer_ = consumer;
    }

    bool full() const { return entries_.full(); }
    bool empty() const { return entries_.empty(); }
    /// The vector that leaves next, if it has come through by `now`.
    const Entry* front(Cycles now) const {
        return entries_.empty() || entries_.front().leaves_at > now ? nullptr : &entries_.front();
    }
    /// When the next vector comes through; kNever when the pipe is empty.
    Cycles next_leaves_at() const { return entries_.empty() ? kNever : entries_.front().leaves_at; }
    void push(Cycles now, const isa::Instruction& compute, bool last_vector) {
        const Cycles leaves_at = now + Cycles(1) + latency_;
        entries_.push_back({&compute, last_vector, leaves_at});
        if (!level_.empty()) level_->level(now + Cycles(1), entries_.size());
        consumer_.wake(leaves_at);
    }
    void pop(Cycles now) {
        entries_.pop_front();
        if (!level_.empty()) level_->level(now + Cycles(1), entries_.size());
        producer_.wake(now + Cycles(1));
    }
    /// No vector will be pushed any more.
    void end(Cycles now) {
        if (ended_) return;
        ended_ = true;
        consumer_.wake(now + Cycles(1));
    }
    bool ended() const { return ended_ && entries_.empty(); }
    Probe<LevelSink>& level() { return level_; }

    void visit_state(StateVisitor& visitor) {
        visitor.value(ended_);
        visitor.size(entries_);
        for (Entry& entry : entries_) {
            auto& [compute, last_vector, leaves_at] = entry;
            visitor.value(compute);
            visitor.value(last_vector);
            visitor.deadline(leaves_at);
        }
    }

private:
    Cycles latency_;
    boost::circular_buffer<Entry> entries_;
    bool ended_ = false;
    Waker producer_;
    Waker consumer_;
    Probe<LevelSink> level_;
};

}  // namespace lpusim
