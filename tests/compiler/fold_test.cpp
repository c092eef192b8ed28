#include "sim/compiler/fold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace lpusim {
namespace {

using testing::ElementsAre;
using Kinds = std::vector<std::uint32_t>;

Kinds unfold(const Kinds& kinds, const std::vector<Repeat>& runs) {
    Kinds result;
    for (const Repeat& run : runs) {
        const auto begin = kinds.begin() + static_cast<std::ptrdiff_t>(run.begin);
        const auto end = begin + static_cast<std::ptrdiff_t>(run.length);
        for (std::uint64_t i = 0; i < run.count; ++i) result.insert(result.end(), begin, end);
    }
    return result;
}

TEST(Fold, EqualTilesAreOneLoop) {
    EXPECT_THAT(fold({5, 5, 5, 5}, 0, 4), ElementsAre(Repeat{0, 1, 4}));
}

TEST(Fold, FirstAndLastStayOutside) {
    EXPECT_THAT(fold({0, 1, 1, 1, 1, 2}, 0, 6),
                ElementsAre(Repeat{0, 1, 1}, Repeat{1, 1, 4}, Repeat{5, 1, 1}));
}

TEST(Fold, FindsTheShortestPeriod) {
    EXPECT_THAT(fold({0, 1, 0, 1, 0, 1, 0, 1, 0, 2}, 0, 10),
                ElementsAre(Repeat{0, 2, 4}, Repeat{8, 2, 1}));
}

TEST(Fold, NoLoopThatIsLongerThanWhatItReplaces) {
    EXPECT_THAT(fold({7, 7, 7}, 0, 3), ElementsAre(Repeat{0, 3, 1}));
    EXPECT_THAT(fold({0, 1, 2, 3}, 0, 4), ElementsAre(Repeat{0, 4, 1}));
}

TEST(Fold, PartOfASequence) {
    EXPECT_THAT(fold({0, 1, 1, 1, 1, 1, 2}, 2, 6), ElementsAre(Repeat{2, 1, 4}));
    EXPECT_THAT(fold({0, 1, 2}, 1, 1), ElementsAre());
}

RC_GTEST_PROP(Fold, LosesNothing, ()) {
    const auto kinds = *rc::gen::container<Kinds>(rc::gen::inRange(0u, 3u));
    const std::vector<Repeat> runs = fold(kinds, 0, kinds.size());
    RC_ASSERT(unfold(kinds, runs) == kinds);
}

RC_GTEST_PROP(Fold, FindsAPeriodBetweenOddEnds, ()) {
    const auto period = *rc::gen::inRange<std::uint32_t>(1, 10);
    const auto count = *rc::gen::inRange<std::uint32_t>(4, 40);
    Kinds kinds = {100};
    for (std::uint32_t i = 0; i < period * count; ++i) kinds.push_back(i % period);
    kinds.push_back(101);
    const std::vector<Repeat> runs = fold(kinds, 0, kinds.size());
    RC_ASSERT(runs.size() == 3u);
    RC_ASSERT((runs[1] == Repeat{1, period, count}));
}

}  // namespace
}  // namespace lpusim
