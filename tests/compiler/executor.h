#pragma once

#include <array>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "hw_models/isa/program.h"
#include "sim/workload/operators.h"
#include "tests/support/compile_cases.h"

namespace lpusim {

/// Runs a program without time: at every step it starts or completes any one instruction that the
/// semaphores, the queues' order and the array's structure allow, chosen at random, with one queue
/// slower than the others. Whatever order is possible, hardware may choose.
///
/// Checked on the way: nothing starts before its inputs are there, nothing is overwritten that is
/// still read, no buffer holds more than it has room for, each tile is what the next unit expects,
/// and at the end every queue has ended and every semaphore counts what it counted at the start.
class Executor {
public:
    Executor(const CompileCase& it, const CompiledProgram& compiled, std::uint32_t seed);

    /// The first thing that went wrong; empty when all is well.
    std::string run();

private:
    /// Number of an operator's visit, counted from the start of the program.
    using Instance = std::uint64_t;

    struct QueueState {
        explicit QueueState(const isa::QueueProgram& program) : cursor(program) {}
        isa::Cursor cursor;
        std::deque<const isa::Instruction*> running;
        std::uint64_t started = 0;
        std::uint64_t completed = 0;
    };
    struct OperatorState {
        Operator op;
        std::vector<std::size_t> inputs;
        std::vector<std::size_t> readers;
        std::uint64_t cache_tiles_per_visit = 0;
        std::uint64_t cache_tiles_read = 0;
        /// How often it is done in the whole program.
        std::uint64_t visits = 0;
        Instance begun = 0;
        Instance finished = 0;
    };

    void add_section(const std::vector<Operator>& section, std::uint64_t times);
    std::size_t find(const std::string& name) const;

    bool step();
    bool may_start(isa::Queue queue) const;
    bool may_complete(isa::Queue queue) const;
    bool array_allows(const isa::Instruction& instruction) const;
    void start(isa::Queue queue);
    void complete(isa::Queue queue);

    void check_start(const isa::Instruction& instruction);
    void check(const isa::StreamTransfer& transfer);
    void check_unpack(const isa::UnpackTile& tile);
    void check_read(OperatorState& state, const isa::KvReadTile& tile);
    void check_install(const isa::InstallTile& install);
    void check_compute(const isa::Instruction& instruction);
    void check_parameters(const OperatorState& state);
    void check_inputs(const OperatorState& state);
    void check_overwrites(const OperatorState& state, std::size_t id);
    void check_end();
    void expect(bool good, const std::string& otherwise);

    const isa::Instruction& next(isa::Queue queue) const;
    QueueState& state_of(isa::Queue queue) { return queues_[static_cast<std::size_t>(queue)]; }
    const QueueState& state_of(isa::Queue queue) const {
        return queues_[static_cast<std::size_t>(queue)];
    }
    /// Visits per layer of an operator that runs per head.
    std::uint64_t heads() const { return std::uint64_t{step_.sequences} * step_.kv_heads; }

    const CompileCase& case_;
    const CompiledProgram& compiled_;
    DecodeStep step_;
    std::mt19937 random_;
    isa::Queue lazy_queue_;
    std::vector<QueueState> queues_;
    std::vector<std::uint64_t> semaphores_;
    std::vector<OperatorState> operators_;
    /// Bytes of the tiles between the units, in order: in slots, and on their way to the planes.
    std::deque<std::uint64_t> packed_tiles_, cached_tiles_, unpacked_tiles_, read_tiles_;
    std::deque<const isa::Instruction*> installed_tiles_;
    std::map<isa::Traffic, std::uint64_t> transfers_started_, transfers_completed_;
    std::uint64_t weight_installs_started_ = 0, cache_installs_started_ = 0;
    std::uint64_t streamed_reads_completed_ = 0;
    std::uint64_t parameters_needed_ = 0, parameters_released_ = 0;
    std::string failure_;
};

}  // namespace lpusim
