#include "hw_models/units/mac_array.h"

#include <algorithm>

namespace lpusim {

namespace {

const isa::InstallTile& install_of(const isa::Instruction& instruction) {
    return std::get<isa::InstallTile>(instruction.payload);
}

const isa::ComputeTile& compute_of(const isa::Instruction& instruction) {
    return std::get<isa::ComputeTile>(instruction.payload);
}

}  // namespace

MacArray::MacArray(const sc_core::sc_module_name& name, const MacArrayParams& params,
                   const OperandPaths& paths, InstructionSource& load_source,
                   InstructionSource& compute_source, SramPort& activation_port,
                   VectorPipe& results, std::size_t operators)
    : sc_core::sc_module(name),
      params_(params),
      paths_(paths),
      load_source_(load_source),
      compute_source_(compute_source),
      activation_port_(activation_port),
      results_(results),
      load_account_("mac_array.load", "MacArray", operators),
      compute_account_("mac_array.compute", "MacArray", operators),
      activation_account_("sram_banks.activation_read", "SramBanks", operators) {}

void MacArray::visit_state(StateVisitor& visitor) {
    auto& [load, compute] = state_;
    auto& [install, port_bytes_left, filling, shadow_complete, load_stall] = load;
    visitor.value(install);
    visitor.value(port_bytes_left);
    visitor.size(filling);
    for (Tile& tile : filling) {
        auto& [tile_install, operand_bytes_left] = tile;
        visitor.value(tile_install);
        visitor.value(operand_bytes_left);
    }
    visitor.value(shadow_complete);
    visitor.value(load_stall);
    auto& [current, vectors_left, cooldown, words_left, drained_at, steady, stall,
           activation_stall] = compute;
    visitor.value(current);
    visitor.value(vectors_left);
    visitor.value(cooldown);
    visitor.value(words_left);
    visitor.deadline(drained_at);
    visitor.value(steady);
    visitor.value(stall);
    visitor.value(activation_stall);
}

void MacArray::visit_counters(CounterVisitor& visitor) {
    auto& [port_bytes, installed_operand_bytes, useful_macs, tiles] = stats_;
    visitor.count(port_bytes);
    visitor.count(installed_operand_bytes);
    visitor.count(useful_macs);
    visitor.count(tiles);
    load_account_.visit_counters(visitor);
    compute_account_.visit_counters(visitor);
    activation_account_.visit_counters(visitor);
}

void MacArray::visit_probes(ProbeVisitor& visitor) {
    load_account_.visit_probes(visitor, {isa::Queue::Load, true, state_.load.filling.capacity()});
    compute_account_.visit_probes(visitor, {isa::Queue::Compute, true, 1});
    activation_account_.visit_probes(visitor, {isa::Queue::Compute});
}

bool MacArray::completes_something(const isa::Instruction& compute) {
    return !compute.signals.empty() || compute.ends_operator || compute.ends_token;
}

bool MacArray::has_results(const isa::Instruction& compute) {
    const isa::ComputeTile& tile = compute_of(compute);
    return tile.rescales_per_vector > 0 || tile.result_bytes > Bytes(0) ||
           completes_something(compute);
}

std::uint64_t MacArray::words_per_vector(const isa::ComputeTile& tile) const {
    return ceil_div(tile.activation_bytes.count(), activation_port_.width().count());
}

bool MacArray::installs_directly(const isa::Instruction& install) const {
    return paths_.to_unpack == nullptr || install_of(install).source == isa::OperandSource::Kv;
}

bool MacArray::shadow_open(Cycles now) const {
    if (state_.load.shadow_complete) return false;
    if (params_.double_buffering) return true;
    return state_.compute.current == nullptr && now >= state_.compute.drained_at;
}

std::uint64_t MacArray::port_beat() const {
    return std::min(params_.load_bytes.count(), state_.load.port_bytes_left);
}

EngineState MacArray::load_stall(Cycles now) {
    const LoadState& load = state_.load;
    if (load.current == nullptr) {
        if (load_source_.ready(now) == nullptr) return load_source_.stall(now);
        return load.filling.full() ? EngineState::Blocked : EngineState::Waiting;
    }
    const bool from_kv = install_of(*load.current).source == isa::OperandSource::Kv;
    Channel& input = from_kv ? paths_.kv : paths_.weights;
    if (input.available(now) < port_beat()) return EngineState::Starved;
    if (installs_directly(*load.current)) {
        const bool at_front = load.filling.front().install == load.current;
        return at_front && shadow_open(now) ? EngineState::Busy : EngineState::Blocked;
    }
    return paths_.to_unpack->room() < port_beat() ? EngineState::Blocked : EngineState::Busy;
}

void MacArray::evaluate_load(Cycles now) {
    next_install_ = load_source_.ready(now);
    load_decided_ = load_stall(now);
    filled_from_unpack_ = 0;
    const LoadState& load = state_.load;
    if (load.filling.empty() || installs_directly(*load.filling.front().install)) return;
    if (!shadow_open(now)) return;
    filled_from_unpack_ =
        std::min(paths_.from_unpack->available(now), load.filling.front().operand_bytes_left);
}

EngineState MacArray::compute_stall(Cycles now) const {
    const ComputeState& compute = state_.compute;
    if (compute.current == nullptr) {
        const bool ready = compute_source_.ready(now) != nullptr;
        return ready ? EngineState::Starved : compute_source_.stall(now);
    }
    if (compute.cooldown > 0) return EngineState::Busy;
    return has_results(*compute.current) && results_.full() ? EngineState::Blocked
                                                            : EngineState::Busy;
}

void MacArray::evaluate_compute(Cycles now) {
    next_compute_ = compute_source_.ready(now);
    compute_decided_ = compute_stall(now);
    words_requested_ = 0;
    const ComputeState& compute = state_.compute;
    if (compute.current == nullptr || compute.cooldown > 0) return;
    if (compute_decided_ != EngineState::Busy) return;
    words_requested_ = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(compute.words_left, activation_port_.max_words()));
    const isa::ComputeTile& tile = compute_of(*compute.current);
    const std::uint64_t vectors_left = compute.vectors_left;
    const std::uint64_t last_word = (tile.vectors - vectors_left + 1) * words_per_vector(tile);
    activation_port_.request(last_word - compute.words_left, words_requested_);
}

