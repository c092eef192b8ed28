// Relative RMSE of Gaussian weights, columns of 8192: the quantiser against the figures of the
// issue, and against an independent computation from the definitions, in FP64, without scales that
// are stored, codes or bytes.

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "sim/quantize/synthetic_weights.h"
#include "tests/quantize/quantize_support.h"

namespace lpusim {
namespace {

constexpr std::uint64_t kRows = 8192;
constexpr std::uint64_t kColumns = 192;

struct Case {
    const char* name;
    NumberFormat format;
    /// Levels of the weights, in turn, between the ends of the range.
    std::vector<int> levels;
    bool symmetric;
    std::uint64_t group;
    double published_percent;

    friend std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }
};

/// Root of the mean squared error over that of the weights, in percent.
double straight_line_percent(const Case& c, const WeightSource& source) {
    double squared_error = 0;
    double squared_weight = 0;
    std::vector<float> column;
    for (std::uint64_t n = 0; n < source.n(); ++n) {
        source.column(n, column);
        for (std::uint64_t begin = 0; begin < kRows; begin += c.group) {
            double low = 0;
            double high = 0;
            for (std::uint64_t k = begin; k < begin + c.group; ++k) {
                low = std::min(low, static_cast<double>(column[k]));
                high = std::max(high, static_cast<double>(column[k]));
            }
            if (c.symmetric) {
                high = std::max(high, -low);
                low = -high;
            }
            for (std::uint64_t k = begin; k < begin + c.group; ++k) {
                const auto weight = static_cast<double>(column[k]);
                const double step = (high - low) / (c.levels[k % c.levels.size()] - 1);
                const double restored = low + step * std::round((weight - low) / step);
                squared_error += (restored - weight) * (restored - weight);
                squared_weight += weight * weight;
            }
        }
    }
    return 100 * std::sqrt(squared_error / squared_weight);
}

class PublishedRmse : public testing::TestWithParam<Case> {};

TEST_P(PublishedRmse, IsReproduced) {
    const SyntheticWeights source(Distribution::Gaussian, kRows, kColumns, 1);
    QuantizeOptions options;
    const QuantizedTensor tensor = quantize_tensor(
        source, GetParam().format, uniform_tiling(kRows, kColumns, 320, kColumns), options);
    const double percent = 100 * tensor.error.relative_rmse();
    EXPECT_NEAR(percent, GetParam().published_percent, 0.2);
    // What rounding scales and zero points to FP16 costs.
    EXPECT_NEAR(percent, straight_line_percent(GetParam(), source), 0.02);
    EXPECT_EQ(tensor.error.clipped, 0U);
}

// 15 symmetric levels are -7 ... 7. With -8 ... 7 the figure would be about 15.3 % (scale = largest
// / 7.5) or 14.4 % (/ 8).
INSTANTIATE_TEST_SUITE_P(
    Gaussian, PublishedRmse,
    testing::Values(
        Case{"int4", scaled(fields({4}), 0, 16), {15}, true, kRows, 16.4},
        Case{"int4_asym", scaled(fields({4}), 0, 16, 16), {16}, false, kRows, 14.6},
        Case{"w3p5", scaled(fields({4, 3}), 0, 16, 16), {16, 8}, false, kRows, 24.5},
        Case{"w3p5_r11", scaled(radix({11, 11}), 0, 16, 16), {11}, false, kRows, 22.0},
        Case{"int4_g64", scaled(fields({4}), 64, 16), {15}, true, 64, 10.8},
        Case{"int4_g64_asym", scaled(fields({4}), 64, 16, 16), {16}, false, 64, 9.0},
        Case{"w3p5_g64", scaled(fields({4, 3}), 64, 16, 16), {16, 8}, false, 64, 15.0},
        Case{"w3p5_r11_g64", scaled(radix({11, 11}), 64, 16, 16), {11}, false, 64, 13.5}),
    [](const auto& instance) { return std::string(instance.param.name); });

}  // namespace
}  // namespace lpusim
