#include "sim/sweep/bisection.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sim/sweep/pareto.h"

namespace lpusim {
namespace {

/// Answers all questions, and returns their number.
std::size_t run(Bisection& bisection, const std::function<bool(std::uint64_t)>& holds) {
    std::size_t asked = 0;
    while (!bisection.is_over()) {
        for (const std::uint64_t value : bisection.questions()) {
            ++asked;
            bisection.answer(value, holds(value));
        }
    }
    return asked;
}

TEST(Bisection, FindsTheSmallest) {
    Bisection bisection({1, 1'000'000, true, 0, 1});
    EXPECT_LE(run(bisection, [](std::uint64_t v) { return v >= 4711; }), 22U);
    EXPECT_EQ(bisection.found(), 4711U);
    EXPECT_FALSE(bisection.is_at_the_end());
}

TEST(Bisection, FindsTheLargest) {
    Bisection bisection({1, 1'000'000, false, 0, 1});
    run(bisection, [](std::uint64_t v) { return v <= 4711; });
    EXPECT_EQ(bisection.found(), 4711U);
}

TEST(Bisection, SaysWhenItHoldsNowhereOrEverywhere) {
    Bisection nowhere({1, 100, true, 0, 1});
    EXPECT_EQ(run(nowhere, [](std::uint64_t) { return false; }), 2U);
    EXPECT_EQ(nowhere.found(), std::nullopt);
    Bisection everywhere({1, 100, true, 0, 1});
    run(everywhere, [](std::uint64_t) { return true; });
    EXPECT_EQ(everywhere.found(), 1U);
    EXPECT_TRUE(everywhere.is_at_the_end());
}

RC_GTEST_PROP(BisectionProperty, EndsWithinTheTolerance, ()) {
    const auto from = *rc::gen::inRange<std::uint64_t>(1, 1'000);
    const auto to = from + *rc::gen::inRange<std::uint64_t>(1, 1'000'000'000'000);
    const auto edge = *rc::gen::inRange<std::uint64_t>(from, to + 1);
    const bool smallest = *rc::gen::arbitrary<bool>();
    const bool by_share = *rc::gen::arbitrary<bool>();
    const double share = by_share ? 0.01 : 0;
    const auto tolerance = *rc::gen::inRange<std::uint64_t>(1, 1'000);
    Bisection bisection({from, to, smallest, share, tolerance});
    const auto holds = [&](std::uint64_t v) { return smallest ? v >= edge : v <= edge; };
    const std::size_t asked = run(bisection, holds);
    RC_ASSERT(bisection.found().has_value());
    const std::uint64_t found = *bisection.found();
    RC_ASSERT(holds(found));
    const std::uint64_t off = found > edge ? found - edge : edge - found;
    const double allowed =
        by_share ? 0.01 * static_cast<double>(found) + 1 : static_cast<double>(tolerance);
    RC_ASSERT(static_cast<double>(off) <= allowed);
    RC_ASSERT(asked <= 60U);
}

TEST(ParetoFront, KeepsWhatNothingBeats) {
    ParetoFront front;
    front.add(0, {2, 2});
    front.add(1, {1, 3});
    front.add(2, {3, 3});  // beaten by 0
    front.add(3, {2, 2});  // an equal stays
    front.add(4, {1, 2.5});
    EXPECT_EQ(front.members(), (std::vector<std::size_t>{0, 3, 4}));
}

RC_GTEST_PROP(ParetoFrontProperty, IsWhatTheDefinitionSays, ()) {
    const auto points = *rc::gen::container<std::vector<std::vector<double>>>(rc::gen::map(
        rc::gen::container<std::vector<int>>(3, rc::gen::inRange(0, 5)),
        [](const std::vector<int>& v) { return std::vector<double>(v.begin(), v.end()); }));
    ParetoFront front;
    for (std::size_t i = 0; i < points.size(); ++i) front.add(i, points[i]);
    std::vector<std::size_t> expected;
    for (std::size_t i = 0; i < points.size(); ++i) {
        bool is_beaten = false;
        for (const auto& other : points) {
            bool no_worse = true;
            for (std::size_t k = 0; k < 3; ++k) no_worse = no_worse && other[k] <= points[i][k];
            is_beaten = is_beaten || (no_worse && other != points[i]);
        }
        if (!is_beaten) expected.push_back(i);
    }
    RC_ASSERT(front.members() == expected);
}

}  // namespace
}  // namespace lpusim