void MacArray::evaluate(Cycles now) {
    evaluate_load(now);
    evaluate_compute(now);
}

void MacArray::fill_shadow(std::uint64_t operand_bytes) {
    stats_.installed_operand_bytes += operand_bytes;
    state_.load.filling.front().operand_bytes_left -= operand_bytes;
}

void MacArray::move_port_beat(Cycles now) {
    LoadState& load = state_.load;
    const std::uint64_t beat = port_beat();
    const bool from_kv = install_of(*load.current).source == isa::OperandSource::Kv;
    (from_kv ? paths_.kv : paths_.weights).pop(now, beat);
    const bool direct = installs_directly(*load.current);
    if (data_ != nullptr) data_->crossed_port(*load.current, beat, direct);
    if (direct) {
        fill_shadow(beat);
    } else {
        paths_.to_unpack->push(now, beat);
    }
    load.port_bytes_left -= beat;
    stats_.port_bytes += beat;
    load_account_.busy(load.current->op);
    if (load.port_bytes_left == 0) load.current = nullptr;
}

void MacArray::update_load(Cycles now) {
    LoadState& load = state_.load;
    const bool may_start = next_install_ != nullptr && !load.filling.full();
    if (load_decided_ == EngineState::Busy) {
        move_port_beat(now);
    } else {
        load_account_.stalled(load_decided_);
    }
    if (filled_from_unpack_ > 0) {
        paths_.from_unpack->pop(now, filled_from_unpack_);
        if (data_ != nullptr) data_->filled_from_unpack(filled_from_unpack_);
        fill_shadow(filled_from_unpack_);
    }
    if (!load.filling.empty() && load.filling.front().operand_bytes_left == 0) {
        load_source_.signal(now, load.filling.front().install->signals);
        if (data_ != nullptr) data_->tile_installed();
        load_account_.ended(now + Cycles(1), *load.filling.front().install);
        load.filling.pop_front();
        load.shadow_complete = true;
        ++stats_.tiles;
    }
    if (load.current == nullptr && may_start) {
        load_source_.start(now);
        if (data_ != nullptr) data_->install_started(*next_install_);
        load.current = next_install_;
        load_account_.began(now + Cycles(1), *next_install_);
        load.port_bytes_left = install_of(*next_install_).port_bytes.count();
        load.filling.push_back({next_install_, install_of(*next_install_).operand_bytes.count()});
    }
}

void MacArray::enter_vector(Cycles now) {
    ComputeState& compute = state_.compute;
    const isa::ComputeTile& tile = compute_of(*compute.current);
    --compute.vectors_left;
    compute.cooldown = tile.cycles_per_vector - 1;
    compute.words_left = words_per_vector(tile);
    stats_.useful_macs += tile.macs_per_vector;
    const bool leaves = has_results(*compute.current);
    if (data_ != nullptr) data_->vectors_entered(1, leaves);
    if (leaves) {
        // A last vector is one of many when nothing is complete with it.
        const bool completes = compute.vectors_left == 0 && completes_something(*compute.current);
        results_.push(now, *compute.current, completes);
    }
}

void MacArray::update_compute(Cycles now) {
    ComputeState& compute = state_.compute;
    const std::uint32_t granted = words_requested_ > 0 ? activation_port_.granted() : 0;
    if (granted > 0) {
        activation_account_.busy(compute.current->op);
        compute.words_left -= granted;
    } else {
        activation_account_.stalled(compute_decided_ == EngineState::Idle ? EngineState::Idle
                                                                          : EngineState::Starved);
    }
    if (compute_decided_ != EngineState::Busy) {
        compute_account_.stalled(compute_decided_);
        return;
    }
    if (compute.cooldown > 0) {
        --compute.cooldown;
        compute_account_.busy(compute.current->op);
    } else if (compute.words_left == 0) {
        compute_account_.busy(compute.current->op);
        enter_vector(now);
    } else {
        compute_account_.stalled(EngineState::Starved);  // its activations are still being read
    }
    if (compute.vectors_left > 0 || compute.cooldown > 0) return;
    compute_account_.ended(now + Cycles(1), *compute.current);
    compute.current = nullptr;
    compute.drained_at = now + Cycles(1) + params_.pipeline();
}

