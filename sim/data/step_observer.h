#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hw_models/data/data_program.h"
#include "sim/data/visits.h"

namespace lpusim {

/// Hears of what a machine with data has computed.
class StepObserver {
public:
    StepObserver() = default;
    StepObserver(const StepObserver&) = delete;
    StepObserver& operator=(const StepObserver&) = delete;
    virtual ~StepObserver() = default;

    /// A step begins with these tokens, one per sequence.
    virtual void tokens_chosen(std::uint64_t token, const std::vector<std::uint64_t>& ids) = 0;
    /// Partial sums of row `vector` of a tile.
    virtual void sums(std::uint16_t op, const OperatorVisit& visit, std::uint32_t vector,
                      const PartialSums& sums) = 0;
    /// An operator's whole result is in SRAM (of one that runs per head: this head's).
    virtual void completed(std::uint16_t op, const OperatorVisit& visit) = 0;
    /// New K and V of a layer are in memory.
    virtual void written_back(const OperatorVisit& visit,
                              const std::vector<std::uint8_t>& bytes) = 0;
    virtual void fault(const std::string& what) = 0;
};

}  // namespace lpusim
