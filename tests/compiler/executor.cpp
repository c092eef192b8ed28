#include "tests/compiler/executor.h"

#include <algorithm>
#include <sstream>

#include "sim/compiler/demand.h"
#include "sim/compiler/tiling.h"

namespace lpusim {

namespace {

using isa::Queue;
using isa::Traffic;

constexpr std::array kQueues = {Queue::Stream, Queue::Unpack,  Queue::Kv,
                                Queue::Load,   Queue::Compute, Queue::Vector};

/// Instructions that may be under way at once; a transfer's or a product's results follow while the
/// next one starts.
std::size_t depth_of(Queue queue) {
    return queue == Queue::Stream || queue == Queue::Compute ? 3 : 1;
}

/// The lazy queue gets its turn once in so many chances, or when nothing else can go on.
constexpr std::uint32_t kLaziness = 100;

/// The oldest tile on its way; 0 when a broken program takes one that is not there.
std::uint64_t take(std::deque<std::uint64_t>& tiles) {
    if (tiles.empty()) return 0;
    const std::uint64_t bytes = tiles.front();
    tiles.pop_front();
    return bytes;
}

std::string list(const std::vector<std::string>& items) {
    std::string text;
    for (const std::string& item : items) text += (text.empty() ? "" : ", ") + item;
    return text;
}

}  // namespace

Executor::Executor(const CompileCase& it, const CompiledProgram& compiled, std::uint32_t seed)
    : case_(it),
      compiled_(compiled),
      step_(decode_step(it.model, it.scenario, it.format.operand_bytes)),
      random_(seed),
      lazy_queue_(kQueues[random_() % kQueues.size()]) {
    for (const isa::QueueProgram& queue : compiled.program.queues) queues_.emplace_back(queue);
    for (const isa::Semaphore& semaphore : compiled.program.semaphores) {
        semaphores_.push_back(semaphore.initial);
    }
    add_section(step_.prologue, 1);
    add_section(step_.layer, step_.layers);
    add_section(step_.epilogue, 1);
}

void Executor::add_section(const std::vector<Operator>& section, std::uint64_t times) {
    for (const Operator& op : section) {
        OperatorState state;
        state.op = op;
        state.visits = case_.tokens * times * (op.per_head ? heads() : 1);
        const std::size_t id = operators_.size();
        for (const std::string& name : op.inputs) {
            state.inputs.push_back(find(name));
            operators_[state.inputs.back()].readers.push_back(id);
        }
        if (!op.cache_input.empty()) {
            state.cache_tiles_per_visit =
                tile_cache(op.name, *op.matmul(), case_.chip.mac_array).tiles();
        }
        operators_.push_back(std::move(state));
    }
}

std::size_t Executor::find(const std::string& name) const {
    const auto found =
        std::find_if(operators_.begin(), operators_.end(),
                     [&name](const OperatorState& state) { return state.op.name == name; });
    return static_cast<std::size_t>(found - operators_.begin());
}

std::string Executor::run() {
    while (failure_.empty() && step()) {
    }
    if (failure_.empty()) check_end();
    return failure_;
}

bool Executor::step() {
    struct Event {
        Queue queue;
        bool completion;
    };
    std::vector<Event> possible, lazy;
    const auto add = [&](Event event) {
        const bool put_off = event.queue == lazy_queue_ && random_() % kLaziness != 0;
        (put_off ? lazy : possible).push_back(event);
    };
    for (const Queue queue : kQueues) {
        if (may_start(queue)) add({queue, false});
        if (may_complete(queue)) add({queue, true});
    }
    if (possible.empty()) possible = lazy;
    if (possible.empty()) return false;
    const Event event = possible[random_() % possible.size()];
    if (event.completion) {
        complete(event.queue);
    } else {
        start(event.queue);
    }
    return true;
}

bool Executor::may_start(Queue queue) const {
    const QueueState& state = state_of(queue);
    if (state.cursor.at_end() || state.running.size() == depth_of(queue)) return false;
    const isa::Instruction& instruction = next(queue);
    const bool signalled = std::all_of(
        instruction.waits.begin(), instruction.waits.end(),
        [this](const isa::SemaphoreUse& wait) { return semaphores_[wait.id] >= wait.count; });
    return signalled && array_allows(instruction);
}

/// A tile is installed when the shadow planes are empty, without a shadow when the live ones are
/// done; it computes once it is complete.
bool Executor::array_allows(const isa::Instruction& instruction) const {
    const QueueState& load = state_of(Queue::Load);
    const QueueState& compute = state_of(Queue::Compute);
    if (std::holds_alternative<isa::InstallTile>(instruction.payload)) {
        const bool shadow = case_.chip.mac_array.double_buffering;
        return load.started == (shadow ? compute.started : compute.completed);
    }
    if (std::holds_alternative<isa::ComputeTile>(instruction.payload)) {
        return load.completed > compute.started;
    }
    return true;
}

/// Operands go straight from the readers into the planes: nothing is buffered in between, the least
/// that hardware can do.
bool Executor::may_complete(Queue queue) const {
    const QueueState& state = state_of(queue);
    if (state.running.empty()) return false;
    if (queue == Queue::Unpack) return weight_installs_started_ > state.completed;
    if (queue == Queue::Kv) return cache_installs_started_ > state.completed;
    if (queue != Queue::Load) return true;
    const auto& install = std::get<isa::InstallTile>(state.running.front()->payload);
    return install.source == isa::OperandSource::Weights
               ? state_of(Queue::Unpack).completed == weight_installs_started_
               : state_of(Queue::Kv).completed == cache_installs_started_;
}

void Executor::start(Queue queue) {
    QueueState& state = state_of(queue);
    const isa::Instruction& instruction = next(queue);
    for (const isa::SemaphoreUse& wait : instruction.waits) semaphores_[wait.id] -= wait.count;
    check_start(instruction);
    if (instruction.ends_operator) ++operators_[instruction.op].begun;
    ++state.started;
    state.running.push_back(&instruction);
    state.cursor.advance(compiled_.program.queue(queue));
}

void Executor::complete(Queue queue) {
    QueueState& state = state_of(queue);
    const isa::Instruction& instruction = *state.running.front();
    state.running.pop_front();
    ++state.completed;
    for (const isa::SemaphoreUse& signal : instruction.signals) {
        semaphores_[signal.id] += signal.count;
    }
    OperatorState& op = operators_[instruction.op];
    if (instruction.ends_operator) ++op.finished;
    if (const auto* transfer = std::get_if<isa::StreamTransfer>(&instruction.payload)) {
        ++transfers_completed_[transfer->traffic];
    }
    if (const auto* install = std::get_if<isa::InstallTile>(&instruction.payload)) {
        check_install(*install);
    }
    if (queue == Queue::Vector && op.op.vector()->releases_parameters) ++parameters_released_;
}

void Executor::check_start(const isa::Instruction& instruction) {
    OperatorState& state = operators_[instruction.op];
    const isa::Payload& payload = instruction.payload;
    if (const auto* transfer = std::get_if<isa::StreamTransfer>(&payload)) check(*transfer);
    if (const auto* tile = std::get_if<isa::UnpackTile>(&payload)) check_unpack(*tile);
    if (const auto* tile = std::get_if<isa::KvReadTile>(&payload)) check_read(state, *tile);
    if (const auto* install = std::get_if<isa::InstallTile>(&payload)) {
        const bool weights = install->source == isa::OperandSource::Weights;
        ++(weights ? weight_installs_started_ : cache_installs_started_);
        installed_tiles_.push_back(&instruction);
    }
    if (const auto* tile = std::get_if<isa::ComputeTile>(&payload)) {
        check_compute(instruction);
        check_inputs(state);
        if (tile->result_bytes > Bytes(0)) check_overwrites(state, instruction.op);
    }
    if (std::holds_alternative<isa::VectorOp>(payload)) {
        check_inputs(state);
        check_overwrites(state, instruction.op);
        check_parameters(state);
    }
}

void Executor::check(const isa::StreamTransfer& transfer) {
    const std::uint64_t number = transfers_started_[transfer.traffic]++;
    const SramPlan& sram = compiled_.sram;
    const OperatorState& append = operators_[find("kv_append")];
    switch (transfer.traffic) {
        case Traffic::Weights:
            packed_tiles_.push_back(transfer.payload.count());
            expect(number < state_of(Queue::Unpack).completed + sram.weight_slots,
                   "no weight slot is free");
            break;
        case Traffic::KvRead:
            cached_tiles_.push_back(transfer.payload.count());
            expect(number < state_of(Queue::Kv).completed + sram.kv_slots, "no KV slot is free");
            break;
        case Traffic::KvWrite:
            expect(append.finished > number, "K and V are written back before they are computed");
            break;
        case Traffic::Embedding:
            expect(operators_[find("lm_head")].finished >= number,
                   "an embedding is fetched before its token is sampled");
            break;
        case Traffic::Norms:
            expect(number < parameters_released_ + kParameterSlots, "no parameter slot is free");
            break;
    }
}

void Executor::check_unpack(const isa::UnpackTile& tile) {
    const isa::TileLayout& layout = compiled_.program.layouts[tile.layout];
    unpacked_tiles_.push_back(std::uint64_t{layout.rows} * tile.columns * tile.operand_bytes);
    if (compiled_.sram.weights_resident) return;
    const std::uint64_t number = state_of(Queue::Unpack).started;
    expect(transfers_completed_[Traffic::Weights] > number,
           "a tile is unpacked before it is there");
    expect(take(packed_tiles_) == layout.tile_bytes(tile.columns).count(),
           "a tile is unpacked that is not the one in the slot");
}

void Executor::check_read(OperatorState& state, const isa::KvReadTile& tile) {
    const std::uint64_t visits = state.cache_tiles_read++ / state.cache_tiles_per_visit;
    const OperatorState& append = operators_[find(state.op.cache_input)];
    expect(append.finished > visits / heads(), "the cache is read before it is up to date");
    read_tiles_.push_back(tile.bytes.count());

    const bool streamed = !next(Queue::Kv).signals.empty();
    if (!streamed) return;
    expect(transfers_completed_[Traffic::KvRead] > streamed_reads_completed_++,
           "a KV tile is read before it is there");
    expect(take(cached_tiles_) <= tile.bytes.count(), "a KV tile is smaller than its transfer");
}

void Executor::check_install(const isa::InstallTile& install) {
    const bool weights = install.source == isa::OperandSource::Weights;
    std::deque<std::uint64_t>& sources = weights ? unpacked_tiles_ : read_tiles_;
    expect(take(sources) == install.operand_bytes.count(),
           "a tile is installed that is not the one that was read");
}

void Executor::check_compute(const isa::Instruction& instruction) {
    const isa::Instruction& installed = *installed_tiles_.front();
    installed_tiles_.pop_front();
    const std::uint64_t operands = std::get<isa::ComputeTile>(instruction.payload).macs_per_vector;
    const Bytes bytes = std::get<isa::InstallTile>(installed.payload).operand_bytes;
    const std::uint32_t operand_bytes = operators_[instruction.op].op.matmul()->operand_bytes;
    expect(installed.op == instruction.op && bytes == Bytes(operands * operand_bytes),
           "a tile computes that is not the one in the planes");
}

void Executor::check_parameters(const OperatorState& state) {
    const VectorWork& work = *state.op.vector();
    const bool streamed = !compiled_.sram.weights_resident;
    if (work.parameters > Bytes(0) && streamed) {
        expect(transfers_completed_[Traffic::Norms] > parameters_needed_++,
               state.op.name + " starts before its weights are there");
    }
    if (work.touches == Touches::EmbeddingTable) {
        expect(operators_[find("lm_head")].finished >= state.begun,
               "embed starts before its token is sampled");
        expect(!streamed || transfers_completed_[Traffic::Embedding] > state.begun,
               "embed starts before its rows are there");
    }
    if (work.touches == Touches::KvCache && !compiled_.sram.kv_resident) {
        expect(transfers_completed_[Traffic::KvWrite] + kAppendBuffers > state.begun,
               "new K and V overwrite some that are not in memory yet");
    }
}

void Executor::check_inputs(const OperatorState& state) {
    for (const std::size_t id : state.inputs) {
        const OperatorState& input = operators_[id];
        Instance needed = state.begun + 1;
        if (state.op.per_head && !input.op.per_head) needed = state.begun / heads() + 1;
        if (!state.op.per_head && input.op.per_head) needed = (state.begun + 1) * heads();
        expect(input.finished >= needed, state.op.name + " starts before " + input.op.name);
    }
}

void Executor::check_overwrites(const OperatorState& state, std::size_t id) {
    for (const std::size_t reader_id : operators_[id].readers) {
        const OperatorState& reader = operators_[reader_id];
        Instance done = state.begun;
        if (!state.op.per_head && reader.op.per_head) done = state.begun * heads();
        if (state.op.per_head && !reader.op.per_head) done = state.begun / heads();
        // Scores and probabilities have room for one sequence.
        if (state.op.per_head && reader.op.per_head) {
            done = state.begun < step_.kv_heads ? 0 : state.begun + 1 - step_.kv_heads;
        }
        expect(reader.finished >= done,
               state.op.name + " overwrites what " + reader.op.name + " reads");
    }
}

void Executor::check_end() {
    std::vector<std::string> stuck;
    for (const Queue queue : kQueues) {
        const QueueState& state = state_of(queue);
        if (!state.cursor.at_end() || !state.running.empty()) {
            stuck.push_back(std::string(isa::name_of(queue)) + " at entry " +
                            std::to_string(state.cursor.at_end() ? 0 : state.cursor.position()));
        }
    }
    expect(stuck.empty(), "deadlock: " + list(stuck));
    for (std::size_t i = 0; i < semaphores_.size(); ++i) {
        const isa::Semaphore& semaphore = compiled_.program.semaphores[i];
        expect(semaphores_[i] == semaphore.initial,
               semaphore.name + " counts " + std::to_string(semaphores_[i]) + " at the end");
    }
    for (const OperatorState& state : operators_) {
        expect(state.finished == state.visits, state.op.name + " was completed " +
                                                   std::to_string(state.finished) + " times, not " +
                                                   std::to_string(state.visits));
    }
}

void Executor::expect(bool good, const std::string& otherwise) {
    if (!good && failure_.empty()) failure_ = otherwise;
}

const isa::Instruction& Executor::next(Queue queue) const {
    const isa::Cursor& cursor = state_of(queue).cursor;
    return std::get<isa::Instruction>(compiled_.program.queue(queue)[cursor.position()]);
}

}  // namespace lpusim