void MacArray::swap_planes(Cycles now) {
    ComputeState& compute = state_.compute;
    if (!state_.load.shadow_complete || compute.current != nullptr) return;
    if (next_compute_ == nullptr) return;
    compute_source_.start(now);
    if (data_ != nullptr) data_->planes_swapped(*next_compute_);
    state_.load.shadow_complete = false;
    compute.current = next_compute_;
    compute_account_.began(now + Cycles(1), *next_compute_);
    compute.vectors_left = compute_of(*next_compute_).vectors;
    compute.words_left = words_per_vector(compute_of(*next_compute_));
}

void MacArray::commit(Cycles now) {
    update_load(now);
    update_compute(now);
    swap_planes(now);
    activation_port_.set_active(now, state_.compute.current != nullptr);
    if (compute_stall(now + Cycles(1)) == EngineState::Idle) results_.end(now);
}

Cycles MacArray::update(Cycles now) {
    commit(now);
    return plan_sleep(now);
}

Cycles MacArray::plan_compute_sleep(Cycles now) {
    const Cycles next = now + Cycles(1);
    ComputeState& compute = state_.compute;
    compute.steady = false;
    compute.stall = compute_stall(next);
    compute.activation_stall =
        compute.stall == EngineState::Idle ? EngineState::Idle : EngineState::Starved;
    if (compute.current == nullptr) {
        const bool can_swap = state_.load.shadow_complete && compute_source_.ready(next) != nullptr;
        return can_swap ? next : compute_source_.next_issue(now);
    }
    if (compute.stall == EngineState::Blocked) return kNever;
    const isa::ComputeTile& tile = compute_of(*compute.current);
    const std::uint64_t words = words_per_vector(tile);
    const bool between_vectors = compute.words_left == words;
    if (has_results(*compute.current) || activation_port_.contended() || !between_vectors ||
        words > activation_port_.max_words()) {
        return next;
    }
    compute.steady = true;
    return now +
           Cycles(compute.cooldown + std::uint64_t{compute.vectors_left} * tile.cycles_per_vector);
}

Cycles MacArray::plan_sleep(Cycles now) {
    const Cycles next = now + Cycles(1);
    LoadState& load = state_.load;
    const Cycles compute_wake = plan_compute_sleep(now);
    load.stall = load_stall(next);
    const bool can_start = load.current == nullptr && load.stall == EngineState::Waiting &&
                           load_source_.ready(next) != nullptr;
    if (load.stall == EngineState::Busy || can_start || filled_from_unpack_ > 0) return next;
    Cycles wake = std::min(compute_wake, load_source_.next_issue(now));
    if (paths_.from_unpack != nullptr) {
        if (paths_.from_unpack->available(next) > 0) return next;
        wake = std::min(wake, paths_.from_unpack->next_arrival(next));
    }
    if (state_.compute.drained_at > next) wake = std::min(wake, state_.compute.drained_at);
    if (load.stall != EngineState::Starved) return wake;
    const bool from_kv = install_of(*load.current).source == isa::OperandSource::Kv;
    return std::min(wake, (from_kv ? paths_.kv : paths_.weights).next_arrival(next));
}

void MacArray::settle(Cycles from, Cycles to) {
    const std::uint64_t cycles = (to - from).count();
    load_account_.stalled(state_.load.stall, cycles);
    ComputeState& compute = state_.compute;
    if (!compute.steady) {
        compute_account_.stalled(compute.stall, cycles);
        activation_account_.stalled(compute.activation_stall, cycles);
        return;
    }
    // Vectors enter in each cycle in which the cooldown has run out; the last one never does while
    // asleep.
    const isa::ComputeTile& tile = compute_of(*compute.current);
    const std::uint64_t rate = tile.cycles_per_vector;
    const std::uint64_t after_cooldown = cycles - std::min<std::uint64_t>(cycles, compute.cooldown);
    const std::uint64_t entered = ceil_div(after_cooldown, rate);
    compute.cooldown = static_cast<std::uint32_t>(compute.cooldown + entered * rate - cycles);
    compute.vectors_left -= static_cast<std::uint32_t>(entered);
    stats_.useful_macs += entered * tile.macs_per_vector;
    if (data_ != nullptr && entered > 0) data_->vectors_entered(entered, false);
    const std::uint64_t reads = words_per_vector(tile) > 0 ? entered : 0;
    activation_port_.slept_through(entered * words_per_vector(tile));
    compute_account_.busy(compute.current->op, cycles);
    activation_account_.busy(compute.current->op, reads);
    activation_account_.stalled(EngineState::Starved, cycles - reads);
}

}  // namespace lpusim
