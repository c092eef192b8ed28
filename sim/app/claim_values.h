#pragma once

#include <map>
#include <string>

#include "sim/config/claims.h"
#include "sim/report/claim_audit.h"
#include "sim/result/result.h"

namespace lpusim::app {

/// Everything that the formulas of a claims file can name.
struct ClaimValues {
    /// By "point.quantity".
    std::map<std::string, double> values;
    /// By the name of a point.
    std::map<std::string, Point> points;
};

/// Simulates the points, `parallel` at a time, measures and looks up the rest. Throws InputError,
/// Interrupted and std::runtime_error.
ClaimValues claim_values(const Claims& claims, std::size_t parallel);

/// All quantities of one thing, by name.
std::map<std::string, double> quantities_of(const Point& point);
/// Without `with_error`, only what the format's geometry says: nothing is quantised.
std::map<std::string, double> quantities_of(const ClaimMeasurement& measurement, bool with_error);
std::map<std::string, double> quantities_of(const ClaimModel& named);

/// "w3p5-g64 of gaussian 8192x256, seed 1"
std::string text_of(const ClaimMeasurement& measurement);

/// Every hypothesis with what comes out under it.
ClaimAudit audit_claims(const Claims& claims, const std::map<std::string, double>& values);

}  // namespace lpusim::app
