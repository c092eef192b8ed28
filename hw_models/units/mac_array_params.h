#pragma once

#include "hw_models/core/quantities.h"

namespace lpusim {

struct MacArrayParams {
    std::uint32_t planes = 1;
    /// K extent of one plane.
    std::uint32_t rows = 1;
    /// N extent of one plane.
    std::uint32_t cols = 1;
    /// Partial sums can leave a column every tap_rows rows; 0: only at its end.
    std::uint32_t tap_rows = 0;
    /// Bytes that cross the load port per cycle, over all planes.
    Bytes load_bytes{1};
    /// Whether a shadow plane is filled while the live one computes.
    bool double_buffering = true;
    std::uint32_t accumulator_bits = 32;
    /// Activation vectors whose partial sums the accumulators hold.
    std::uint32_t accumulator_vectors = 1;
    /// Cycles between two FP16 activation vectors; INT8 vectors enter one per cycle.
    std::uint32_t fp16_cycles_per_vector = 4;

    std::uint64_t tile_columns() const { return std::uint64_t{planes} * cols; }
    /// Fill and drain of a weight-stationary systolic array: a vector's last partial sum leaves
    /// this many cycles after it entered (rows + cols - 1: row skew, then column skew; Samajdar et
    /// al., SCALE-Sim, 2018, sec. III).
    Cycles pipeline() const { return Cycles(std::uint64_t{rows} + cols - 1); }
};

}  // namespace lpusim
