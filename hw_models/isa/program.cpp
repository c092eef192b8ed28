#include "hw_models/isa/program.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <stdexcept>
#include <utility>

namespace lpusim::isa {

namespace {

[[noreturn]] void reject(const std::string& what) { throw std::invalid_argument(what); }

/// Index of the element that is appended next, checked to fit the type that instructions carry.
template <class Index, class T>
Index next_index(const std::vector<T>& elements, const char* kind) {
    if (elements.size() > std::numeric_limits<Index>::max()) {
        reject(std::string("program has too many ") + kind + ": at most " +
               std::to_string(std::uint64_t{std::numeric_limits<Index>::max()} + 1));
    }
    return static_cast<Index>(elements.size());
}

bool equal(const TileLayout& a, const TileLayout& b) {
    return a.rows == b.rows && a.column_bytes == b.column_bytes &&
           a.header_bits_per_column == b.header_bits_per_column && a.prefix_bytes == b.prefix_bytes;
}

class Validator {
public:
    explicit Validator(const Program& program)
        : program_(program), waiter_(program.semaphores.size()) {}

    void run() {
        for (std::size_t i = 0; i < program_.layouts.size(); ++i) check_layout(i);
        for (std::size_t q = 0; q < kQueueCount; ++q) check_queue(queue_at(q));
    }

private:
    [[noreturn]] void fail(std::size_t entry, const std::string& what) const {
        reject(std::string("queue ") + name_of(queue_) + ", entry " + std::to_string(entry) + ": " +
               what);
    }

    void check_layout(std::size_t index) const {
        const TileLayout& layout = program_.layouts[index];
        const auto fail_layout = [index](const std::string& what) {
            reject("layout " + std::to_string(index) + ": " + what);
        };
        const std::vector<std::uint32_t>& prefix = layout.prefix_bytes;
        if (layout.rows == 0) fail_layout("no rows");
        if (prefix.size() != std::size_t{layout.rows} + 1) {
            fail_layout(std::to_string(prefix.size()) + " prefixes for " +
                        std::to_string(layout.rows) + " rows, expected one more than rows");
        }
        if (!std::is_sorted(prefix.begin(), prefix.end())) fail_layout("prefixes do not ascend");
        if (Bytes(prefix.back()) != layout.column_bytes) {
            fail_layout("last prefix is " + std::to_string(prefix.back()) + " B, the column has " +
                        std::to_string(layout.column_bytes.count()) + " B");
        }
    }

    void check_queue(Queue queue) {
        queue_ = queue;
        open_loops_.clear();
        const QueueProgram& entries = program_.queue(queue);
        for (std::size_t i = 0; i < entries.size(); ++i) {
            if (const auto* begin = std::get_if<LoopBegin>(&entries[i])) {
                open_loop(i, *begin);
            } else if (const auto* end = std::get_if<LoopEnd>(&entries[i])) {
                close_loop(i, *end);
            } else {
                check_instruction(i, std::get<Instruction>(entries[i]));
            }
        }
        if (!open_loops_.empty()) fail(open_loops_.back(), "loop is never closed");
    }

    void open_loop(std::size_t entry, LoopBegin begin) {
        if (begin.count == 0) fail(entry, "loop of 0 iterations");
        if (open_loops_.size() == kMaxLoopDepth) {
            fail(entry, "loops nest more than " + std::to_string(kMaxLoopDepth) + " deep");
        }
        open_loops_.push_back(entry);
    }

    void close_loop(std::size_t entry, LoopEnd end) {
        if (open_loops_.empty()) fail(entry, "loop end without a loop");
        const std::size_t begin = open_loops_.back();
        if (end.begin != begin) {
            fail(entry, "loop end names entry " + std::to_string(end.begin) +
                            ", but the innermost open loop begins at entry " +
                            std::to_string(begin));
        }
        if (entry == begin + 1) fail(entry, "loop is empty");
        open_loops_.pop_back();
    }

    void check_instruction(std::size_t entry, const Instruction& instruction) {
        const Queue home = queue_of(instruction.payload);
        if (home != queue_) {
            fail(entry, std::string("payload belongs to queue ") + name_of(home));
        }
        check_index(entry, "operator", instruction.op, program_.operators.size());
        if (const auto* unpack = std::get_if<UnpackTile>(&instruction.payload)) {
            check_index(entry, "layout", unpack->layout, program_.layouts.size());
        }
        check_semaphores(entry, "waits for", instruction.waits);
        check_semaphores(entry, "signals", instruction.signals);
        for (const SemaphoreUse& use : instruction.waits) claim_waiter(entry, use.id);
    }

    void check_index(std::size_t entry, const char* kind, std::size_t index,
                     std::size_t size) const {
        if (index >= size) {
            fail(entry, std::string(kind) + " " + std::to_string(index) +
                            " does not exist: the program has " + std::to_string(size));
        }
    }

