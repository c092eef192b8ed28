#include "sim/compiler/sram_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/support/compile_cases.h"

namespace lpusim {
namespace {

using testing::HasSubstr;

SramBanksParams sram_of(std::uint64_t capacity) {
    SramBanksParams sram;
    sram.capacity = Bytes(capacity);
    sram.banks = 5;
    sram.width = Bytes(2);
    return sram;  // rounds of 10 B
}

/// 95 B of activations (100 in rounds); cache of 1,000 B; layers of 20 weight tiles of 48 B (50)
/// and 30 KV tiles of 20 B; a resident model would be 5,000 B.
SramDemand demand() {
    SramDemand demand;
    demand.activations = Bytes(95);
    demand.model = Bytes(5000);
    demand.model_padding = Bytes(120);
    demand.kv_cache = Bytes(1000);
    demand.weight_tile = Bytes(48);
    demand.weight_tiles = 20;
    demand.kv_tile = Bytes(20);
    demand.kv_tiles = 30;
    return demand;
}

std::string error_of(std::uint64_t capacity, Placement placement) {
    try {
        divide_sram(sram_of(capacity), placement, demand());
    } catch (const CompileError& error) {
        return error.what();
    }
    return "";
}

TEST(SramPlan, AmpleSpaceHoldsTheCacheAndOneLayersTiles) {
    const SramPlan plan = divide_sram(sram_of(10'000), Placement::Streamed, demand());
    EXPECT_TRUE(plan.kv_resident);
    EXPECT_FALSE(plan.weights_resident);
    EXPECT_EQ(plan.activations, Bytes(100));
    EXPECT_EQ(plan.kv, Bytes(1000));
    EXPECT_EQ(plan.weight_slots, 20u);
    EXPECT_EQ(plan.weights, Bytes(20 * 50));
    EXPECT_EQ(plan.kv_slots, 0u);
    EXPECT_EQ(plan.used, Bytes(2100));
    EXPECT_EQ(plan.kv_cache, Bytes(1000));
}

TEST(SramPlan, TheCacheIsResidentBesideEightSlots) {
    const std::uint64_t enough = 100 + 1000 + 8 * 50;
    const SramPlan fits = divide_sram(sram_of(enough), Placement::Streamed, demand());
    EXPECT_TRUE(fits.kv_resident);
    EXPECT_EQ(fits.weight_slots, 8u);
    EXPECT_FALSE(divide_sram(sram_of(enough - 1), Placement::Streamed, demand()).kv_resident);
}

TEST(SramPlan, AStreamedCacheGetsAQuarterAtMost) {
    // 1,399 are free after activations: 349 for KV are 17 slots; then 1,059 for weights: 20 slots
    // at most.
    const SramPlan plan = divide_sram(sram_of(1499), Placement::Streamed, demand());
    EXPECT_FALSE(plan.kv_resident);
    EXPECT_EQ(plan.kv_slots, 17u);
    EXPECT_EQ(plan.kv, Bytes(340));
    EXPECT_EQ(plan.weight_slots, 20u);
}

TEST(SramPlan, AStreamedCacheNeedsNoMoreThanOneLayersTiles) {
    SramDemand large_cache = demand();
    large_cache.kv_cache = Bytes(100'000);
    const SramPlan plan = divide_sram(sram_of(10'000), Placement::Streamed, large_cache);
    EXPECT_EQ(plan.kv_slots, 30u);
    EXPECT_EQ(plan.weight_slots, 20u);
}

TEST(SramPlan, TwoSlotsOfEachAreTheLeast) {
    const SramPlan plan = divide_sram(sram_of(100 + 40 + 100), Placement::Streamed, demand());
    EXPECT_EQ(plan.kv_slots, 2u);
    EXPECT_EQ(plan.weight_slots, 2u);
    EXPECT_EQ(plan.used, plan.capacity);
    EXPECT_EQ(error_of(239, Placement::Streamed),
              "2 weight slots of 50 B need 100 B, SRAM holds 239 B and 99 B are free: 1 B missing "
              "(raise sram.capacity, or lower --batch or --context)");
    EXPECT_THAT(error_of(139, Placement::Streamed), HasSubstr("2 KV slots of 20 B need 40 B"));
    EXPECT_THAT(error_of(90, Placement::Streamed), HasSubstr("activations need 100 B"));
}

TEST(SramPlan, ResidentWeightsLeaveTheRestToTheCache) {
    const SramPlan all = divide_sram(sram_of(6100), Placement::Resident, demand());
    EXPECT_TRUE(all.weights_resident);
    EXPECT_TRUE(all.kv_resident);
    EXPECT_EQ(all.weights, Bytes(5000));
    EXPECT_EQ(all.weight_slots, 0u);
    const SramPlan no_cache = divide_sram(sram_of(6099), Placement::Resident, demand());
    EXPECT_FALSE(no_cache.kv_resident);
    EXPECT_EQ(no_cache.kv_slots, 30u);
}

TEST(SramPlan, ResidentWeightsThatDoNotFit) {
    EXPECT_EQ(error_of(4000, Placement::Resident),
              "resident weights (120 B of them padding to whole bank rounds) need 5000 B, SRAM "
              "holds 4000 B and 4000 B are free: 1000 B missing "
              "(raise sram.capacity, or lower --batch or --context)");
}

RC_GTEST_PROP(SramPlan, NeverHoldsMoreThanThereIs, ()) {
    const CompileCase it = arbitrary_case();
    const SramPlan plan = compile(it).sram;
    const std::uint64_t round = it.chip.sram_banks.round().count();
    RC_ASSERT(plan.used <= plan.capacity);
    RC_ASSERT(plan.used == plan.activations + plan.kv + plan.weights);
    for (const Bytes region : {plan.activations, plan.kv, plan.weights}) {
        RC_ASSERT(region.count() % round == 0u);
    }
    RC_ASSERT(plan.weights_resident == (plan.weight_slots == 0));
    RC_ASSERT(plan.weights_resident || plan.weight_slots >= 2u);
    RC_ASSERT(plan.kv_resident == (plan.kv_slots == 0));
    RC_ASSERT(plan.kv_resident || plan.kv_slots >= 2u);
}

}  // namespace
}  // namespace lpusim
