#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hw_models/data/jobs.h"
#include "sim/compiler/compiler.h"
#include "sim/data/model_data.h"

namespace lpusim {

/// INT8 elements of the cache are worth code / 16: no scale is stored with them.
inline constexpr float kCacheScale = 1.0F / 16;
/// INT8 probabilities are worth code / 127.
inline constexpr float kProbabilityScale = 1.0F / 127;

/// Which buffers SRAM has for the data of a step, and where in them things are. Slots are as many
/// as the compiler planned, and every operator's result has its place, which each layer uses anew.
class MachineLayout {
public:
    MachineLayout(const StepPlan& plan, const SramPlan& sram, const OperatorTable& table,
                  const ModelData& data, SramImage& image);

    bool weights_resident() const { return sram_.weights_resident; }
    bool cache_resident() const { return sram_.kv_resident; }

    /// The n-th weight or cache tile that is streamed.
    Place weight_slot(std::uint64_t n) const { return {weight_slots_[n % weight_slots_.size()]}; }
    Place cache_slot(std::uint64_t n) const { return {cache_slots_[n % cache_slots_.size()]}; }
    /// Resident: where a tile lies.
    Place resident_weights(std::uint16_t op, std::uint64_t layer) const {
        return {resident_weights_[op][layer]};
    }
    /// Resident cache of a head: K is context x head_dim, V is head_dim x context.
    Place cache(bool value, const OperatorVisit& visit) const;

    /// Parameters of a norm in the step of a visit.
    Place parameters(std::uint16_t norm, const OperatorVisit& visit) const;
    Place embedding() const { return {embedding_}; }
    /// New K and V of a layer's step: K of all sequences, then V.
    Place append_buffer(const OperatorVisit& visit) const;

    Place hidden() const { return {hidden_}; }
    /// What an operator writes; row m of a quantised one has its FP32 scale at scale_offset() + 4
    /// m.
    Place result(std::uint16_t op) const { return {results_[op]}; }
    std::uint64_t result_bytes(std::uint16_t op) const { return result_bytes_[op]; }
    std::uint64_t scale_offset(std::uint16_t op) const { return result_bytes_[op]; }

private:
    void add_results(const OperatorTable& table, SramImage& image);
    void add_cache(const ModelData& data, SramImage& image);
    void add_parameters(const OperatorTable& table, const ModelData& data, SramImage& image);

    const StepPlan& plan_;
    const SramPlan& sram_;
    std::vector<std::uint32_t> weight_slots_, cache_slots_, parameter_slots_, append_buffers_;
    std::vector<std::vector<std::uint32_t>> resident_weights_, resident_parameters_;
    std::vector<std::uint32_t> cache_;
    std::uint32_t embedding_ = 0;
    std::uint32_t hidden_ = 0;
    std::vector<std::uint32_t> results_;
    std::vector<std::uint64_t> result_bytes_;
    /// How many operators with parameters precede one in its section, and in all sections.
    std::vector<std::uint64_t> parameter_ordinal_;
    std::uint64_t prologue_parameters_ = 0, layer_parameters_ = 0, step_parameters_ = 0;
};

/// Elements of a head's history in the number format of the cache, as bytes.
std::vector<std::uint8_t> cache_elements(const std::vector<float>& numbers, std::uint32_t kv_bits);

}  // namespace lpusim
