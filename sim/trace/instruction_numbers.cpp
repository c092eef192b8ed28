#include "sim/trace/instruction_numbers.h"

#include <algorithm>

namespace lpusim {

namespace {

std::size_t index_of(isa::Queue queue) { return static_cast<std::size_t>(queue); }

/// The entry of the LoopBegin at `depth` of those that are open at `position`.
std::size_t open_loop(const isa::QueueProgram& entries, std::uint32_t position, std::size_t depth) {
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < position; ++i) {
        if (std::holds_alternative<isa::LoopBegin>(entries[i])) open.push_back(i);
        if (std::holds_alternative<isa::LoopEnd>(entries[i])) open.pop_back();
    }
    return open.at(depth);
}

std::size_t end_of_loop(const isa::QueueProgram& entries, std::size_t begin) {
    for (std::size_t i = begin + 1;; ++i) {
        const auto* end = std::get_if<isa::LoopEnd>(&entries.at(i));
        if (end != nullptr && end->begin == begin) return i;
    }
}

void add(OperatorCounts& to, const OperatorCounts& counts, std::uint64_t times) {
    for (std::size_t op = 0; op < to.size(); ++op) to[op] += counts[op] * times;
}

}  // namespace

InstructionNumbers::InstructionNumbers(const TracedProgram& traced) : traced_(traced) {
    const std::size_t operators = traced.program->operators.size();
    all_completions_.resize(operators);
    completions_.resize(operators);
    for (std::size_t q = 0; q < isa::kQueueCount; ++q) {
        const auto queue = isa::queue_at(q);
        const Counts counts = counts_between(queue, 0, traced.program->queue(queue).size());
        all_[q] = counts.instructions;
        seen_[q].resize(operators);
        add(all_completions_, counts.completions, 1);
    }
}

InstructionNumbers::Counts InstructionNumbers::counts_between(isa::Queue queue, std::size_t begin,
                                                              std::size_t end) const {
    const isa::QueueProgram& entries = traced_.program->queue(queue);
    const std::size_t operators = traced_.program->operators.size();
    Counts counts{OperatorCounts(operators), OperatorCounts(operators)};
    std::vector<std::uint64_t> times = {1};
    for (std::size_t i = begin; i < end; ++i) {
        if (const auto* loop = std::get_if<isa::LoopBegin>(&entries[i])) {
            times.push_back(times.back() * loop->count);
        } else if (const auto* instruction = std::get_if<isa::Instruction>(&entries[i])) {
            counts.instructions[instruction->op] += times.back();
            if (instruction->ends_operator) counts.completions[instruction->op] += times.back();
        } else {
            times.pop_back();
        }
    }
    return counts;
}

std::uint64_t InstructionNumbers::next(isa::Queue queue, const isa::Instruction& instruction) {
    return seen_[index_of(queue)][instruction.op]++;
}

TraceLabel InstructionNumbers::label_of(std::uint16_t op, std::uint64_t ordinal,
                                        std::uint64_t per_token) const {
    TraceLabel label;
    label.op = op;
    label.token = ordinal / per_token;
    label.number = ordinal % per_token;
    if (op < traced_.layer_begin || op >= traced_.layer_end) return label;
    const std::uint64_t per_layer = std::max<std::uint64_t>(1, per_token / traced_.layers);
    label.layer = label.number / per_layer;
    label.number %= per_layer;
    return label;
}

TraceLabel InstructionNumbers::label(isa::Queue queue, std::uint16_t op,
                                     std::uint64_t ordinal) const {
    return label_of(op, ordinal, all_[index_of(queue)][op] / traced_.tokens);
}

TraceLabel InstructionNumbers::next_completion(std::uint16_t op) {
    return label_of(op, completions_[op]++, all_completions_[op] / traced_.tokens);
}

bool InstructionNumbers::ends_layer(const TraceLabel& label) const {
    const std::uint64_t per_layer = all_completions_[label.op] / traced_.tokens / traced_.layers;
    return label.op + 1 == traced_.layer_end && label.number + 1 == per_layer;
}

OperatorCounts InstructionNumbers::skip(isa::Queue queue, std::uint32_t position, std::size_t depth,
                                        std::uint64_t iterations) {
    const isa::QueueProgram& entries = traced_.program->queue(queue);
    const std::size_t begin = open_loop(entries, position, depth);
    Counts body = counts_between(queue, begin + 1, end_of_loop(entries, begin));
    for (std::uint64_t& count : body.instructions) count *= iterations;
    add(seen_[index_of(queue)], body.instructions, 1);
    add(completions_, body.completions, iterations);
    return body.instructions;
}

}  // namespace lpusim
