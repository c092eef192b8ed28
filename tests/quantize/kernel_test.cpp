// The loops over weights, against the plain definitions.

#include <algorithm>
#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "hw_models/numerics/float_bits.h"
#include "sim/quantize/code_kernels.h"
#include "sim/quantize/counter_random.h"
#include "sim/quantize/parallel.h"
#include "sim/quantize/weight_decode.h"
#include "sim/quantize/weight_range.h"
#include "sim/quantize/weight_source.h"
#include "tests/quantize/quantize_support.h"

namespace lpusim {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// Floats of all magnitudes, and many near 1.
std::vector<float> many_floats(std::uint64_t seed, std::size_t count, bool all_magnitudes) {
    std::vector<float> values;
    for (std::uint64_t i = 0; values.size() < count; ++i) {
        const auto random = random_pair(seed, 0, i);
        const float value = all_magnitudes
                                ? float_of_bits(static_cast<std::uint32_t>(random[0]))
                                : static_cast<float>(normal_quantile(unit_interval(random[0])));
        if (std::isfinite(value)) values.push_back(value);
    }
    return values;
}

// --- Codes

class EachCode : public testing::TestWithParam<NamedFormat> {};
INSTANTIATE_TEST_SUITE_P(All, EachCode, testing::ValuesIn(all_formats()),
                         [](const auto& instance) { return instance.param.name; });

/// What a code of a place is worth.
float value_of(const NumberFormat& format, const WeightCodes& codes, std::size_t place,
               std::uint32_t code, GroupFactors factors) {
    const float operand = format.operand_bytes == 1
                              ? static_cast<float>(codes.int8_operand(place, code))
                              : codes.value_of_float_operand(codes.float_operand(place, code));
    return factors.scale * (operand - factors.zero);
}

TEST_P(EachCode, IsTheNearestOneThatAQuantiserMayUse) {
    const NumberFormat& format = GetParam().format;
    if (format.operand_bytes == 2) return;  // Below.
    const WeightCodes codes(format);
    const CodeKernel kernel(codes);
    const bool symmetric = format.zero_point_bits == 0;
    const GroupFactors factors{
        0.125F, symmetric ? 0.0F : 0.4F * codes.span() - static_cast<float>(codes.offset())};
    CodeKernel::Factors all{};
    kernel.fill(all, 0, CodeKernel::kMaxWeights, factors, CodeKernel::Use::Both);
    std::vector<float> weights = many_floats(7, 500, false);
    for (float& weight : weights) weight *= factors.scale / codes.unit() * codes.span() / 3;
    for (std::uint32_t place = 0; place < codes.places().size(); ++place) {
        std::vector<std::uint16_t> chosen(500);
        std::vector<float> restored(500);
        kernel.quantize({weights.data(), 500, place, all}, chosen.data(), restored.data());
        for (std::uint32_t i = 0; i < 500; ++i) {
            const std::size_t at = (place + i) % codes.places().size();
            double nearest = 1e30;
            for (std::uint32_t code = 0; code < codes.places()[at].levels; ++code) {
                if (symmetric && !codes.is_float() &&
                    codes.int8_operand(at, code) <
                        codes.places()[at].lowest * codes.places()[at].step) {
                    continue;
                }
                const auto value = static_cast<double>(value_of(format, codes, at, code, factors));
                nearest = std::min(nearest, std::fabs(value - static_cast<double>(weights[i])));
            }
            const float value = value_of(format, codes, at, chosen[i], factors);
            ASSERT_EQ(restored[i], value) << i;
            ASSERT_NEAR(std::fabs(static_cast<double>(value) - static_cast<double>(weights[i])),
                        nearest, 1e-6 * static_cast<double>(codes.span()))
                << i;
        }
    }
}

TEST(CodeKernel, RoundsFloatsAsTheirDefinitionSays) {
    NumberFormat fp8 = fp16();
    fp8.code.field_bits = {8};
    NumberFormat e5m2 = fp8;
    e5m2.code.exponent_bits = 5;
    NumberFormat e3m2 = fp16();
    e3m2.code.field_bits = {6};
    e3m2.code.exponent_bits = 3;
    NumberFormat fp4 = fp16();
    fp4.code.field_bits = {4};
    for (const NumberFormat& format : {fp16(), bf16(), fp8, e5m2, e3m2, fp4}) {
        const WeightCodes codes(format);
        const CodeKernel kernel(codes);
        CodeKernel::Factors factors{};
        kernel.fill(factors, 0, CodeKernel::kMaxWeights, {1, 0}, CodeKernel::Use::Both);
        for (const bool all_magnitudes : {false, true}) {
            for (std::uint64_t seed = 0; seed < 40; ++seed) {
                const std::vector<float> weights = many_floats(seed, 512, all_magnitudes);
                std::vector<std::uint16_t> chosen(512);
                std::vector<float> restored(512);
                kernel.quantize({weights.data(), 512, 0, factors}, chosen.data(), restored.data());
                for (std::size_t i = 0; i < 512; ++i) {
                    const MiniFloat& mini = codes.float_format();
                    ASSERT_EQ(chosen[i], mini.encode(static_cast<double>(weights[i])))
                        << weights[i];
                    ASSERT_EQ(restored[i], mini.decode(chosen[i])) << weights[i];
                }
            }
        }
    }
}

TEST(CodeKernel, CountsWhatLiesBeyondHalfAStep) {
    const CodeKernel kernel{WeightCodes(scaled(fields({4}), 0, 16))};
    CodeKernel::Factors factors{};
    kernel.fill(factors, 0, CodeKernel::kMaxWeights, {1, 0}, CodeKernel::Use::Quantise);
    const std::vector<float> weights = {7, 7.5F, 7.51F, -7.5F, -7.51F, 1e38F, 0};
    std::vector<std::uint16_t> codes(7);
    EXPECT_EQ(kernel.quantize({weights.data(), 7, 0, factors}, codes.data(), nullptr), 3U);
    EXPECT_THAT(codes, testing::ElementsAre(7, 7, 7, 9, 9, 7, 0));
}

// --- Ranges

RC_GTEST_PROP(WeightRange, IsThatOfAPlainLoop, ()) {
    const auto count = *rc::gen::inRange<std::size_t>(1, 70);
    const std::vector<float> weights =
        many_floats(*rc::gen::arbitrary<std::uint64_t>(), count, true);
    const WeightRange range = range_of(weights.data(), count);
    RC_ASSERT(range.finite);
    RC_ASSERT(range.min == *std::min_element(weights.begin(), weights.end()));
    RC_ASSERT(range.max == *std::max_element(weights.begin(), weights.end()));
    const WeightRange symmetric = symmetric_range_of(weights.data(), count);
    RC_ASSERT(symmetric.finite);
    RC_ASSERT(symmetric.max == range.magnitude());
    RC_ASSERT(symmetric.min == -range.magnitude());
}

TEST(WeightRange, FindsWhatIsNotFiniteAnywhere) {
    for (const float bad : {kInfinity, -kInfinity, std::nanf(""), -std::nanf("")}) {
        for (std::size_t at = 0; at < 40; ++at) {
            std::vector<float> weights(40, at % 2 == 0 ? 1e38F : -1e38F);
            EXPECT_TRUE(range_of(weights.data(), 40).finite);
            weights[at] = bad;
            EXPECT_FALSE(range_of(weights.data(), 40).finite);
            EXPECT_FALSE(symmetric_range_of(weights.data(), 40).finite);
            for (const bool symmetric : {false, true}) {
                try {
                    finite_range_of(weights.data(), 0, 40, symmetric);
                    ADD_FAILURE();
                } catch (const NonFiniteWeight& error) {
                    EXPECT_EQ(error.k(), at);
                }
            }
        }
    }
}

// --- Stored numbers

TEST(DecodeWeights, ReadsEachHalfPrecisionNumber) {
    for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
        const std::uint8_t bytes[] = {static_cast<std::uint8_t>(bits),
                                      static_cast<std::uint8_t>(bits >> 8)};
        float half = 0;
        float brain = 0;
        decode_weights(StoredFloat::F16, bytes, 1, &half);
        decode_weights(StoredFloat::Bf16, bytes, 1, &brain);
        if (kFp16.is_finite(bits)) {
            ASSERT_EQ(float_bits(half), float_bits(kFp16.decode(bits)));
        } else {
            ASSERT_EQ(std::isnan(half), (bits & 0x3ff) != 0) << bits;
            ASSERT_EQ(std::signbit(half), bits >= 0x8000);
        }
        ASSERT_EQ(float_bits(brain), bits << 16);
    }
}

