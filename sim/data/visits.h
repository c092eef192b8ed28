#pragma once

#include <cstdint>
#include <vector>

#include "sim/compiler/step_plan.h"

namespace lpusim {

/// One execution of an operator, and of a matrix product one of its tiles.
struct OperatorVisit {
    std::uint64_t token = 0;
    std::uint64_t layer = 0;
    /// Of an operator that runs per head; 0 otherwise.
    std::uint64_t sequence = 0;
    std::uint64_t head = 0;
    std::uint64_t strip = 0;
    std::size_t k_tile = 0;

    bool same_step(const OperatorVisit& other) const {
        return token == other.token && layer == other.layer;
    }
};

/// A tile in its operator's matrix.
struct TilePlace {
    std::uint64_t k_begin = 0;
    std::uint32_t rows = 0;
    std::uint64_t first_column = 0;
    std::uint32_t columns = 0;
    bool first_along_k = false;
    bool last_along_k = false;
    bool last_strip = false;
};

/// The operators of a plan by number, and which of their visits is the n-th: each queue executes an
/// operator's tiles strip by strip, along K within a strip, for all heads of a sequence, all
/// sequences of a layer, all layers of a token.
class OperatorTable {
public:
    explicit OperatorTable(const StepPlan& plan);

    struct Row {
        const PlannedOperator* planned = nullptr;
        /// Visits per token: layers of a layer's operator, 1 otherwise.
        std::uint64_t layers = 1;
        /// Tiles of one visit that come over the stream, as indices into all tiles: all, but for
        /// those of the cache that hold nothing but the new token.
        std::vector<std::uint64_t> streamed;
    };
    const Row& row(std::uint16_t op) const { return rows_[op]; }
    std::size_t size() const { return rows_.size(); }
    /// The same as a number of operators: they are numbered in 16 bits.
    std::uint16_t operators() const { return static_cast<std::uint16_t>(rows_.size()); }
    const PlannedOperator& named(const std::string& name) const;

    OperatorVisit visit(std::uint16_t op, std::uint64_t n) const;
    OperatorVisit streamed_visit(std::uint16_t op, std::uint64_t n) const;
    TilePlace place(std::uint16_t op, const OperatorVisit& visit) const;

private:
    OperatorVisit visit_of(const Row& row, std::uint64_t visit) const;

    const StepPlan& plan_;
    std::vector<Row> rows_;
};

}  // namespace lpusim
