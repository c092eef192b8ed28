#include "sim/result/extrapolate.h"

#include <gtest/gtest.h>

#include "tests/result/sample_point.h"

namespace lpusim {
namespace {

Cycles sum_of_states(const EngineCycles& e) {
    return e.busy + e.starved + e.blocked + e.waiting + e.idle;
}

/// A run of that many layers of 10, where a layer takes 100 cycles and the LM head 50.
Point run_of(std::uint32_t layers) {
    Point p;
    p.layers_simulated = layers;
    p.layers_total = 10;
    p.weights = Weights(1'000);
    p.weight_bytes = Bytes(500);
    p.weight_slots = 3;
    p.cycles = Cycles(100 * layers + 50);
    p.cold_cycles = Cycles(100 * layers + 80);
    p.useful_macs = 7 * layers + 1;
    p.stream.weights = Bytes(90 * layers + 40);
    p.stream.embedding = Bytes(16);
    p.units = {{"weight_stream", "WeightStream", Cycles(90 * layers + 40), Cycles(0),
                Cycles(10 * layers + 10), Cycles(0), Cycles(0)}};
    p.operators = {{"layer", Cycles(100 * layers), {Cycles(90 * layers)}, Bytes(90 * layers)},
                   {"lm_head", Cycles(50), {Cycles(40)}, Bytes(40)}};
    p.counters = {{"conflicts", 2 * layers}};
    return p;
}

TEST(Extrapolate, TakesAllLayersFromTwoRuns) {
    const Point all = extrapolate(run_of(3), run_of(2));
    const Point expected = run_of(10);
    EXPECT_EQ(all.cycles, expected.cycles);
    EXPECT_EQ(all.cold_cycles, expected.cold_cycles);
    EXPECT_EQ(all.useful_macs, expected.useful_macs);
    EXPECT_EQ(all.stream.weights, expected.stream.weights);
    EXPECT_EQ(all.stream.embedding, Bytes(16));
    EXPECT_EQ(all.units[0].busy, expected.units[0].busy);
    EXPECT_EQ(all.units[0].blocked, expected.units[0].blocked);
    EXPECT_EQ(all.operators[0].cycles, Cycles(1'000));
    EXPECT_EQ(all.operators[0].busy[0], Cycles(900));
    EXPECT_EQ(all.operators[1].cycles, Cycles(50));
    EXPECT_EQ(all.operators[1].stream_bytes, Bytes(40));
    EXPECT_EQ(all.counters[0].value, 20U);
    EXPECT_EQ(all.bottleneck.unit, "WeightStream");
    EXPECT_EQ(all.bottleneck.busy, Cycles(940));
}

TEST(Extrapolate, LeavesWhatIsOfTheWholeModelAndSaysThatItScaled) {
    const Point all = extrapolate(run_of(3), run_of(2));
    EXPECT_EQ(all.weights, Weights(1'000));
    EXPECT_EQ(all.weight_bytes, Bytes(500));
    EXPECT_EQ(all.weight_slots, 3U);
    EXPECT_TRUE(all.scaled);
    EXPECT_EQ(all.layers_simulated, 3U);
    EXPECT_EQ(all.layers_total, 10U);
}

TEST(Extrapolate, TakesTheNextLayerWhenThereIsNoneBefore) {
    EXPECT_EQ(neighbour_of(1), 2U);
    EXPECT_EQ(neighbour_of(2), 1U);
    EXPECT_EQ(neighbour_of(80), 79U);
    EXPECT_EQ(extrapolate(run_of(1), run_of(2)).cycles, run_of(10).cycles);
}

TEST(Extrapolate, ARunOfAllLayersStaysAsItIs) {
    const Point all = extrapolate(run_of(10), Point());
    EXPECT_EQ(all.cycles, run_of(10).cycles);
    EXPECT_FALSE(all.scaled);
}

// From 2 to 3 layers the engine's 40 idle cycles become 20: at 10 layers they would be -120. Busy
// takes them.
TEST(Extrapolate, StatesStillSumToTheCyclesWhenOneRunsOut) {
    Point two = run_of(2);
    Point three = run_of(3);
    two.units[0] = {"e", "E", Cycles(200), Cycles(10), Cycles(0), Cycles(0), Cycles(40)};
    three.units[0] = {"e", "E", Cycles(320), Cycles(10), Cycles(0), Cycles(0), Cycles(20)};
    const Point all = extrapolate(three, two);
    EXPECT_EQ(all.cycles, Cycles(1'050));
    EXPECT_EQ(all.units[0].idle, Cycles(0));
    EXPECT_EQ(all.units[0].starved, Cycles(10));
    EXPECT_EQ(all.units[0].busy, Cycles(320 + 7 * 120 - 120));
    EXPECT_EQ(sum_of_states(all.units[0]), all.cycles);
}

TEST(Extrapolate, OperatorsStillSumToTheCyclesWhenOneRunsOut) {
    Point two = run_of(2);
    Point three = run_of(3);
    two.operators[0].cycles = Cycles(190);
    two.operators[1].cycles = Cycles(60);
    three.operators[0].cycles = Cycles(300);
    three.operators[1].cycles = Cycles(50);
    const Point all = extrapolate(three, two);
    EXPECT_EQ(all.operators[1].cycles, Cycles(0));
    EXPECT_EQ(all.operators[0].cycles, all.cycles);
}

TEST(Extrapolate, RefusesRunsThatDoNotFitTogether) {
    EXPECT_THROW(extrapolate(run_of(3), run_of(3)), std::invalid_argument);
    EXPECT_THROW(extrapolate(run_of(4), run_of(2)), std::invalid_argument);
    Point other = run_of(2);
    other.counters[0].name = "refusals";
    EXPECT_THROW(extrapolate(run_of(3), other), std::invalid_argument);
    other = run_of(2);
    other.units.clear();
    EXPECT_THROW(extrapolate(run_of(3), other), std::invalid_argument);
    other = run_of(2);
    other.operators.pop_back();
    EXPECT_THROW(extrapolate(run_of(3), other), std::invalid_argument);
}

}  // namespace
}  // namespace lpusim