TEST(DecodeWeights, NeedsNoAlignment) {
    const std::uint8_t bytes[] = {0xff, 0x00, 0x00, 0xc0, 0x3f, 0x00, 0x00, 0x20, 0xc1};
    std::vector<float> weights(2);
    decode_weights(StoredFloat::F32, bytes + 1, 2, weights.data());
    EXPECT_THAT(weights, testing::ElementsAre(1.5F, -10.0F));
}

// --- Errors

TEST(QuantizationError, IsWhatTheFormulasSay) {
    const std::vector<float> weights = {3, -4, 0};
    const std::vector<float> restored = {3.5F, -4, -1};
    const QuantizationError error = error_of(weights.data(), restored.data(), 3);
    EXPECT_EQ(error.weights, 3U);
    EXPECT_EQ(error.mse(), 1.25 / 3);
    EXPECT_EQ(error.rmse(), std::sqrt(1.25 / 3));
    EXPECT_DOUBLE_EQ(error.relative_rmse(), std::sqrt(1.25 / 25));
    EXPECT_DOUBLE_EQ(error.sqnr_db(), 10 * std::log10(20));
    EXPECT_EQ(error.max_error, 1.0);
    QuantizationError twice = error;
    twice += error;
    EXPECT_EQ(twice.weights, 6U);
    EXPECT_EQ(twice.mse(), error.mse());
    EXPECT_EQ(QuantizationError().mse(), 0);
}

TEST(QuantizationError, HoldsForTheLargestWeights) {
    const std::vector<float> weights(10, std::numeric_limits<float>::max());
    const std::vector<float> restored(10, -std::numeric_limits<float>::max());
    const QuantizationError error = error_of(weights.data(), restored.data(), 10);
    EXPECT_DOUBLE_EQ(error.relative_rmse(), 2);
}

// --- Threads

TEST(ParallelBlocks, CoverEverythingOnce) {
    for (const unsigned threads : {0U, 1U, 2U, 7U}) {
        for (const std::uint64_t count : {0U, 1U, 15U, 16U, 1000U}) {
            std::vector<int> seen(count, 0);
            parallel_blocks(count, 16, threads, [&](std::uint64_t begin, std::uint64_t end) {
                for (std::uint64_t i = begin; i < end; ++i) ++seen[i];
            });
            EXPECT_EQ(std::count(seen.begin(), seen.end(), 1), static_cast<long>(count));
        }
    }
}

TEST(ParallelBlocks, RethrowTheFirstFailure) {
    for (int turn = 0; turn < 50; ++turn) {
        EXPECT_EQ(error_of<std::runtime_error>([] {
                      parallel_blocks(1000, 10, 4, [](std::uint64_t begin, std::uint64_t /*end*/) {
                          if (begin >= 300) throw std::runtime_error(std::to_string(begin));
                      });
                  }),
                  "300");
    }
}

}  // namespace
}  // namespace lpusim
