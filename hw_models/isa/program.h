#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "hw_models/isa/instruction.h"
#include "hw_models/isa/tile_layout.h"

namespace lpusim::isa {

/// Repeats the entries up to its LoopEnd. `count` is at least 1.
struct LoopBegin {
    std::uint64_t count = 1;
};
/// Closes the loop that begins at entry `begin`.
struct LoopEnd {
    std::uint32_t begin = 0;
};
using Entry = std::variant<Instruction, LoopBegin, LoopEnd>;
using QueueProgram = std::vector<Entry>;

/// Loops nest at most this deep (tokens, layers, sequences, heads, strips, tiles, and room to
/// spare).
inline constexpr std::size_t kMaxLoopDepth = 8;

/// What a semaphore counts decides the state of an engine that waits on it: for free buffer space
/// it is blocked, for anything else it is waiting.
enum class SemaphoreKind : std::uint8_t { Data, Space };

struct Semaphore {
    std::string name;
    SemaphoreKind kind = SemaphoreKind::Data;
    std::uint64_t initial = 0;
};

/// A loop program: per queue an instruction stream whose text, not whose trip counts, takes memory.
struct Program {
    std::array<QueueProgram, kQueueCount> queues;
    std::vector<Semaphore> semaphores;
    std::vector<TileLayout> layouts;
    /// Names for attribution ("q_proj"), in program order.
    std::vector<std::string> operators;

    const QueueProgram& queue(Queue q) const { return queues[static_cast<std::size_t>(q)]; }
    QueueProgram& queue(Queue q) { return queues[static_cast<std::size_t>(q)]; }
};

/// Throws std::invalid_argument naming the queue and entry unless loops are closed, not empty and
/// at most kMaxLoopDepth deep, each payload is in its own queue, every index is in range, each
/// semaphore has at most one queue waiting on it, no instruction names a semaphore twice in a list
/// or with count 0, and every layout keeps the promises of TileLayout.
void validate(const Program& program);

/// Where a queue stands in its program: the entry to fetch next and the iterations left of each
/// open loop.
class Cursor {
public:
    explicit Cursor(const QueueProgram& program);

    bool at_end() const { return position_ == end_; }
    /// Index of the instruction to fetch. Only when not at_end().
    std::uint32_t position() const { return position_; }
    void advance(const QueueProgram& program);

    using LoopCounters = boost::container::static_vector<std::uint64_t, kMaxLoopDepth>;
    /// Iterations left of each open loop, outermost first, the running one included.
    const LoopCounters& iterations_left() const { return iterations_left_; }
    /// How often the body of a loop was begun anew, and the entry of the LoopBegin of the last such
    /// loop.
    std::uint64_t repetitions() const { return repetitions_; }
    std::uint32_t repeated_loop() const { return repeated_loop_; }
    /// Leaves out whole iterations of the open loop at `depth`; fewer than are left.
    void skip_iterations(std::size_t depth, std::uint64_t iterations) {
        iterations_left_[depth] -= iterations;
    }

private:
    void settle_on_instruction(const QueueProgram& program);

    std::uint32_t position_ = 0;
    std::uint32_t end_ = 0;
    std::uint32_t repeated_loop_ = 0;
    std::uint64_t repetitions_ = 0;
    LoopCounters iterations_left_;
};

/// Builds all queues at once: a loop opened here is opened in every queue, and dropped where it
/// stays empty.
class ProgramBuilder {
public:
    std::uint16_t add_semaphore(std::string name, SemaphoreKind kind, std::uint64_t initial);
    std::uint16_t add_operator(std::string name);
    /// Returns the index of an equal layout if there is one.
    std::uint32_t add_layout(TileLayout layout);

    /// Appends to the queue its payload belongs to.
    void emit(Instruction instruction);
    void begin_loop(std::uint64_t count);
    void end_loop();
    /// Calls body() inside a loop; not at all when count is 0, and without a loop when it is 1.
    template <class Body>
    void loop(std::uint64_t count, Body body) {
        if (count == 0) return;
        if (count == 1) {
            body();
            return;
        }
        begin_loop(count);
        body();
        end_loop();
    }

    /// Validates and hands over the program; the builder is empty afterwards.
    Program finish();

private:
    Program program_;
    /// Per open loop the index of its LoopBegin in each queue.
    std::vector<std::array<std::uint32_t, kQueueCount>> open_loops_;
};

/// Readable assembly of a valid program: semaphores and layouts, then queue after queue, one line
/// per loop and instruction; the indent tells which loop a line is in.
std::string disassemble(const Program& program);

}  // namespace lpusim::isa