    /// One use per semaphore, so that a unit may check and take each use on its own.
    void check_semaphores(std::size_t entry, const char* verb, const SemaphoreUses& uses) const {
        for (auto use = uses.begin(); use != uses.end(); ++use) {
            check_index(entry, "semaphore", use->id, program_.semaphores.size());
            const std::string& name = program_.semaphores[use->id].name;
            if (use->count == 0) fail(entry, std::string(verb) + " 0 of semaphore " + name);
            const bool repeated = std::any_of(uses.begin(), use, [use](const SemaphoreUse& other) {
                return other.id == use->id;
            });
            if (repeated) fail(entry, std::string(verb) + " semaphore " + name + " twice");
        }
    }

    /// With one waiting queue per semaphore no arbitration between takers is ever needed.
    void claim_waiter(std::size_t entry, std::uint16_t semaphore) {
        std::optional<Queue>& waiter = waiter_[semaphore];
        if (waiter && *waiter != queue_) {
            fail(entry, "waits for semaphore " + program_.semaphores[semaphore].name +
                            ", which queue " + name_of(*waiter) + " already waits for");
        }
        waiter = queue_;
    }

    const Program& program_;
    Queue queue_ = Queue::Stream;
    /// LoopBegin entries of the loops that are open, outermost first.
    std::vector<std::size_t> open_loops_;
    /// Per semaphore the queue that waits for it.
    std::vector<std::optional<Queue>> waiter_;
};

}  // namespace

void validate(const Program& program) { Validator(program).run(); }

Cursor::Cursor(const QueueProgram& program) : end_(static_cast<std::uint32_t>(program.size())) {
    settle_on_instruction(program);
}

void Cursor::advance(const QueueProgram& program) {
    ++position_;
    settle_on_instruction(program);
}

void Cursor::settle_on_instruction(const QueueProgram& program) {
    while (position_ != end_) {
        const Entry& entry = program[position_];
        if (std::holds_alternative<Instruction>(entry)) return;
        if (const auto* begin = std::get_if<LoopBegin>(&entry)) {
            iterations_left_.push_back(begin->count);
            ++position_;
        } else if (--iterations_left_.back() > 0) {
            repeated_loop_ = std::get<LoopEnd>(entry).begin;
            position_ = repeated_loop_ + 1;
            ++repetitions_;
        } else {
            iterations_left_.pop_back();
            ++position_;
        }
    }
}

std::uint16_t ProgramBuilder::add_semaphore(std::string name, SemaphoreKind kind,
                                            std::uint64_t initial) {
    const auto index = next_index<std::uint16_t>(program_.semaphores, "semaphores");
    program_.semaphores.push_back({std::move(name), kind, initial});
    return index;
}

std::uint16_t ProgramBuilder::add_operator(std::string name) {
    const auto index = next_index<std::uint16_t>(program_.operators, "operators");
    program_.operators.push_back(std::move(name));
    return index;
}

std::uint32_t ProgramBuilder::add_layout(TileLayout layout) {
    std::vector<TileLayout>& layouts = program_.layouts;
    const auto same = std::find_if(layouts.begin(), layouts.end(),
                                   [&layout](const TileLayout& it) { return equal(it, layout); });
    if (same != layouts.end()) return static_cast<std::uint32_t>(same - layouts.begin());
    layouts.push_back(std::move(layout));
    return static_cast<std::uint32_t>(layouts.size() - 1);
}

void ProgramBuilder::emit(Instruction instruction) {
    program_.queue(queue_of(instruction.payload)).emplace_back(std::move(instruction));
}

void ProgramBuilder::begin_loop(std::uint64_t count) {
    std::array<std::uint32_t, kQueueCount>& begins = open_loops_.emplace_back();
    for (std::size_t q = 0; q < kQueueCount; ++q) {
        begins[q] = next_index<std::uint32_t>(program_.queues[q], "entries");
        program_.queues[q].emplace_back(LoopBegin{count});
    }
}

void ProgramBuilder::end_loop() {
    if (open_loops_.empty()) reject("loop end without a loop");
    for (std::size_t q = 0; q < kQueueCount; ++q) {
        QueueProgram& entries = program_.queues[q];
        const std::uint32_t begin = open_loops_.back()[q];
        const bool empty = entries.size() == std::size_t{begin} + 1;
        if (empty) {
            entries.pop_back();
        } else {
            entries.emplace_back(LoopEnd{begin});
        }
    }
    open_loops_.pop_back();
}

Program ProgramBuilder::finish() {
    if (!open_loops_.empty()) {
        reject(std::to_string(open_loops_.size()) + " loops are not closed");
    }
    validate(program_);
    return std::exchange(program_, {});
}

}  // namespace lpusim::isa
