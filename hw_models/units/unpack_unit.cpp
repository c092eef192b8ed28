#include "hw_models/units/unpack_unit.h"

#include <algorithm>

namespace lpusim {

namespace {

const isa::UnpackTile& unpacked_tile(const isa::Instruction& instruction) {
    return std::get<isa::UnpackTile>(instruction.payload);
}

}  // namespace

UnpackUnit::UnpackUnit(const sc_core::sc_module_name& name, const UnpackUnitParams& params,
                       const isa::Program& program, InstructionSource& source, SramPort& port,
                       Channel& read_output, Channel& packed_input, Channel& output)
    : sc_core::sc_module(name),
      params_(params),
      program_(program),
      packed_input_(packed_input),
      output_(output),
      reader_(params.read_bytes, port, source, read_output,
              [&program](const isa::Instruction& instruction) {
                  const isa::UnpackTile& tile = unpacked_tile(instruction);
                  return program.layouts[tile.layout].tile_bytes(tile.columns);
              }),
      read_account_("sram_banks.unpack_read", "SramBanks", program.operators.size()),
      unpack_account_("unpack_unit", "UnpackUnit", program.operators.size()) {}

void UnpackUnit::visit_state(StateVisitor& visitor) {
    auto& [tiles, weights_emitted, beat, stall] = state_;
    visitor.size(tiles);
    for (const isa::Instruction*& tile : tiles) visitor.value(tile);
    visitor.value(weights_emitted);
    auto& [beat_weights, beat_packed, beat_operands] = beat;
    visitor.value(beat_weights);
    visitor.value(beat_packed);
    visitor.value(beat_operands);
    visitor.value(stall);
    reader_.visit_state(visitor);
}

void UnpackUnit::visit_counters(CounterVisitor& visitor) {
    auto& [weights, operand_bytes, packed_bytes] = stats_;
    visitor.count(weights);
    visitor.count(operand_bytes);
    visitor.count(packed_bytes);
    read_account_.visit_counters(visitor);
    unpack_account_.visit_counters(visitor);
}

void UnpackUnit::visit_probes(ProbeVisitor& visitor) {
    read_account_.visit_probes(visitor, {isa::Queue::Unpack, true, 1});
    unpack_account_.visit_probes(visitor, {isa::Queue::Unpack, false, 1});
}

void UnpackUnit::plan_beat() {
    if (state_.tiles.empty()) return;
    const isa::UnpackTile& tile = unpacked_tile(*state_.tiles.front());
    const isa::TileLayout& layout = program_.layouts[tile.layout];
    const std::uint64_t done = state_.weights_emitted;
    const std::uint64_t all = std::uint64_t{layout.rows} * tile.columns;
    const std::uint64_t until = std::min(done + params_.lanes / tile.operand_bytes, all);
    state_.beat.weights = until - done;
    state_.beat.operand_bytes = state_.beat.weights * tile.operand_bytes;
    state_.beat.packed_bytes =
        (layout.bytes_for(until, tile.columns) - layout.bytes_for(done, tile.columns)).count();
}

EngineState UnpackUnit::decoder_stall(Cycles now) {
    if (state_.tiles.empty()) {
        return reader_.idle(now) ? EngineState::Idle : EngineState::Starved;
    }
    if (packed_input_.available(now) < state_.beat.packed_bytes) return EngineState::Starved;
    if (output_.room() < state_.beat.operand_bytes) return EngineState::Blocked;
    return EngineState::Busy;
}

void UnpackUnit::settle(Cycles from, Cycles to) {
    const std::uint64_t cycles = (to - from).count();
    reader_.settle(cycles, read_account_);
    unpack_account_.stalled(state_.stall, cycles);
}

void UnpackUnit::evaluate(Cycles now) {
    decided_ = decoder_stall(now);
    reader_.evaluate(now, !state_.tiles.full());
}

void UnpackUnit::emit_beat(Cycles now) {
    const isa::Instruction& instruction = *state_.tiles.front();
    unpack_account_.busy(instruction.op);
    packed_input_.pop(now, state_.beat.packed_bytes);
    output_.push(now, state_.beat.operand_bytes);
    if (data_ != nullptr) {
        data_->unpacked(instruction, state_.beat.packed_bytes, state_.beat.weights);
    }
    stats_.weights += state_.beat.weights;
    stats_.operand_bytes += state_.beat.operand_bytes;
    stats_.packed_bytes += state_.beat.packed_bytes;

    state_.weights_emitted += state_.beat.weights;
    const isa::UnpackTile& tile = unpacked_tile(instruction);
    const std::uint64_t all = std::uint64_t{program_.layouts[tile.layout].rows} * tile.columns;
    if (state_.weights_emitted == all) {
        state_.weights_emitted = 0;
        unpack_account_.ended(now + Cycles(1), instruction);
        state_.tiles.pop_front();
        if (!state_.tiles.empty()) unpack_account_.began(now + Cycles(1), *state_.tiles.front());
    }
    plan_beat();
}

Cycles UnpackUnit::update(Cycles now) {
    const Cycles next = now + Cycles(1);
    const SramReader::Step read = reader_.update(now, read_account_);
    if (decided_ == EngineState::Busy) {
        emit_beat(now);
    } else {
        unpack_account_.stalled(decided_);
    }
    if (read.started != nullptr) {
        state_.tiles.push_back(read.started);
        if (state_.tiles.size() == 1) {
            plan_beat();
            unpack_account_.began(now + Cycles(1), *read.started);
        }
    }
    if (decided_ == EngineState::Busy || read.started != nullptr) return next;

    state_.stall = decoder_stall(next);
    if (state_.stall == EngineState::Busy) return next;
    return std::min(read.wake, packed_input_.next_arrival(next));
}

}  // namespace lpusim
