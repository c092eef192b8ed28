#include "sim/report/claim_audit.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "sim/report/number_text.h"

namespace lpusim {

namespace {

using Role = AuditedHypothesis::Role;

/// Units that stand without a blank before them.
std::string with_unit(const std::string& number, const std::string& unit) {
    if (unit == "1") return number;
    return unit == "x" ? number + "×" : number + " " + unit;
}

/// As published: no digits are added.
std::string plain(double value) {
    const std::string text = fmt::format("{}", value);
    return std::abs(value) >= 1000 && text.find('.') == std::string::npos &&
                   text.find('e') == std::string::npos
               ? count_text(static_cast<std::uint64_t>(value))
               : text;
}

/// The nearest hypothesis of these roles; null if there is none.
const AuditedHypothesis* nearest_of(const AuditedClaim& claim, std::initializer_list<Role> roles) {
    const AuditedHypothesis* best = nullptr;
    double best_distance = 0;
    for (const AuditedHypothesis& hypothesis : claim.hypotheses) {
        if (std::find(roles.begin(), roles.end(), hypothesis.role) == roles.end()) continue;
        const double distance = std::abs(deviation(claim, hypothesis));
        if (!std::isfinite(distance)) continue;
        if (best != nullptr && distance >= best_distance) continue;
        best = &hypothesis;
        best_distance = distance;
    }
    return best;
}

/// The one that is within the tolerance, or null.
const AuditedHypothesis* fitting(const AuditedClaim& claim, Role role) {
    const AuditedHypothesis* nearest = nearest_of(claim, {role});
    return nearest != nullptr && is_within(claim, *nearest) ? nearest : nullptr;
}

std::string with_reason(const std::string& text, const std::string& why) {
    return why.empty() ? text : text + ". " + why;
}

}  // namespace

const char* name_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::Holds:
            return "holds";
        case Verdict::HoldsOnlyIf:
            return "holds only if";
        case Verdict::DoesNotHold:
            return "does not hold";
        case Verdict::CannotBeChecked:
            break;
    }
    return "cannot be checked";
}

const char* name_of(AuditedHypothesis::Role role) {
    switch (role) {
        case Role::Stated:
            return "as stated";
        case Role::Condition:
            return "condition";
        case Role::Slip:
            break;
    }
    return "slip";
}

double deviation(const AuditedClaim& claim, const AuditedHypothesis& hypothesis) {
    const double to = claim.value_to.value_or(claim.value);
    if (hypothesis.value >= claim.value && hypothesis.value <= to) return 0;
    const double nearer = hypothesis.value > to ? to : claim.value;
    return (hypothesis.value - nearer) / std::abs(nearer);
}

bool is_within(const AuditedClaim& claim, const AuditedHypothesis& hypothesis) {
    return std::abs(deviation(claim, hypothesis)) <= claim.tolerance;
}

Verdict verdict_of(const AuditedClaim& claim) {
    if (!claim.missing.empty()) return Verdict::CannotBeChecked;
    if (fitting(claim, Role::Stated) != nullptr) return Verdict::Holds;
    if (fitting(claim, Role::Condition) != nullptr) return Verdict::HoldsOnlyIf;
    return Verdict::DoesNotHold;
}

const AuditedHypothesis* best_hypothesis(const AuditedClaim& claim) {
    for (const Role role : {Role::Stated, Role::Condition, Role::Slip}) {
        if (const AuditedHypothesis* fits = fitting(claim, role)) return fits;
    }
    return nearest_of(claim, {Role::Stated, Role::Condition, Role::Slip});
}

std::string verdict_line(const AuditedClaim& claim) {
    const Verdict verdict = verdict_of(claim);
    if (verdict == Verdict::CannotBeChecked) {
        return fmt::format("cannot be checked: {}", claim.missing);
    }
    const AuditedHypothesis* best = best_hypothesis(claim);
    if (best == nullptr) return "does not hold: no hypothesis gives a number";
    if (verdict == Verdict::Holds) return with_reason("holds", best->why);
    if (verdict == Verdict::HoldsOnlyIf) {
        return with_reason("holds only if " + best->means, best->why);
    }
    if (best->role == Role::Slip && is_within(claim, *best)) {
        return with_reason("does not hold; the number comes about if " + best->means, best->why);
    }
    const auto stated =
        std::find_if(claim.hypotheses.begin(), claim.hypotheses.end(),
                     [](const AuditedHypothesis& it) { return it.role == Role::Stated; });
    // Why the claim fails, when the nearest hypothesis has nothing to say.
    const bool use_stated = best->why.empty() && stated != claim.hypotheses.end();
    return with_reason(fmt::format("does not hold; {} comes nearest: {}",
                                   best->role == Role::Stated ? "the claim as stated"
                                                              : "if " + best->means + " it",
                                   result_text(*best)),
                       use_stated ? stated->why : best->why);
}

std::string claimed_text(const AuditedClaim& claim) {
    std::string number = plain(claim.value);
    if (claim.value_to) number += " to " + plain(*claim.value_to);
    return with_unit(number, claim.unit);
}

std::string result_text(const AuditedHypothesis& hypothesis) {
    constexpr int kDigits = 5;
    const double size = std::abs(hypothesis.value);
    if (!std::isfinite(size)) return "no number";
    std::string number = real_text(size, kDigits);
    if (hypothesis.value < 0) number = "-" + number;
    return with_unit(number, hypothesis.unit);
}

std::string deviation_text(double deviation) {
    if (!std::isfinite(deviation)) return "–";
    constexpr double kHundred = 100;
    constexpr double kShown = 0.005;
    const double percent = deviation * kHundred;
    if (std::abs(percent) < kShown) return "0.00 %";
    if (std::abs(percent) >= kHundred) return fmt::format("{:+.0f} %", percent);
    return fmt::format("{:+.2f} %", percent);
}

}  // namespace lpusim
