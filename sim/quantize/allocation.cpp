#include "sim/quantize/allocation.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "hw_models/core/quantities.h"
#include "hw_models/numerics/mini_float.h"
#include "sim/quantize/counter_random.h"
#include "sim/quantize/parallel.h"
#include "sim/quantize/weight_range.h"

namespace lpusim {

namespace {

constexpr std::uint64_t kMetadataBits = 16;

/// Uniform levels over a range, with scale and zero point in FP16. With 4 and 3 bits over one
/// range, each has the levels that it has on the format's common grid; computed without the grid,
/// as a second way to the same errors.
class UniformCode {
public:
    UniformCode(WeightRange range, bool symmetric) : symmetric_(symmetric) {
        const double low = std::min(static_cast<double>(range.min), 0.0);
        const double high = std::max(static_cast<double>(range.max), 0.0);
        const double steps = symmetric ? 21 : 105;
        const double extent = symmetric ? static_cast<double>(range.magnitude()) : high - low;
        scale_ = rounded(extent / steps);
        if (scale_ == 0 && extent > 0) scale_ = static_cast<double>(kFp16.min());
        if (!symmetric && scale_ > 0) zero_ = rounded(std::min(-low / scale_, steps));
    }

    float restore(float weight, std::uint32_t bits) const {
        if (scale_ == 0) return 0;
        const double lowest = symmetric_ ? (bits == 4 ? -7 : -3) : 0;
        const double highest = symmetric_ ? -lowest : (bits == 4 ? 15 : 7);
        const double step = symmetric_ ? (bits == 4 ? 3 : 7) : (bits == 4 ? 7 : 15);
        const double exact = (static_cast<double>(weight) / scale_ + zero_) / step;
        const double level = std::nearbyint(std::min(std::max(exact, lowest), highest));
        return static_cast<float>(scale_ * (level * step - zero_));
    }

private:
    static double rounded(double value) {
        return static_cast<double>(kFp16.decode(kFp16.encode(value)));
    }

    bool symmetric_;
    double scale_ = 0;
    double zero_ = 0;
};

class Experiment {
public:
    Experiment(const WeightSource& source, Allocation allocation, const AllocationOptions& options)
        : source_(source),
          allocation_(allocation),
          options_(options),
          group_(options.group_size == 0 ? source.k() : options.group_size) {}

    QuantizationError run_column(std::uint64_t n, std::vector<float>& scratch) const {
        const float* weights = source_.column(n, scratch);
        std::vector<float> restored(source_.k());
        for (std::uint64_t begin = 0; begin < source_.k(); begin += group_) {
            const std::uint64_t count = std::min(group_, source_.k() - begin);
            const WeightRange range = finite_range_of(weights, begin, begin + count);
            const std::vector<std::uint32_t> bits = allocate(weights + begin, count, begin, n);
            restore(weights + begin, range, bits, restored.data() + begin);
        }
        return error_of(weights, restored.data(), source_.k());
    }

private:
    std::vector<std::uint32_t> allocate(const float* weights, std::uint64_t count,
                                        std::uint64_t begin, std::uint64_t n) const {
        std::vector<std::uint32_t> bits(count, 4);
        switch (allocation_) {
            case Allocation::FourBits:
                break;
            case Allocation::Alternating:
                for (std::uint64_t i = 0; i < count; ++i) bits[i] = (begin + i) % 2 == 0 ? 4 : 3;
                break;
            case Allocation::RandomPairs:
                allocate_pairs(bits, [&](std::uint64_t i) {
                    return random_pair(options_.seed, n, begin + i)[0] % 2 == 0;
                });
                break;
            case Allocation::LargerOfPair:
                allocate_pairs(bits, [&](std::uint64_t i) {
                    return std::fabs(weights[i]) >= std::fabs(weights[i + 1]);
                });
                break;
            case Allocation::LargerOfGroup:
            case Allocation::LargerOfGroupOwnRange:
                allocate_halves(weights, bits);
                break;
        }
        return bits;
    }

    template <class FirstWins>
    static void allocate_pairs(std::vector<std::uint32_t>& bits, FirstWins first_wins) {
        for (std::uint64_t i = 0; i + 1 < bits.size(); i += 2) bits[first_wins(i) ? i + 1 : i] = 3;
    }

