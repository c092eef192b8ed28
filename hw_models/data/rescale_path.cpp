#include "hw_models/data/rescale_path.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "hw_models/numerics/dot_product.h"

namespace lpusim {

void RescalePath::rescale(const SramImage& sram) {
    if (in_pipe_.empty()) {
        program_.fault("a vector is rescaled that has not come through the array");
        return;
    }
    const std::unique_ptr<VectorInPipe> vector = std::move(in_pipe_.front());
    in_pipe_.pop_front();
    const ComputeJob& job = vector->tile->job;
    if (totals_.size() <= vector->vector) totals_.resize(vector->vector + 1);
    std::vector<float>& totals = totals_[vector->vector];
    if (job.first_along_k || !job.grouped) totals.assign(job.columns, 0);
    for (std::size_t group = 0; group < job.group_ends.size(); ++group) {
        add_group(*vector, group, totals);
    }
    if (job.last_along_k) finish(*vector, totals, sram);
}

void RescalePath::add_group(const VectorInPipe& vector, std::size_t group,
                            std::vector<float>& totals) const {
    const ComputeJob& job = vector.tile->job;
    const PartialSums& sums = vector.sums;
    const bool integers = !sums.integers.empty();
    const float activations = integers ? static_cast<float>(sums.activation_integers[group])
                                       : sums.activation_reals[group];
    const GroupFactors* factors =
        job.constant_scale ? nullptr : vector.tile->factors.data() + group * job.columns;
    for (std::uint32_t column = 0; column < job.columns; ++column) {
        const std::size_t i = group * job.columns + column;
        const float sum = integers ? static_cast<float>(sums.integers[i]) : sums.reals[i];
        const GroupFactors f =
            factors != nullptr ? factors[column] : GroupFactors{*job.constant_scale, 0};
        totals[column] += f.scale * (sum - f.zero * activations);
    }
}

void RescalePath::finish(const VectorInPipe& vector, const std::vector<float>& totals,
                         const SramImage& sram) {
    const ComputeJob& job = vector.tile->job;
    const float scale = vector.tile->activation_scales[vector.vector];
    Result result{vector.tile, vector.vector, std::vector<std::uint8_t>(2 * totals.size())};
    for (std::size_t column = 0; column < totals.size(); ++column) {
        float value = totals[column] * scale;
        if (job.bias) {
            std::uint16_t bias = 0;
            std::memcpy(&bias, sram.at({job.bias->buffer, job.bias->offset + 2 * column}), 2);
            value += from_fp16(bias);
        }
        const std::uint16_t half = to_fp16(value);
        std::memcpy(result.bytes.data() + 2 * column, &half, sizeof half);
    }
    results_.push_back(std::move(result));
}

void RescalePath::write(std::uint64_t begin, std::uint64_t end, SramImage& sram) {
    if (results_.empty()) {
        program_.fault("a result is written that has not been computed");
        return;
    }
    const Result& result = results_.front();
    const ComputeJob& job = result.tile->job;
    const std::uint64_t used = std::min<std::uint64_t>(end, result.bytes.size());
    const Place place{job.results.buffer,
                      job.results.offset + result.vector * job.result_stride + begin};
    std::copy(result.bytes.data() + begin, result.bytes.data() + used, sram.writable(place));
    if (used < result.bytes.size()) return;
    const std::shared_ptr<const LiveTile> tile = result.tile;
    const bool last = result.vector + 1 == job.vectors;
    results_.pop_front();
    if (last) program_.results_written(tile->job);
}

}  // namespace lpusim
