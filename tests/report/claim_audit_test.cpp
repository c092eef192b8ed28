// Verdicts against hand calculation.

#include "sim/report/claim_audit.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/report/audit_content.h"
#include "sim/report/table_writers.h"

namespace lpusim {
namespace {

using Role = AuditedHypothesis::Role;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

AuditedHypothesis hypothesis(Role role, double value, const std::string& means = "so") {
    AuditedHypothesis it;
    it.role = role;
    it.means = means;
    it.why = "Because.";
    it.formula = "1 + 1";
    it.basis = "computed";
    it.unit = "ms";
    it.value = value;
    return it;
}

/// 100 ms, within 1 %.
AuditedClaim claim(std::vector<AuditedHypothesis> hypotheses) {
    AuditedClaim it;
    it.id = "a";
    it.topic = "Time";
    it.quote = "100 ms";
    it.source = "a paper";
    it.value = 100;
    it.unit = "ms";
    it.tolerance = 0.01;
    it.hypotheses = std::move(hypotheses);
    return it;
}

TEST(ClaimAudit, HoldsWhenTheStatedClaimIsWithinItsTolerance) {
    const AuditedClaim exact = claim({hypothesis(Role::Stated, 101)});
    EXPECT_EQ(verdict_of(exact), Verdict::Holds);
    EXPECT_EQ(verdict_line(exact), "holds. Because.");
    EXPECT_DOUBLE_EQ(deviation(exact, exact.hypotheses[0]), 0.01);
    EXPECT_EQ(verdict_of(claim({hypothesis(Role::Stated, 99)})), Verdict::Holds);
    EXPECT_EQ(verdict_of(claim({hypothesis(Role::Stated, 101.01)})), Verdict::DoesNotHold);
    EXPECT_EQ(verdict_of(claim({hypothesis(Role::Stated, 98.99)})), Verdict::DoesNotHold);
    // A nearer condition does not take its place.
    const AuditedClaim both =
        claim({hypothesis(Role::Condition, 100), hypothesis(Role::Stated, 100.9)});
    EXPECT_EQ(verdict_of(both), Verdict::Holds);
    EXPECT_EQ(best_hypothesis(both), &both.hypotheses[1]);
}

TEST(ClaimAudit, HoldsOnlyIfTheNearestConditionFits) {
    const AuditedClaim it = claim({hypothesis(Role::Stated, 150), hypothesis(Role::Slip, 100),
                                   hypothesis(Role::Condition, 99.2, "far"),
                                   hypothesis(Role::Condition, 100.5, "near")});
    EXPECT_EQ(verdict_of(it), Verdict::HoldsOnlyIf);
    EXPECT_EQ(verdict_line(it), "holds only if near. Because.");
}

TEST(ClaimAudit, DoesNotHoldByASlip) {
    const AuditedClaim it =
        claim({hypothesis(Role::Stated, 150), hypothesis(Role::Slip, 100.2, "units are mixed")});
    EXPECT_EQ(verdict_of(it), Verdict::DoesNotHold);
    EXPECT_EQ(verdict_line(it),
              "does not hold; the number comes about if units are mixed. Because.");
}

TEST(ClaimAudit, NamesTheNearestOfThoseThatDoNotFit) {
    const AuditedClaim it =
        claim({hypothesis(Role::Stated, 150), hypothesis(Role::Condition, 104, "it rains")});
    EXPECT_EQ(verdict_of(it), Verdict::DoesNotHold);
    EXPECT_EQ(verdict_line(it), "does not hold; if it rains it comes nearest: 104.00 ms. Because.");
    const AuditedClaim stated = claim({hypothesis(Role::Stated, 102)});
    EXPECT_EQ(verdict_line(stated),
              "does not hold; the claim as stated comes nearest: 102.00 ms. Because.");
}

TEST(ClaimAudit, CannotCheckWhatIsNotStated) {
    AuditedClaim it = claim({hypothesis(Role::Stated, 100)});
    it.missing = "the model";
    EXPECT_EQ(verdict_of(it), Verdict::CannotBeChecked);
    EXPECT_EQ(verdict_line(it), "cannot be checked: the model");
    it.hypotheses.clear();
    EXPECT_EQ(verdict_of(it), Verdict::CannotBeChecked);
    EXPECT_EQ(best_hypothesis(it), nullptr);
}

TEST(ClaimAudit, MeasuresFromTheNearerEndOfARange) {
    AuditedClaim it = claim({});
    it.value_to = 200;
    EXPECT_EQ(deviation(it, hypothesis(Role::Stated, 100)), 0);
    EXPECT_EQ(deviation(it, hypothesis(Role::Stated, 150)), 0);
    EXPECT_EQ(deviation(it, hypothesis(Role::Stated, 200)), 0);
    EXPECT_DOUBLE_EQ(deviation(it, hypothesis(Role::Stated, 90)), -0.1);
    EXPECT_DOUBLE_EQ(deviation(it, hypothesis(Role::Stated, 220)), 0.1);
    EXPECT_EQ(claimed_text(it), "100 to 200 ms");
}

TEST(ClaimAudit, MeasuresNegativeNumbersByTheirSize) {
    AuditedClaim it = claim({});
    it.value = -10;
    EXPECT_DOUBLE_EQ(deviation(it, hypothesis(Role::Stated, -11)), -0.1);
    EXPECT_DOUBLE_EQ(deviation(it, hypothesis(Role::Stated, 30)), 4);
}

TEST(ClaimAudit, NeverFitsByWhatIsNoNumber) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const AuditedClaim it = claim({hypothesis(Role::Stated, nan)});
    EXPECT_EQ(verdict_of(it), Verdict::DoesNotHold);
    EXPECT_EQ(best_hypothesis(it), nullptr);
    EXPECT_EQ(verdict_line(it), "does not hold: no hypothesis gives a number");
    EXPECT_EQ(result_text(it.hypotheses[0]), "no number");
    EXPECT_EQ(deviation_text(nan), "–");
}

TEST(ClaimAudit, WritesNumbersAsPublished) {
    AuditedClaim it = claim({});
    it.value = 2309;
    it.unit = "tokens/s";
    EXPECT_EQ(claimed_text(it), "2,309 tokens/s");
    it.value = 32.6;
    it.unit = "GB";
    EXPECT_EQ(claimed_text(it), "32.6 GB");
    it.value = 7.97;
    it.unit = "x";
    EXPECT_EQ(claimed_text(it), "7.97×");
    it.value = 768;
    it.unit = "1";
    EXPECT_EQ(claimed_text(it), "768");
    EXPECT_EQ(deviation_text(-1e-9), "0.00 %");
    EXPECT_EQ(deviation_text(0.0123), "+1.23 %");
    EXPECT_EQ(deviation_text(-0.5), "-50.00 %");
    EXPECT_EQ(deviation_text(10), "+1000 %");
}

TEST(AuditContent, CountsVerdictsAndEscapesWhatUsersWrite) {
    ClaimAudit audit{"<b>mine</b>", "", {}};
    audit.claims.push_back(claim({hypothesis(Role::Stated, 100)}));
    audit.claims.push_back(claim({hypothesis(Role::Stated, 150, "<script>alert(1)</script>")}));
    audit.claims[1].quote = "=cmd|' /C calc'!A0 | x";
    EXPECT_EQ(audit_answer(audit),
              "Of 2 claims 1 hold as stated, 0 hold only under a condition, 1 do not "
              "hold, and 0 cannot be checked.");
    const std::vector<AuditedPoint> points;
    const ReportContent content =
        audit_content({audit, points, {{"m", "what"}}, {"1", "", ""}, "lpusim audit x.yaml"});
    const std::string html = report_html(content, {"", {}});
    EXPECT_THAT(html, AllOf(HasSubstr("&lt;b&gt;mine&lt;/b&gt;"), Not(HasSubstr("<script>alert"))));
    const std::string csv = csv_table(content.table("hypotheses"));
    EXPECT_THAT(csv, AllOf(HasSubstr("'=cmd"), HasSubstr("does not hold")));
    EXPECT_THAT(report_markdown(content), Not(HasSubstr("<script>")));
    EXPECT_EQ(report_json(content).at("tables").at("hypotheses").at("rows").size(), 2U);
    EXPECT_THAT(audit_text(audit, {}), AllOf(HasSubstr("Of 2 claims"), HasSubstr("Time")));
}

}  // namespace
}  // namespace lpusim
