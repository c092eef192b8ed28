#include "hw_models/core/delivery_log.h"

#include <gtest/gtest.h>

namespace lpusim::test {
namespace {

// 7/3 bytes per cycle: after n cycles from credit c/3 there are floor((c + 7 n) / 3) bytes.
constexpr Fraction kRate{7, 3};

Delivery part(std::uint64_t bytes, bool may_be_less = false, bool may_be_more = false) {
    Delivery delivery;
    delivery.bytes = bytes;
    delivery.may_be_less = may_be_less;
    delivery.may_be_more = may_be_more;
    return delivery;
}

Delivery last(std::uint64_t bytes, bool may_be_less) {
    Delivery delivery = part(bytes, may_be_less, true);
    delivery.lost = true;
    return delivery;
}

TEST(DeliveryLog, FindsTheCreditThatIsLeft) {
    // From credit 0: 2, 2 and 3 bytes; 21 - 3 x 7 = 0 thirds are left.
    EXPECT_EQ(credit_after({part(2), part(2), part(3)}, kRate, 0), 0U);
    // From credit 1: 1 + 7 = 8 thirds make 2 bytes, 2 + 7 = 9 make 3, 0 + 7 make 2.
    EXPECT_EQ(credit_after({part(2), part(3), part(2)}, kRate, 1), 1U);
    EXPECT_EQ(credit_after({}, kRate, 2), 2U);
}

TEST(DeliveryLog, LetsAByteMoreOrLessPassWhereItDecidesNothing) {
    // From credit 1 the second cycle brings a byte more than recorded; by the third it is made up
    // for.
    EXPECT_EQ(credit_after({part(2), part(2), part(3)}, kRate, 1), std::nullopt);
    EXPECT_EQ(credit_after({part(2), part(2, false, true), part(3)}, kRate, 1), 1U);
    // From credit 0 it brings one less than recorded from credit 1.
    EXPECT_EQ(credit_after({part(2), part(3), part(2)}, kRate, 0), std::nullopt);
    EXPECT_EQ(credit_after({part(2), part(3, true), part(2)}, kRate, 0), 0U);
}

TEST(DeliveryLog, ForgetsADifferenceAtTheEndOfATransfer) {
    // A byte less is still enough if one was lost.
    EXPECT_EQ(credit_after({part(2), last(3, true)}, kRate, 0), 2U);
    EXPECT_EQ(credit_after({part(2), last(3, false)}, kRate, 0), std::nullopt);
    // Else it must be gone at the end: where a transfer stands would differ.
    EXPECT_EQ(credit_after({part(2), part(3, true, true)}, kRate, 0), std::nullopt);
}

TEST(DeliveryLog, BeginsWithoutCreditWhereItWasForgotten) {
    Delivery fresh = part(2);
    fresh.fresh = true;
    EXPECT_EQ(credit_after({fresh}, kRate, 2), 1U);
}

TEST(DeliveryLog, KnowsLongStretchesForOneCreditOnly) {
    EXPECT_EQ(credit_after({Delivery::known_for(1, 2)}, kRate, 1), 2U);
    EXPECT_EQ(credit_after({Delivery::known_for(1, 2)}, kRate, 0), std::nullopt);
}

}  // namespace
}  // namespace lpusim::test
