#pragma once

#include <cstdint>
#include <memory>

#include "hw_models/chip/chip_params.h"
#include "hw_models/data/data_path.h"
#include "hw_models/numerics/number_format.h"
#include "sim/config/hardware_config.h"
#include "sim/data/tensor_source.h"
#include "sim/result/result.h"
#include "sim/workload/model.h"
#include "sim/workload/scenario.h"

namespace lpusim {

/// A point's data: weights, made up or a file's, are quantised and packed, a machine carries them,
/// and every result is compared (docs/data.md).
class DataRun {
public:
    /// What a point's packed weights and its largest matrix in FP32 may take.
    static constexpr std::uint64_t kMostBytes = 8'000'000'000;

    /// Throws CompileError for a point that does not compile, or takes more than that, and
    /// FileError and WeightError for weights that cannot be carried.
    DataRun(const ChipParams& chip, Placement placement, const Model& model,
            const NumberFormat& format, const Scenario& scenario, const DataWeights& weights = {});
    ~DataRun();
    DataRun(const DataRun&) = delete;
    DataRun& operator=(const DataRun&) = delete;

    /// For the machine that runs the compiled program.
    DataPath& path();
    /// What has been compared so far.
    DataCheck result() const;
    /// The first mismatches, in words; empty when all is well.
    std::string complaint() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// Throws CompileError for a point whose data would take more than DataRun::kMostBytes, and what
/// DataRun throws for a file that is not of this model.
void require_data_fits(const ChipParams& chip, const Model& model, const NumberFormat& format,
                       const Scenario& scenario, const DataWeights& weights = {});

}  // namespace lpusim
