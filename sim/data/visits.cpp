#include "sim/data/visits.h"

#include <algorithm>
#include <stdexcept>

#include "sim/compiler/payloads.h"

namespace lpusim {

namespace {

TileSite site_at(const Tiling& tiling, std::uint64_t strip, std::size_t k_tile) {
    const bool last_strip = strip + 1 == tiling.strips;
    return {tiling, tiling.k_tiles[k_tile], last_strip ? tiling.last_columns : tiling.strip_columns,
            k_tile + 1 == tiling.k_tiles.size(), last_strip};
}

}  // namespace

OperatorTable::OperatorTable(const StepPlan& plan) : plan_(plan) {
    const auto add = [&](const Section& section, std::uint64_t layers) {
        for (const PlannedOperator& planned : section) {
            Row row{&planned, layers, {}};
            const Tiling& tiling = planned.tiling;
            for (std::uint64_t i = 0; planned.op.matmul() != nullptr && i < tiling.tiles(); ++i) {
                const std::size_t along_k = tiling.k_tiles.size();
                const TileSite site = site_at(tiling, i / along_k, i % along_k);
                if (planned.uses_weights() || cached_bytes(site) > Bytes(0)) {
                    row.streamed.push_back(i);
                }
            }
            rows_.push_back(std::move(row));
        }
    };
    add(plan.prologue, 1);
    add(plan.layer, plan.layers);
    add(plan.epilogue, 1);
}

const PlannedOperator& OperatorTable::named(const std::string& name) const {
    for (const Row& row : rows_) {
        if (row.planned->op.name == name) return *row.planned;
    }
    throw std::logic_error("no operator " + name);
}

OperatorVisit OperatorTable::visit_of(const Row& row, std::uint64_t visit) const {
    OperatorVisit result;
    if (row.planned->op.per_head) {
        result.head = visit % plan_.kv_heads;
        visit /= plan_.kv_heads;
        result.sequence = visit % plan_.sequences;
        visit /= plan_.sequences;
    }
    result.layer = visit % row.layers;
    result.token = visit / row.layers;
    return result;
}

OperatorVisit OperatorTable::visit(std::uint16_t op, std::uint64_t n) const {
    const Row& row = rows_[op];
    if (row.planned->op.matmul() == nullptr) return visit_of(row, n);
    const Tiling& tiling = row.planned->tiling;
    OperatorVisit result = visit_of(row, n / tiling.tiles());
    const std::uint64_t tile = n % tiling.tiles();
    result.strip = tile / tiling.k_tiles.size();
    result.k_tile = tile % tiling.k_tiles.size();
    return result;
}

OperatorVisit OperatorTable::streamed_visit(std::uint16_t op, std::uint64_t n) const {
    const Row& row = rows_[op];
    const std::uint64_t per_visit = row.streamed.size();
    const std::uint64_t tile = row.streamed[n % per_visit];
    return visit(op, n / per_visit * row.planned->tiling.tiles() + tile);
}

TilePlace OperatorTable::place(std::uint16_t op, const OperatorVisit& visit) const {
    const Tiling& tiling = rows_[op].planned->tiling;
    TilePlace place;
    for (std::size_t i = 0; i < visit.k_tile; ++i) place.k_begin += tiling.k_tiles[i].rows;
    const TileSite site = site_at(tiling, visit.strip, visit.k_tile);
    place.rows = site.tile.rows;
    place.first_column = visit.strip * tiling.strip_columns;
    place.columns = site.columns;
    place.first_along_k = visit.k_tile == 0;
    place.last_along_k = site.last_along_k;
    place.last_strip = site.last_strip;
    return place;
}

}  // namespace lpusim
