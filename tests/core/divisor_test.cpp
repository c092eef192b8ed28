#include "hw_models/core/divisor.h"

#include <limits>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace lpusim {
namespace {

constexpr std::uint64_t kShort = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();

void expect_divides(std::uint64_t dividend, std::uint64_t by) {
    const Divisor divisor(by);
    EXPECT_EQ(divisor.quotient(dividend), dividend / by) << dividend << " / " << by;
    EXPECT_EQ(divisor.remainder(dividend), dividend % by) << dividend << " % " << by;
    EXPECT_EQ(divisor.quotient_up(dividend), dividend / by + (dividend % by > 0 ? 1 : 0))
        << dividend << " / " << by;
}

TEST(Divisor, IsExactAtTheEndsOfTheMultiplication) {
    for (const std::uint64_t by :
         {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{3}, std::uint64_t{88},
          std::uint64_t{320}, std::uint64_t{641}, kShort - 1, kShort, kShort + 1, kAll}) {
        for (const std::uint64_t near : {std::uint64_t{0}, by - 1, by, kShort / by * by, kShort,
                                         kShort + 1, kAll / by * by, kAll}) {
            expect_divides(near, by);
            expect_divides(near - 1, by);
            expect_divides(near + 1, by);
        }
    }
}

RC_GTEST_PROP(DivisorProperty, DividesLikeTheProcessor, ()) {
    const auto by = *rc::gen::oneOf(rc::gen::inRange<std::uint64_t>(1, 1 << 20),
                                    rc::gen::inRange<std::uint64_t>(1, kAll));
    const auto quotient = *rc::gen::inRange<std::uint64_t>(0, kShort / by + 2);
    const std::uint64_t multiple = quotient * by;
    for (const std::uint64_t dividend : {multiple, multiple + 1, multiple + by - 1}) {
        const Divisor divisor(by);
        RC_ASSERT(divisor.quotient(dividend) == dividend / by);
        RC_ASSERT(divisor.remainder(dividend) == dividend % by);
    }
}

}  // namespace
}  // namespace lpusim
