#include "sim/quantize/format_quality.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "sim/quantize/tensor_quantizer.h"
#include "tests/quantize/quantize_support.h"

namespace lpusim {
namespace {

TEST(FormatQuality, NamesItsSample) {
    const FormatQuality quality = format_quality(scaled(fields({4}), 64, 16));
    EXPECT_EQ(quality.source, "gaussian 8192x32, seed 12");
    EXPECT_EQ(quality.weights, 8192U * 32);
    EXPECT_EQ(standard_sample().matrices.size(), 1U);
}

TEST(FormatQuality, IsTheQuantisersErrorOverAllMatrices) {
    // Errors by hand: one scale per column, 3-bit symmetric codes -3 ... 3.
    const WeightMatrix first("first", 2, 1, {3.0F, 1.25F});    // scale 1: error 0.25
    const WeightMatrix second("second", 2, 1, {6.0F, -1.0F});  // scale 2: -0.5 is a tie, to 0
    std::vector<std::uint64_t> done;
    const FormatQuality quality =
        format_quality(scaled(fields({3}), 0, 16), {"by hand", {&first, &second}},
                       [&](std::uint64_t weights) { done.push_back(weights); });
    EXPECT_EQ(quality.source, "by hand");
    EXPECT_EQ(quality.weights, 4U);
    EXPECT_EQ(quality.max_error, 1.0);
    EXPECT_DOUBLE_EQ(quality.rmse, std::sqrt((0.0625 + 1) / 4));
    EXPECT_DOUBLE_EQ(quality.relative_rmse, std::sqrt((0.0625 + 1) / (9 + 1.5625 + 36 + 1)));
    EXPECT_EQ(done, (std::vector<std::uint64_t>{2, 4}));
}

TEST(FormatQuality, ReportsWeightsThatAreNone) {
    const WeightMatrix bad("bad", 1, 1, {std::numeric_limits<float>::infinity()});
    EXPECT_THROW(format_quality(scaled(fields({4}), 0, 16), {"bad", {&bad}}), WeightError);
}

}  // namespace
}  // namespace lpusim
