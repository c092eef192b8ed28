#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hw_models/data/jobs.h"
#include "hw_models/isa/instruction.h"

namespace lpusim {

/// The partial sums of one vector in one tile: groups one after the other, a sum per column each.
/// INT8 operands add up in `integers`, others in `reals`.
struct PartialSums {
    std::vector<std::int32_t> integers;
    std::vector<float> reals;
    /// Sums of the activations that were multiplied, per group: for the zero points.
    std::vector<std::int32_t> activation_integers;
    std::vector<float> activation_reals;
};

/// What the data plane needs to know beside the program: where the data of each executed
/// instruction is, asked for in the order of execution, queue by queue. It hears of results.
class DataProgram {
public:
    DataProgram() = default;
    DataProgram(const DataProgram&) = delete;
    DataProgram& operator=(const DataProgram&) = delete;
    virtual ~DataProgram() = default;

    virtual TransferJob transfer(const isa::Instruction& instruction) = 0;
    virtual ReadJob read(const isa::Instruction& instruction) = 0;
    virtual UnpackJob unpack(const isa::Instruction& instruction) = 0;
    virtual ComputeJob compute(const isa::Instruction& instruction) = 0;
    virtual VectorJob vector(const isa::Instruction& instruction) = 0;

    /// Partial sums have left the accumulators.
    virtual void sums_left(const ComputeJob& job, std::uint32_t vector,
                           const PartialSums& sums) = 0;
    /// All results of this last tile along K are in SRAM.
    virtual void results_written(const ComputeJob& job) = 0;
    virtual void vector_done(const VectorJob& job) = 0;
    /// The whole of a transfer is where it belongs.
    virtual void transferred(const isa::Instruction& instruction, const TransferJob& job) = 0;
    /// Something that no machine could do: bytes that are not there, a symbol without meaning.
    virtual void fault(const std::string& what) = 0;
};

}  // namespace lpusim
