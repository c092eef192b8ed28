#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/config/claim_types.h"
#include "sim/config/claims.h"
#include "sim/config/fields.h"

// What a claims file may say, key by key; claims_schema.cpp makes claims of it.
namespace lpusim::config {

/// A file as written: the lists are read item by item, each by a table of its own.
struct ClaimsFile {
    std::string name;
    std::string description;
    std::string source;
    Fraction tolerance;
    std::vector<YamlNode> points;
    std::vector<YamlNode> measurements;
    std::vector<YamlNode> models;
    std::vector<YamlNode> claims;
};

struct WrittenClaimPoint {
    ClaimPoint point;
    std::string hardware, model, format;
};

struct WrittenClaimMeasurement {
    ClaimMeasurement measurement;
    std::string format;
    Extents shape;
};

struct WrittenClaimModel {
    ClaimModel model;
    std::string file;
};

struct WrittenClaim {
    Claim claim;
    std::string source;
    std::optional<Fraction> tolerance;
    std::vector<YamlNode> hypotheses;
};

Schema<ClaimsFile> claims_file_schema();
Schema<WrittenClaimPoint> claim_point_schema();
Schema<WrittenClaimMeasurement> claim_measurement_schema();
Schema<WrittenClaimModel> claim_model_schema();
Schema<WrittenClaim> claim_schema();
Schema<ClaimHypothesis> claim_hypothesis_schema();

}  // namespace lpusim::config