    /// Of equal magnitudes the first ones count as larger, so that the choice is the same
    /// everywhere.
    static void allocate_halves(const float* weights, std::vector<std::uint32_t>& bits) {
        std::vector<std::uint64_t> order(bits.size());
        std::iota(order.begin(), order.end(), std::uint64_t{0});
        std::stable_sort(order.begin(), order.end(), [weights](std::uint64_t a, std::uint64_t b) {
            return std::fabs(weights[a]) > std::fabs(weights[b]);
        });
        for (std::size_t i = (order.size() + 1) / 2; i < order.size(); ++i) bits[order[i]] = 3;
    }

    void restore(const float* weights, const WeightRange& range,
                 const std::vector<std::uint32_t>& bits, float* restored) const {
        const UniformCode shared(range, options_.symmetric);
        const bool own = allocation_ == Allocation::LargerOfGroupOwnRange;
        const UniformCode four = own ? code_of(weights, bits, 4) : shared;
        const UniformCode three = own ? code_of(weights, bits, 3) : shared;
        for (std::size_t i = 0; i < bits.size(); ++i) {
            restored[i] = (bits[i] == 4 ? four : three).restore(weights[i], bits[i]);
        }
    }

    UniformCode code_of(const float* weights, const std::vector<std::uint32_t>& bits,
                        std::uint32_t wanted) const {
        std::vector<float> half;
        for (std::size_t i = 0; i < bits.size(); ++i) {
            if (bits[i] == wanted) half.push_back(weights[i]);
        }
        if (half.empty()) half.push_back(0);
        return {range_of(half.data(), half.size()), options_.symmetric};
    }

    const WeightSource& source_;
    Allocation allocation_;
    const AllocationOptions& options_;
    std::uint64_t group_;
};

/// Weights of a column with 3 bits: half of what a range covers, the smaller half of odd ones.
std::uint64_t narrow_weights(Allocation allocation, std::uint64_t k, std::uint64_t group) {
    if (allocation == Allocation::FourBits) return 0;
    if (allocation == Allocation::Alternating) return k / 2;
    return k / group * (group / 2) + k % group / 2;
}

/// Of a column: one bit per pair, or per weight.
std::uint64_t map_bits(Allocation allocation, std::uint64_t k, std::uint64_t narrow) {
    switch (allocation) {
        case Allocation::FourBits:
        case Allocation::Alternating:
            return 0;
        case Allocation::RandomPairs:
        case Allocation::LargerOfPair:
            return narrow;
        case Allocation::LargerOfGroup:
        case Allocation::LargerOfGroupOwnRange:
            break;
    }
    return k;
}

}  // namespace

const char* name_of(Allocation allocation) {
    switch (allocation) {
        case Allocation::FourBits:
            return "all 4 bits";
        case Allocation::Alternating:
            return "alternating";
        case Allocation::RandomPairs:
            return "random";
        case Allocation::LargerOfPair:
            return "larger of each pair";
        case Allocation::LargerOfGroup:
            return "larger half of the group";
        case Allocation::LargerOfGroupOwnRange:
            break;
    }
    return "larger half of the group, own ranges";
}

AllocationResult try_allocation(const WeightSource& source, Allocation allocation,
                                const AllocationOptions& options) {
    const Experiment experiment(source, allocation, options);
    std::vector<QuantizationError> errors(source.n());
    parallel_blocks(source.n(), 16, options.threads, [&](std::uint64_t begin, std::uint64_t end) {
        std::vector<float> scratch;
        for (std::uint64_t n = begin; n < end; ++n) {
            on_column(source, n, [&] { errors[n] = experiment.run_column(n, scratch); });
        }
    });

    AllocationResult result;
    for (const QuantizationError& error : errors) result.error += error;
    const std::uint64_t k = source.k();
    if (k == 0) return result;
    const std::uint64_t group = options.group_size == 0 ? k : options.group_size;
    const std::uint64_t narrow = narrow_weights(allocation, k, group);
    const std::uint64_t ranges = allocation == Allocation::LargerOfGroupOwnRange ? 2 : 1;
    const std::uint64_t metadata = kMetadataBits * (options.symmetric ? 1 : 2);
    const auto weights = static_cast<double>(k);
    result.code_bits = static_cast<double>(4 * k - narrow) / weights;
    result.map_bits = static_cast<double>(map_bits(allocation, k, narrow)) / weights;
    result.scale_bits = static_cast<double>(ranges * ceil_div(k, group) * metadata) / weights;
    return result;
}

}  // namespace lpusim
