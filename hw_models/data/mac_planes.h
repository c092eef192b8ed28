#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "hw_models/data/data_program.h"
#include "hw_models/data/weight_expander.h"

namespace lpusim {

/// A tile in the live planes, and what its vectors need on their way out.
struct LiveTile {
    ComputeJob job;
    TileFactors factors;
    /// FP32 scale of each vector.
    std::vector<float> activation_scales;
};

/// A vector in the result pipe.
struct VectorInPipe {
    std::shared_ptr<const LiveTile> tile;
    std::uint32_t vector = 0;
    PartialSums sums;
};

/// The array's data: a shadow and a live tile of operands, column after column, and accumulators.
class MacPlanes {
public:
    explicit MacPlanes(DataProgram& program) : program_(program) {}

    /// Operand bytes come into the shadow planes.
    void fill(const std::uint8_t* operands, std::uint64_t bytes);
    void complete_shadow() { shadow_complete_ = true; }

    /// The shadow tile becomes the live one; the activations of all its vectors are read.
    void swap(LiveTile tile, const SramImage& sram);
    /// The next vector enters. Returns it if its sums leave the accumulators.
    std::unique_ptr<VectorInPipe> enter(bool into_pipe);

private:
    void read_activations(const SramImage& sram);
    void multiply_integers(std::uint32_t vector, PartialSums& sums) const;
    void multiply_reals(std::uint32_t vector, PartialSums& sums) const;
    PartialSums& accumulator(std::uint32_t vector);
    bool integers() const { return live_->job.moving == OperandKind::Int8; }

    DataProgram& program_;
    std::vector<std::uint8_t> shadow_;
    bool shadow_complete_ = false;
    std::shared_ptr<const LiveTile> live_;
    std::uint32_t entered_ = 0;
    /// Live operands and activations; those of two bytes widened to FP32, which is exact.
    std::vector<std::uint8_t> operands_;
    std::vector<float> real_operands_;
    std::vector<std::uint8_t> activations_;
    std::vector<float> real_activations_;
    /// Per vector, over the tiles along K of formats that have one scale per column.
    std::vector<PartialSums> accumulators_;
};

}  // namespace lpusim
