#pragma once

#include <cstdint>
#include <vector>

#include "hw_models/data/jobs.h"
#include "sim/data/machine_layout.h"

namespace lpusim {

/// The vector unit's operations on the data of a step.
class VectorJobs {
public:
    VectorJobs(const StepPlan& plan, const OperatorTable& table, const ModelData& data,
               const MachineLayout& layout)
        : plan_(plan), table_(table), data_(data), layout_(layout) {}

    using Run = std::function<std::vector<VectorJob::Result>(const SramImage&)>;

    /// `tokens`: per sequence, what the embedding looks up where tables are resident.
    Run run(std::uint16_t op, const OperatorVisit& visit, std::vector<std::uint64_t> tokens) const;

private:
    using Results = std::vector<VectorJob::Result>;

    Results embed(const SramImage& sram, const std::vector<std::uint64_t>& tokens) const;
    Results norm(const SramImage& sram, const PlannedOperator& planned,
                 const OperatorVisit& visit) const;
    Results rope(const SramImage& sram, const PlannedOperator& planned) const;
    Results quantize(const SramImage& sram, const PlannedOperator& planned) const;
    Results append(const SramImage& sram, const PlannedOperator& planned,
                   const OperatorVisit& visit) const;
    Results softmax(const SramImage& sram, const PlannedOperator& planned,
                    const OperatorVisit& visit) const;
    Results activation(const SramImage& sram, const PlannedOperator& planned) const;
    Results residual(const SramImage& sram, const PlannedOperator& planned) const;

    std::uint16_t input(const PlannedOperator& planned, std::size_t index) const;
    std::vector<float> halves(const SramImage& sram, Place place, std::uint64_t count) const;
    std::vector<float> input_row(const SramImage& sram, const PlannedOperator& planned,
                                 std::size_t index) const;

    const StepPlan& plan_;
    const OperatorTable& table_;
    const ModelData& data_;
    const MachineLayout& layout_;
};

/// FP16 bytes of FP32 numbers, rounded.
std::vector<std::uint8_t> half_bytes(const std::vector<float>& numbers);

}  // namespace lpusim
