#pragma once

#include <array>
#include <map>
#include <memory>
#include <vector>

#include "hw_models/data/data_program.h"
#include "sim/data/machine_layout.h"
#include "sim/data/step_observer.h"
#include "sim/data/vector_jobs.h"

namespace lpusim {

/// The data of a compiled model: says for each executed instruction where its data is, counting
/// each operator's instructions queue by queue.
class MachineData : public DataProgram {
public:
    MachineData(const StepPlan& plan, const SramPlan& sram, const OperatorTable& table,
                const ModelData& data, StepObserver& observer);

    SramImage& sram() { return image_; }
    const MachineLayout& layout() const { return layout_; }

    TransferJob transfer(const isa::Instruction& instruction) override;
    ReadJob read(const isa::Instruction& instruction) override;
    UnpackJob unpack(const isa::Instruction& instruction) override;
    ComputeJob compute(const isa::Instruction& instruction) override;
    VectorJob vector(const isa::Instruction& instruction) override;
    void sums_left(const ComputeJob& job, std::uint32_t vector, const PartialSums& sums) override;
    void results_written(const ComputeJob& job) override;
    void vector_done(const VectorJob& job) override;
    void transferred(const isa::Instruction& instruction, const TransferJob& job) override;
    void fault(const std::string& what) override { observer_.fault(what); }

private:
    /// What is counted apart.
    enum class Use : std::uint8_t { Transfer, Read, Unpack, Compute, Vector };
    static constexpr std::size_t kUses = 5;
    std::uint64_t next(Use use, std::uint16_t op) {
        return counts_[static_cast<std::size_t>(use)][op]++;
    }
    std::uint64_t tag_of(std::uint16_t op, std::uint64_t n) const { return n * table_.size() + op; }
    std::uint16_t op_of(std::uint64_t tag) const {
        return static_cast<std::uint16_t>(tag % table_.size());
    }
    OperatorVisit visit_of(std::uint64_t tag) const {
        return table_.visit(op_of(tag), tag / table_.size());
    }

    TransferJob embedding_transfer(std::uint64_t token);
    std::vector<std::uint64_t> choose_tokens(std::uint64_t token);
    std::vector<std::uint8_t> cached_tile(std::uint16_t op, const OperatorVisit& visit) const;
    ReadJob read_weights(std::uint16_t op, const OperatorVisit& visit);
    ReadJob read_cache(std::uint16_t op, const OperatorVisit& visit);
    Place cached_column(std::uint16_t op, const OperatorVisit& visit, const TilePlace& tile,
                        std::uint64_t column, Place slot) const;
    void place_weights(std::uint16_t op, const OperatorVisit& visit, ComputeJob& job) const;
    void place_cache(std::uint16_t op, const OperatorVisit& visit, ComputeJob& job) const;

    const StepPlan& plan_;
    const OperatorTable& table_;
    const ModelData& data_;
    StepObserver& observer_;
    SramImage image_;
    MachineLayout layout_;
    VectorJobs vectors_;
    std::array<std::vector<std::uint64_t>, kUses> counts_;
    std::uint64_t weight_tiles_streamed_ = 0, weight_tiles_read_ = 0;
    std::uint64_t cache_tiles_streamed_ = 0, cache_tiles_read_ = 0;
    /// Memory behind the write-back, per layer.
    std::vector<std::vector<std::uint8_t>> appended_;
    std::map<const std::uint8_t*, OperatorVisit> write_backs_;
};

}  // namespace lpusim
