#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lpusim {

/// A hypothesis with what came out under it.
struct AuditedHypothesis {
    enum class Role : std::uint8_t {
        /// The claim as its authors state it.
        Stated,
        /// A reading under which it may hold.
        Condition,
        /// A mistake that may have produced the number.
        Slip
    };
    Role role = Role::Condition;
    /// What is supposed, as the end of "holds only if ...".
    std::string means;
    std::string why;
    std::string formula;
    /// "simulated", "measured" or "computed".
    std::string basis;
    /// The unit that the claim is read in, and the result in it.
    std::string unit;
    double value = 0;
};

struct AuditedClaim {
    std::string id;
    std::string topic;
    std::string quote;
    std::string source;
    double value = 0;
    /// A range, if there is one.
    std::optional<double> value_to;
    std::string unit;
    /// How far a hypothesis may be off, as a share of the value.
    double tolerance = 0;
    /// What would have to be stated to check it; empty if nothing.
    std::string missing;
    std::vector<AuditedHypothesis> hypotheses;
};

struct ClaimAudit {
    std::string name;
    std::string description;
    std::vector<AuditedClaim> claims;
};

enum class Verdict : std::uint8_t { Holds, HoldsOnlyIf, DoesNotHold, CannotBeChecked };
/// "holds", "holds only if", "does not hold", "cannot be checked"
const char* name_of(Verdict verdict);
const char* name_of(AuditedHypothesis::Role role);

/// By how much a hypothesis is off, as a share of the claimed value: of the nearer end of a range,
/// and 0 inside it. Not finite when its value is not.
double deviation(const AuditedClaim& claim, const AuditedHypothesis& hypothesis);
bool is_within(const AuditedClaim& claim, const AuditedHypothesis& hypothesis);

/// Holds when the claim as stated comes out within its tolerance; holds only if a condition does.
/// What only a slip explains does not hold. What says what is missing cannot be checked.
Verdict verdict_of(const AuditedClaim& claim);

/// The hypothesis that the verdict rests on: of those within the tolerance the nearest of the kind
/// that decides, otherwise the nearest of all. Null when there is none.
const AuditedHypothesis* best_hypothesis(const AuditedClaim& claim);

/// One line: "holds only if the unit is GiB: ...".
std::string verdict_line(const AuditedClaim& claim);

/// "34.63 GB", "5 to 8 %"
std::string claimed_text(const AuditedClaim& claim);
std::string result_text(const AuditedHypothesis& hypothesis);
/// "+1.24 %", "0 %"
std::string deviation_text(double deviation);

}  // namespace lpusim
