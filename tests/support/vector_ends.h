#pragma once

#include <cstdint>
#include <vector>

#include "hw_models/core/clock_domain.h"
#include "hw_models/core/vector_pipe.h"
#include "tests/support/pacer.h"

namespace lpusim::test {

/// Stands in for the array: pushes the vectors of one compute instruction after another, one in
/// each cycle that the pacer allows and the pipe has a place.
class VectorSource final : public ClockedUnit {
public:
    VectorSource(VectorPipe& pipe, std::vector<isa::Instruction> computes,
                 Pacer pacer = Pacer::always())
        : pipe_(pipe), computes_(std::move(computes)), pacer_(pacer) {}

    void settle(Cycles, Cycles) override {}
    void evaluate(Cycles now) override {
        push_ = next_ < computes_.size() && pacer_.allows(now) && !pipe_.full();
    }
    Cycles update(Cycles now) override {
        if (push_) push(now);
        if (next_ == computes_.size()) pipe_.end(now);
        return next_ < computes_.size() ? now + Cycles(1) : kNever;
    }

private:
    void push(Cycles now) {
        const isa::Instruction& compute = computes_[next_];
        const std::uint32_t vectors = std::get<isa::ComputeTile>(compute.payload).vectors;
        const bool last = ++pushed_ == vectors;
        pipe_.push(now, compute, last);
        if (!last) return;
        pushed_ = 0;
        ++next_;
    }

    VectorPipe& pipe_;
    std::vector<isa::Instruction> computes_;
    Pacer pacer_;
    std::size_t next_ = 0;
    std::uint32_t pushed_ = 0;
    bool push_ = false;
};

/// Stands in for the rescaler: pops a vector in each cycle that the pacer allows, and records when.
class VectorSink final : public ClockedUnit {
public:
    explicit VectorSink(VectorPipe& pipe, Pacer pacer = Pacer::always())
        : pipe_(pipe), pacer_(pacer) {}

    const std::vector<std::uint64_t>& received_at() const { return received_at_; }
    /// How many of them were the last of their compute instruction.
    std::uint64_t last_vectors() const { return last_vectors_; }

    void settle(Cycles, Cycles) override {}
    void evaluate(Cycles now) override { pop_ = pacer_.allows(now) && pipe_.front(now) != nullptr; }
    Cycles update(Cycles now) override {
        if (pop_) {
            received_at_.push_back(now.count());
            last_vectors_ += pipe_.front(now)->last_vector ? 1 : 0;
            pipe_.pop(now);
        }
        return pipe_.empty() ? kNever : std::max(pipe_.next_leaves_at(), now + Cycles(1));
    }

private:
    VectorPipe& pipe_;
    Pacer pacer_;
    std::vector<std::uint64_t> received_at_;
    std::uint64_t last_vectors_ = 0;
    bool pop_ = false;
};

}  // namespace lpusim::test
