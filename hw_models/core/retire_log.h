#pragma once

#include <cstdint>
#include <vector>

#include "hw_models/core/probe.h"
#include "hw_models/core/quantities.h"
#include "hw_models/core/state_visitor.h"
#include "hw_models/isa/instruction.h"

namespace lpusim {

/// When operators and tokens complete. A cycle belongs to the operator that completes next, so the
/// operators' cycles sum to the run's.
class RetireLog {
public:
    explicit RetireLog(std::size_t operators) : cycles_by_operator_(operators) {}

    /// In the update of cycle `now`, whose work is done when the cycle ends.
    void completed(Cycles now, const isa::Instruction& instruction) {
        const Cycles end = now + Cycles(1);
        if (instruction.ends_operator) {
            cycles_by_operator_[instruction.op] += (end - last_end_).count();
            last_end_ = end;
        }
        if (instruction.ends_operator || instruction.ends_token) ++completions_;
        if (instruction.ends_token) token_ends_.push_back(end);
        const bool ends = instruction.ends_operator || instruction.ends_token;
        if (ends && !probe_.empty()) probe_->retired(end, instruction);
    }

    /// Where an operator ended last decides no future but what the next one to end is charged with.
    /// So it moves along with skipped periods only if some operator ends in each of them.
    Cycles last_end() const { return last_end_; }
    /// Ends of operators and of tokens so far.
    std::uint64_t completions() const { return completions_; }
    void move_last_end(Cycles by) { last_end_ += by; }
    void visit_counters(CounterVisitor& visitor) { visitor.counts(cycles_by_operator_); }
    void visit_probes(ProbeVisitor& visitor) { visitor.retirement(probe_); }

    const std::vector<std::uint64_t>& cycles_by_operator() const { return cycles_by_operator_; }
    /// Cycles from the start to the end of each completed token.
    const std::vector<Cycles>& token_ends() const { return token_ends_; }

private:
    std::vector<std::uint64_t> cycles_by_operator_;
    std::vector<Cycles> token_ends_;
    Cycles last_end_;
    std::uint64_t completions_ = 0;
    Probe<RetireSink> probe_;
};

}  // namespace lpusim
