#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "hw_models/isa/program.h"
#include "sim/trace/trace_writer.h"

namespace lpusim {

/// Per operator, how often something happened.
using OperatorCounts = std::vector<std::uint64_t>;

/// A program that is traced.
struct TracedProgram {
    const isa::Program* program = nullptr;
    /// Tokens it was compiled for, and layers per token.
    std::uint64_t tokens = 1;
    std::uint32_t layers = 1;
    /// Operators [begin, end) are done in each layer, the others once per token.
    std::uint16_t layer_begin = 0;
    std::uint16_t layer_end = 0;
};

/// Tells token, layer and number of an instruction from how many of its operator its queue has seen
/// before: every token and every layer has the same number of them.
class InstructionNumbers {
public:
    explicit InstructionNumbers(const TracedProgram& traced);

    /// The next instruction of `queue`: its ordinal among those of its operator.
    std::uint64_t next(isa::Queue queue, const isa::Instruction& instruction);
    TraceLabel label(isa::Queue queue, std::uint16_t op, std::uint64_t ordinal) const;

    /// The next completion of an operator.
    TraceLabel next_completion(std::uint16_t op);
    /// Whether a completion with this label is the last one of its layer.
    bool ends_layer(const TraceLabel& label) const;

    /// Leaves out iterations of the loop at `depth` that is open at entry `position` of the queue;
    /// returns how many instructions of each operator those were.
    OperatorCounts skip(isa::Queue queue, std::uint32_t position, std::size_t depth,
                        std::uint64_t iterations);

private:
    struct Counts {
        OperatorCounts instructions;
        OperatorCounts completions;
    };
    Counts counts_between(isa::Queue queue, std::size_t begin, std::size_t end) const;
    TraceLabel label_of(std::uint16_t op, std::uint64_t ordinal, std::uint64_t per_token) const;

    TracedProgram traced_;
    /// Over the whole program.
    std::array<OperatorCounts, isa::kQueueCount> all_;
    std::array<OperatorCounts, isa::kQueueCount> seen_;
    OperatorCounts all_completions_;
    OperatorCounts completions_;
};

}  // namespace lpusim
