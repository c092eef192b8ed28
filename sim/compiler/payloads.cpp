#include "sim/compiler/payloads.h"

#include <stdexcept>

namespace lpusim {

namespace {

isa::VectorClass class_of(VectorKind kind) {
    switch (kind) {
        case VectorKind::Norm:
            return isa::VectorClass::Norm;
        case VectorKind::Rope:
            return isa::VectorClass::Rope;
        case VectorKind::Softmax:
            return isa::VectorClass::Softmax;
        case VectorKind::Activation:
            return isa::VectorClass::Activation;
        case VectorKind::Residual:
            return isa::VectorClass::Residual;
        case VectorKind::Quantize:
            return isa::VectorClass::Quantize;
        case VectorKind::Copy:
            return isa::VectorClass::Copy;
    }
    throw std::logic_error("unknown kind of vector operation");
}

std::uint32_t passes_of(const VectorWork& work, const VectorUnitParams& vector_unit) {
    return vector_unit.of(class_of(work.kind)).passes;
}

}  // namespace

isa::StreamTransfer transfer(isa::Traffic traffic, Bytes payload,
                             const WeightStreamParams& stream) {
    const Bytes total(round_up(payload.count(), stream.burst.count()));
    return {traffic, payload, total - payload};
}

Bytes packed_bytes(const TileSite& site, const StepPlan& plan) {
    return plan.layout_of(site.tile).tile_bytes(site.columns);
}

Bytes cached_bytes(const TileSite& site) {
    const MatMul& matmul = site.tiling.matmul;
    std::uint64_t rows = site.tile.rows;
    std::uint64_t columns = site.columns;
    if (matmul.stationary == Stationary::Key && site.last_strip) --columns;
    if (matmul.stationary == Stationary::Value && site.last_along_k) --rows;
    return Bytes(rows * columns * matmul.operand_bytes);
}

isa::UnpackTile unpack_tile(const TileSite& site) {
    return {site.tile.layout, site.columns, site.tiling.matmul.operand_bytes};
}

isa::InstallTile install_weights(const TileSite& site, const StepPlan& plan,
                                 UnpackPosition position) {
    const bool packed = position == UnpackPosition::InsideArray;
    const Bytes port = packed ? packed_bytes(site, plan) : site.operand_bytes();
    return {isa::OperandSource::Weights, port, site.operand_bytes()};
}

isa::InstallTile install_cache(const TileSite& site) {
    return {isa::OperandSource::Kv, site.operand_bytes(), site.operand_bytes()};
}

isa::ComputeTile compute_tile(const TileSite& site, const MacArrayParams& array) {
    const MatMul& matmul = site.tiling.matmul;
    isa::ComputeTile compute;
    compute.vectors = matmul.m;
    compute.cycles_per_vector = cycles_per_vector(matmul, array);
    compute.activation_bytes = Bytes(std::uint64_t{site.tile.rows} * matmul.operand_bytes);
    compute.rescales_per_vector = std::uint64_t{site.tile.rescales} * site.columns;
    if (site.last_along_k) compute.result_bytes = result_bytes(site.columns);
    compute.macs_per_vector = site.operands();
    return compute;
}

std::uint32_t cycles_per_vector(const MatMul& matmul, const MacArrayParams& array) {
    return matmul.operand_bytes == 2 ? array.fp16_cycles_per_vector : 1;
}

Bytes result_bytes(std::uint64_t columns) { return Bytes(2 * columns); }

isa::VectorOp vector_op(const VectorWork& work, const VectorUnitParams& vector_unit) {
    const Bytes read = work.read_once + work.read_per_pass * passes_of(work, vector_unit);
    return {class_of(work.kind), work.elements, read, work.written};
}

Cycles vector_beats(const VectorWork& work, const VectorUnitParams& vector_unit) {
    return Cycles(ceil_div(work.elements, vector_unit.lanes) * passes_of(work, vector_unit));
}

}  // namespace lpusim
