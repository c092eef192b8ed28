#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "hw_models/data/mac_planes.h"

namespace lpusim {

/// The rescaler's data: partial sums become results.
///
/// Per column, in FP32 with each operation rounded: total += scale * (sum - zero * activation_sum)
/// for group after group; the result is total * activation_scale + bias, rounded to FP16.
class RescalePath {
public:
    explicit RescalePath(DataProgram& program) : program_(program) {}

    void take(std::unique_ptr<VectorInPipe> vector) { in_pipe_.push_back(std::move(vector)); }
    /// The oldest vector in the pipe.
    void rescale(const SramImage& sram);
    /// Bytes [begin, end) of the oldest result.
    void write(std::uint64_t begin, std::uint64_t end, SramImage& sram);

private:
    struct Result {
        std::shared_ptr<const LiveTile> tile;
        std::uint32_t vector = 0;
        std::vector<std::uint8_t> bytes;
    };
    void add_group(const VectorInPipe& vector, std::size_t group, std::vector<float>& totals) const;
    void finish(const VectorInPipe& vector, const std::vector<float>& totals,
                const SramImage& sram);

    DataProgram& program_;
    std::deque<std::unique_ptr<VectorInPipe>> in_pipe_;
    /// Per vector, a total per column.
    std::vector<std::vector<float>> totals_;
    std::deque<Result> results_;
};

}  // namespace lpusim
