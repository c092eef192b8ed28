#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/config/formula.h"
#include "sim/config/load.h"
#include "sim/workload/scenario.h"

namespace lpusim {

/// A simulation that formulas may name.
struct ClaimPoint {
    std::string name;
    std::filesystem::path hardware;
    std::filesystem::path model;
    std::filesystem::path format;
    Overrides hardware_overrides;
    Scenario scenario;
};

enum class SampleKind : std::uint8_t { Gaussian, StudentT, Laplace };
enum class BitAllocation : std::uint8_t {
    None,
    FourBits,
    Alternating,
    RandomPairs,
    LargerOfPair,
    LargerOfGroup,
    LargerOfGroupOwnRange
};

/// What a format, or an allocation of 4 and 3 bits, makes of random weights.
struct ClaimMeasurement {
    std::string name;
    /// Empty with an allocation.
    std::filesystem::path format;
    BitAllocation allocation = BitAllocation::None;
    std::uint32_t allocation_group = 0;
    bool symmetric = false;
    SampleKind sample = SampleKind::Gaussian;
    std::uint64_t k = 0;
    std::uint64_t n = 0;
    std::uint64_t seed = 1;
};

/// A model whose shape formulas may name.
struct ClaimModel {
    std::string name;
    std::filesystem::path model;
};

/// In which role a hypothesis stands.
enum class HypothesisRole : std::uint8_t {
    /// The claim as its authors state it.
    Stated,
    /// A reading under which it may hold.
    Condition,
    /// A mistake that may have produced the number.
    Slip
};

struct ClaimHypothesis {
    HypothesisRole role = HypothesisRole::Condition;
    std::optional<config::Formula> formula;
    /// The unit that the claim's number is read in, if not the one that it states.
    std::string unit;
    /// What is supposed, as the end of "holds only if ...".
    std::string means;
    /// One line for the verdict.
    std::string why;
};

struct Claim {
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
    std::vector<ClaimHypothesis> hypotheses;
};

struct Claims {
    std::string name;
    std::string description;
    std::vector<ClaimPoint> points;
    std::vector<ClaimMeasurement> measurements;
    std::vector<ClaimModel> models;
    std::vector<Claim> claims;
};

/// Throws ConfigError with every error of the file, names of files that do not exist and of
/// quantities that nothing gives among them.
Claims load_claims(const std::filesystem::path& path);

/// A quantity that formulas may name behind a point, a measurement or a model.
struct ClaimQuantity {
    std::string name;
    std::string doc;
};
const std::vector<ClaimQuantity>& point_quantities();
const std::vector<ClaimQuantity>& measurement_quantities();
const std::vector<ClaimQuantity>& model_quantities();

}  // namespace lpusim
