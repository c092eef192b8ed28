#include "hw_models/data/mac_planes.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "hw_models/numerics/dot_product.h"

namespace lpusim {

namespace {

std::uint32_t operand_bytes(OperandKind kind) { return kind == OperandKind::Int8 ? 1 : 2; }

void widen(OperandKind kind, const std::vector<std::uint8_t>& bytes, std::vector<float>& out) {
    out.resize(bytes.size() / 2);
    const auto count = static_cast<std::uint32_t>(out.size());
    if (kind == OperandKind::Bf16) {
        widen_bf16(bytes.data(), count, out.data());
    } else {
        widen_fp16(bytes.data(), count, out.data());
    }
}

/// Calls use(group, begin, end) for the rows of each group of the tile.
template <class Use>
void for_each_group(const ComputeJob& job, Use use) {
    std::uint32_t begin = 0;
    for (std::size_t group = 0; group < job.group_ends.size(); ++group) {
        use(group, begin, job.group_ends[group]);
        begin = job.group_ends[group];
    }
}

}  // namespace

void MacPlanes::fill(const std::uint8_t* operands, std::uint64_t bytes) {
    shadow_.insert(shadow_.end(), operands, operands + bytes);
}

void MacPlanes::swap(LiveTile tile, const SramImage& sram) {
    const ComputeJob& job = tile.job;
    const std::uint64_t bytes =
        std::uint64_t{job.rows} * job.columns * operand_bytes(job.stationary);
    if (!shadow_complete_ || shadow_.size() != bytes) {
        program_.fault("planes are swapped with another tile than the one to compute with");
        shadow_.assign(bytes, SramImage::kUnwritten);
    }
    if (live_ != nullptr && entered_ != live_->job.vectors) {
        program_.fault("planes are swapped before all vectors have entered");
    }
    if (job.first_along_k && !job.grouped) accumulators_.assign(job.vectors, {});
    live_ = std::make_shared<const LiveTile>(std::move(tile));
    entered_ = 0;
    shadow_complete_ = false;
    std::swap(operands_, shadow_);
    shadow_.clear();
    read_activations(sram);
}

void MacPlanes::read_activations(const SramImage& sram) {
    const ComputeJob& job = live_->job;
    const std::uint64_t bytes = std::uint64_t{job.rows} * operand_bytes(job.moving);
    activations_.resize(bytes * job.vectors);
    for (std::uint32_t m = 0; m < job.vectors; ++m) {
        const Place place{job.activations.buffer, job.activations.offset + m * job.vector_stride};
        std::memcpy(activations_.data() + m * bytes, sram.at(place), bytes);
    }
    if (integers()) return;
    widen(job.stationary, operands_, real_operands_);
    widen(job.moving, activations_, real_activations_);
}

std::unique_ptr<VectorInPipe> MacPlanes::enter(bool into_pipe) {
    if (live_ == nullptr || entered_ == live_->job.vectors) {
        program_.fault("a vector enters planes that have no tile for it");
        return nullptr;
    }
    const std::uint32_t vector = entered_++;
    const ComputeJob& job = live_->job;
    // Grouped sums leave tile by tile; others stay until the last tile along K.
    PartialSums own;
    PartialSums& sums = job.grouped ? own : accumulator(vector);
    if (job.grouped) {
        const std::size_t count = job.group_ends.size() * job.columns;
        (integers() ? own.integers.resize(count) : own.reals.resize(count));
        (integers() ? own.activation_integers.resize(job.group_ends.size())
                    : own.activation_reals.resize(job.group_ends.size()));
    }
    if (integers()) {
        multiply_integers(vector, sums);
    } else {
        multiply_reals(vector, sums);
    }
    if (!into_pipe) return nullptr;
    program_.sums_left(job, vector, sums);
    auto leaving = std::make_unique<VectorInPipe>();
    leaving->tile = live_;
    leaving->vector = vector;
    leaving->sums = std::move(sums);
    return leaving;
}

PartialSums& MacPlanes::accumulator(std::uint32_t vector) {
    PartialSums& sums = accumulators_[vector];
    const ComputeJob& job = live_->job;
    if (!job.first_along_k) return sums;
    if (integers()) {
        sums.integers.assign(job.columns, 0);
        sums.activation_integers.assign(1, 0);
    } else {
        sums.reals.assign(job.columns, 0);
        sums.activation_reals.assign(1, 0);
    }
    return sums;
}

void MacPlanes::multiply_integers(std::uint32_t vector, PartialSums& sums) const {
    const ComputeJob& job = live_->job;
    const auto* activations =
        reinterpret_cast<const std::int8_t*>(activations_.data()) + std::size_t{vector} * job.rows;
    for (std::uint32_t column = 0; column < job.columns; ++column) {
        const auto* operands =
            reinterpret_cast<const std::int8_t*>(operands_.data()) + std::size_t{column} * job.rows;
        for_each_group(job, [&](std::size_t group, std::uint32_t begin, std::uint32_t end) {
            sums.integers[group * job.columns + column] +=
                dot(activations + begin, operands + begin, end - begin);
        });
    }
    for_each_group(job, [&](std::size_t group, std::uint32_t begin, std::uint32_t end) {
        sums.activation_integers[group] += sum(activations + begin, end - begin);
    });
}

void MacPlanes::multiply_reals(std::uint32_t vector, PartialSums& sums) const {
    const ComputeJob& job = live_->job;
    const float* activations = real_activations_.data() + std::size_t{vector} * job.rows;
    for (std::uint32_t column = 0; column < job.columns; ++column) {
        const float* operands = real_operands_.data() + std::size_t{column} * job.rows;
        for_each_group(job, [&](std::size_t group, std::uint32_t begin, std::uint32_t end) {
            float& total = sums.reals[group * job.columns + column];
            total = dot(activations + begin, operands + begin, end - begin, total);
        });
    }
    for_each_group(job, [&](std::size_t group, std::uint32_t begin, std::uint32_t end) {
        float& total = sums.activation_reals[group];
        total = sum(activations + begin, end - begin, total);
    });
}

}  // namespace lpusim
