#include "sim/config/claims_keys.h"

namespace lpusim::config {

namespace {

constexpr std::size_t kProse = 1'000;
constexpr std::uint64_t kMostItems = 1'000;
constexpr std::uint64_t kMostWeights = std::uint64_t{1} << 28U;

}  // namespace

Schema<ClaimsFile> claims_file_schema() {
    Schema<ClaimsFile> schema;
    schema.add(
        "name", Text(1, 100), required(), [](auto& f) -> auto& { return f.name; },
        "Name in reports.");
    schema.add(
        "description", Text(0, kProse), by_default(""),
        [](auto& f) -> auto& { return f.description; }, "What is held to the simulator.");
    schema.add(
        "source", Text(0, kProse), by_default(""), [](auto& f) -> auto& { return f.source; },
        "Where the claims stand; a claim may say it for itself.");
    schema.add(
        "tolerance", Percent(), by_default("1 %"), [](auto& f) -> auto& { return f.tolerance; },
        "How far a number may be off its claim and still hold; a claim may have its own.");
    schema.add(
        "points", Items(kMostItems), implied("none"), [](auto& f) -> auto& { return f.points; },
        "Simulations that formulas name.");
    schema.add(
        "measurements", Items(kMostItems), implied("none"),
        [](auto& f) -> auto& { return f.measurements; },
        "What formats make of random weights, that formulas name.");
    schema.add(
        "models", Items(kMostItems), implied("none"), [](auto& f) -> auto& { return f.models; },
        "Models whose shapes formulas name.");
    schema.add(
        "claims", Items(kMostItems), required(), [](auto& f) -> auto& { return f.claims; },
        "The claims.");
    return schema;
}

Schema<WrittenClaimPoint> claim_point_schema() {
    Schema<WrittenClaimPoint> schema;
    schema.add(
        "name", Name(), required(), [](auto& p) -> auto& { return p.point.name; },
        "What formulas call it.");
    schema.add(
        "hardware", Text(1, kProse), required(), [](auto& p) -> auto& { return p.hardware; },
        "The chip: a file, or the name of a shipped one.");
    schema.add(
        "with", Changes(), implied("nothing"),
        [](auto& p) -> auto& { return p.point.hardware_overrides; },
        "What is different in the hardware file.");
    schema.add(
        "model", Text(1, kProse), required(), [](auto& p) -> auto& { return p.model; },
        "The model, likewise.");
    schema.add(
        "format", Text(1, kProse), required(), [](auto& p) -> auto& { return p.format; },
        "The weight format, likewise.");
    schema.add(
        "batch", Count(1, 65'536), by_default("1"),
        [](auto& p) -> auto& { return p.point.scenario.batch; }, "Sequences that decode together.");
    schema.add(
        "context", Count(1, 16'777'216), by_default("2048"),
        [](auto& p) -> auto& { return p.point.scenario.context; },
        "Positions that the new token attends to, its own included.");
    return schema;
}

Schema<WrittenClaimMeasurement> claim_measurement_schema() {
    Schema<WrittenClaimMeasurement> schema;
    schema.add(
        "name", Name(), required(), [](auto& m) -> auto& { return m.measurement.name; },
        "What formulas call it.");
    schema.add(
        "format", Text(0, kProse), by_default(""), [](auto& m) -> auto& { return m.format; },
        "The format: a file, or the name of a shipped one.");
    schema.add(
        "allocation",
        Choice<BitAllocation>(
            {{"none", BitAllocation::None},
             {"four-bits", BitAllocation::FourBits},
             {"alternating", BitAllocation::Alternating},
             {"random-pairs", BitAllocation::RandomPairs},
             {"larger-of-pair", BitAllocation::LargerOfPair},
             {"larger-of-group", BitAllocation::LargerOfGroup},
             {"larger-of-group-own-range", BitAllocation::LargerOfGroupOwnRange}}),
        by_default("none"), [](auto& m) -> auto& { return m.measurement.allocation; },
        "In place of a format: which weights get 4 bits and which 3.");
    schema.add(
        "group", OrWord("column", Count(1, 1U << 20U)), by_default("column"),
        [](auto& m) -> auto& { return m.measurement.allocation_group; },
        "Of an allocation: weights that share a range.");
    schema.add(
        "symmetric", flag(), by_default("false"),
        [](auto& m) -> auto& { return m.measurement.symmetric; },
        "Of an allocation: ranges around zero.");
    schema.add(
        "weights",
        Choice<SampleKind>({{"gaussian", SampleKind::Gaussian},
                            {"student-t", SampleKind::StudentT},
                            {"laplace", SampleKind::Laplace}}),
        by_default("gaussian"), [](auto& m) -> auto& { return m.measurement.sample; },
        "Their distribution, as in 'lpusim quantize --synthetic'.");
    schema.add(
        "shape", Shape(kMostWeights), required(), [](auto& m) -> auto& { return m.shape; },
        "Rows along K and columns.");
    schema.add(
        "seed", Count(0, UINT64_MAX), by_default("1"),
        [](auto& m) -> auto& { return m.measurement.seed; }, "Of the random weights.");
    return schema;
}

Schema<WrittenClaimModel> claim_model_schema() {
    Schema<WrittenClaimModel> schema;
    schema.add(
        "name", Name(), required(), [](auto& m) -> auto& { return m.model.name; },
        "What formulas call it.");
    schema.add(
        "model", Text(1, kProse), required(), [](auto& m) -> auto& { return m.file; },
        "The model: a file, or the name of a shipped one.");
    return schema;
}

Schema<WrittenClaim> claim_schema() {
    Schema<WrittenClaim> schema;
    schema.add(
        "id", Text(1, 60), required(), [](auto& c) -> auto& { return c.claim.id; },
        "A short name, unlike all others.");
    schema.add(
        "topic", Text(1, 100), required(), [](auto& c) -> auto& { return c.claim.topic; },
        "Claims of one topic stand together in reports.");
    schema.add(
        "quote", Text(1, kProse), required(), [](auto& c) -> auto& { return c.claim.quote; },
        "The claim in its authors' words.");
    schema.add(
        "source", Text(0, kProse), by_default(""), [](auto& c) -> auto& { return c.source; },
        "Where it stands; default: the file's.");
    schema.add(
        "value", Real(), required(), [](auto& c) -> auto& { return c.claim.value; },
        "The number claimed.");
    schema.add(
        "to", Real(), implied("no range"), [](auto& c) -> auto& { return c.claim.value_to; },
        "The end of a range that begins with the value.");
    schema.add(
        "unit", UnitName(), required(), [](auto& c) -> auto& { return c.claim.unit; },
        "The unit of both as published.");
    schema.add(
        "tolerance", Percent(), implied("the file's"), [](auto& c) -> auto& { return c.tolerance; },
        "How far a hypothesis may be off, as a share of the value.");
    schema.add(
        "missing", Text(0, kProse), by_default(""),
        [](auto& c) -> auto& { return c.claim.missing; },
        "What would have to be stated to check the claim: with it the verdict is that it cannot be "
        "checked.");
    schema.add(
        "hypotheses", Items(100), implied("none"), [](auto& c) -> auto& { return c.hypotheses; },
        "What the number may mean, and what it is then.");
    return schema;
}

Schema<ClaimHypothesis> claim_hypothesis_schema() {
    Schema<ClaimHypothesis> schema;
    schema.add(
        "role",
        Choice<HypothesisRole>({{"stated", HypothesisRole::Stated},
                                {"condition", HypothesisRole::Condition},
                                {"slip", HypothesisRole::Slip}}),
        by_default("condition"), [](auto& h) -> auto& { return h.role; },
        "The claim as stated, a reading under which it may hold, or a mistake that may have made "
        "the number.");
    schema.add(
        "formula", FormulaType(), required(), [](auto& h) -> auto& { return h.formula; },
        "What the number is then, in base units (bytes, seconds, hertz, shares of 1).");
    schema.add(
        "unit", UnitName(), implied("the claim's"), [](auto& h) -> auto& { return h.unit; },
        "The unit that the claim's number is read in.");
    schema.add(
        "means", Text(1, kProse), required(), [](auto& h) -> auto& { return h.means; },
        "What is supposed, as the end of 'holds only if ...'.");
    schema.add(
        "why", Text(0, kProse), by_default(""), [](auto& h) -> auto& { return h.why; },
        "One line for the verdict.");
    return schema;
}

}  // namespace lpusim::config
