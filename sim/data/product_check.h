#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "hw_models/data/data_program.h"
#include "hw_models/numerics/group_scaling.h"
#include "sim/data/check_tally.h"
#include "sim/data/visits.h"

namespace lpusim {

/// A column of a stationary matrix: operands as the array multiplies them, and the factors of its
/// groups (one: a column that is scaled as a whole).
struct StationaryColumn {
    std::vector<std::int32_t> integers;
    std::vector<float> reals;
    std::vector<GroupFactors> factors;
};

/// The partial sums that left the array for one visit of an operator: by tile and vector.
class SumLog {
public:
    void add(const OperatorVisit& visit, std::size_t k_tiles, std::uint32_t vectors,
             std::uint32_t vector, const PartialSums& sums);
    const PartialSums* find(std::uint64_t strip, std::size_t k_tile, std::size_t k_tiles,
                            std::uint32_t vectors, std::uint32_t vector) const;
    void clear() { tiles_.clear(); }

private:
    std::vector<PartialSums> tiles_;
};

/// A matrix product, computed straight from its definition and compared with what the machine made
/// of it: partial sums bit by bit, results within the rounding that is allowed.
struct ProductCheck {
    std::string name;
    const Tiling* tiling = nullptr;
    /// Weights that share factors along K; 0: whole columns.
    std::uint64_t group_size = 0;
    /// Activations: vector after vector, K each; one of the two.
    std::vector<std::int32_t> integers;
    std::vector<float> reals;
    /// Scale of each vector.
    std::vector<float> scales;
    /// Fills the column; called from several threads.
    std::function<void(std::uint64_t n, StationaryColumn& column)> column;
    /// One per column, or empty.
    std::vector<float> bias;
    /// The machine's results, FP16: vector m, column n at m * N + n.
    const std::uint8_t* results = nullptr;
    const SumLog* sums = nullptr;

    CheckTally run() const;

private:
    struct Segment {
        std::uint64_t begin = 0;
        std::uint64_t end = 0;
        std::uint64_t group = 0;
        /// The tile with which its sum leaves the array, and which of the tile's sums it is.
        std::size_t k_tile = 0;
        std::size_t index = 0;
    };
    std::vector<Segment> cut() const;
    /// Of the activations: vector after vector, a sum per segment.
    std::vector<double> activation_sums(const std::vector<Segment>& segments) const;
    void check_column(std::uint64_t n, const StationaryColumn& stationary,
                      const std::vector<Segment>& segments, const std::vector<double>& activations,
                      CheckTally& tally) const;
    bool equal_sum(const Segment& segment, std::uint64_t n, std::uint32_t m, std::int32_t integer,
                   float real) const;
};

}  // namespace lpusim
