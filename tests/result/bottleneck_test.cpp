#include "sim/result/bottleneck.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lpusim {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

EngineCycles engine(const char* name, const char* unit, std::uint64_t busy) {
    EngineCycles e;
    e.name = name;
    e.unit = unit;
    e.busy = Cycles(busy);
    return e;
}

OperatorCycles operation(const char* name, std::uint64_t cycles) {
    return {name, Cycles(cycles), {}, Bytes(0)};
}

TEST(Bottleneck, IsTheUnitThatWasBusyLongest) {
    const Bottleneck b =
        find_bottleneck({engine("stream", "WeightStream", 70), engine("unpack", "UnpackUnit", 90)},
                        {}, Cycles(100));
    EXPECT_EQ(b.unit, "UnpackUnit");
    EXPECT_EQ(b.engine, "unpack");
    EXPECT_EQ(b.busy, Cycles(90));
    EXPECT_THAT(b.chain, IsEmpty());
}

TEST(Bottleneck, TiesGoUpstream) {
    const Bottleneck b =
        find_bottleneck({engine("stream", "WeightStream", 90), engine("unpack", "UnpackUnit", 90)},
                        {}, Cycles(100));
    EXPECT_EQ(b.unit, "WeightStream");
}

TEST(Bottleneck, SixtyPercentBinds) {
    EXPECT_EQ(find_bottleneck({engine("e", "E", 60)}, {}, Cycles(100)).unit, "E");
    EXPECT_EQ(find_bottleneck({engine("e", "E", 59)}, {}, Cycles(100)).unit, kDependencyBound);
}

// b and d are the fewest that reach half of 100 cycles.
TEST(Bottleneck, NamesTheOperatorsThatTakeHalfOfTheTimeInProgramOrder) {
    const Bottleneck b = find_bottleneck(
        {engine("e", "E", 40)},
        {operation("a", 20), operation("b", 25), operation("c", 20), operation("d", 35)},
        Cycles(100));
    EXPECT_EQ(b.unit, kDependencyBound);
    EXPECT_EQ(b.engine, "e");
    EXPECT_THAT(b.chain, ElementsAre("b", "d"));
}

TEST(Bottleneck, OfNoEnginesIsNone) { EXPECT_EQ(find_bottleneck({}, {}, Cycles(0)).unit, ""); }

}  // namespace
}  // namespace lpusim
