#include "sim/config/claims_schema.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>

#include "sim/config/claim_types.h"
#include "sim/config/data_files.h"

namespace lpusim::config {

namespace {

constexpr std::size_t kProse = 1'000;
constexpr std::uint64_t kMostItems = 1'000;
constexpr std::uint64_t kMostWeights = std::uint64_t{1} << 28U;

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

struct WrittenPoint {
    ClaimPoint point;
    std::string hardware, model, format;
};

struct WrittenMeasurement {
    ClaimMeasurement measurement;
    std::string format;
    Extents shape;
};

struct WrittenModel {
    ClaimModel model;
    std::string file;
};

struct WrittenClaim {
    Claim claim;
    std::string source;
    std::optional<Fraction> tolerance;
    std::vector<YamlNode> hypotheses;
};

Schema<ClaimsFile> file_schema() {
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

Schema<WrittenPoint> point_schema() {
    Schema<WrittenPoint> schema;
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

Schema<WrittenMeasurement> measurement_schema() {
    Schema<WrittenMeasurement> schema;
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

Schema<WrittenModel> model_claim_schema() {
    Schema<WrittenModel> schema;
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

Schema<ClaimHypothesis> hypothesis_schema() {
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

std::vector<std::string> names_of(const std::vector<ClaimQuantity>& quantities) {
    std::vector<std::string> names;
    names.reserve(quantities.size());
    for (const ClaimQuantity& quantity : quantities) names.push_back(quantity.name);
    return names;
}

class ClaimsReader {
public:
    explicit ClaimsReader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

    Claims read(const YamlNode& root) {
        static const Schema<ClaimsFile> kSchema = file_schema();
        ClaimsFile file;
        FieldValues values(root, kSchema.doc, diagnostics_);
        values.read_into(file, kSchema);
        source_ = file.source;
        tolerance_ = file.tolerance;
        claims_.name = file.name;
        claims_.description = file.description;
        for (const YamlNode& node : file.points) read_point(node);
        for (const YamlNode& node : file.measurements) read_measurement(node);
        for (const YamlNode& node : file.models) read_model(node);
        for (const YamlNode& node : file.claims) read_claim(node);
        return std::move(claims_);
    }

private:
    /// Reads an item of a list; nothing when it is no map.
    template <class Target>
    std::optional<FieldValues> read_item(const YamlNode& node, const Schema<Target>& schema,
                                         Target& target) {
        if (node.kind != YamlNode::Kind::Map) {
            diagnostics_.error(node.at, fmt::format("got {}; allowed: a map with the keys of a {}",
                                                    node.shown(), schema.doc.kind));
            return std::nullopt;
        }
        FieldValues values(node, schema.doc, diagnostics_);
        values.read_into(target, schema);
        return values;
    }

    /// The path of a file that is named, or an error.
    static void find(FieldValues& values, const char* key, FileKind kind, const std::string& name,
                     std::filesystem::path& path) {
        if (!values.valid({key}) || name.empty()) return;
        try {
            path = find_file(kind, name);
        } catch (const ConfigError& e) {
            constexpr std::string_view kPrefix = "error: ";
            values.error(key, e.errors().front().substr(kPrefix.size()));
        }
    }

    void claim_name(FieldValues& values, const std::string& name,
                    const std::vector<ClaimQuantity>& quantities) {
        if (!values.valid({"name"})) return;
        if (!quantities_.emplace(name, names_of(quantities)).second) {
            values.error("name", fmt::format("'{}' is taken", name));
        }
    }

    void read_point(const YamlNode& node) {
        static const Schema<WrittenPoint> kSchema = point_schema();
        WrittenPoint written;
        std::optional<FieldValues> values = read_item(node, kSchema, written);
        if (!values) return;
        claim_name(*values, written.point.name, point_quantities());
        find(*values, "hardware", FileKind::Hardware, written.hardware, written.point.hardware);
        find(*values, "model", FileKind::Model, written.model, written.point.model);
        find(*values, "format", FileKind::Format, written.format, written.point.format);
        claims_.points.push_back(std::move(written.point));
    }

    void read_measurement(const YamlNode& node) {
        static const Schema<WrittenMeasurement> kSchema = measurement_schema();
        WrittenMeasurement written;
        std::optional<FieldValues> values = read_item(node, kSchema, written);
        if (!values) return;
        ClaimMeasurement& measurement = written.measurement;
        claim_name(*values, measurement.name, measurement_quantities());
        find(*values, "format", FileKind::Format, written.format, measurement.format);
        const bool allocates = measurement.allocation != BitAllocation::None;
        if (values->valid({"format", "allocation"}) && written.format.empty() == !allocates) {
            values->error("format", "a measurement has a format or an allocation, and not both");
        }
        if (!allocates && values->valid({"group", "symmetric"}) &&
            (measurement.allocation_group != 0 || measurement.symmetric)) {
            values->error("group",
                          "group and symmetric are those of an allocation; a format has "
                          "its own");
        }
        measurement.k = written.shape.k;
        measurement.n = written.shape.n;
        claims_.measurements.push_back(measurement);
    }

    void read_model(const YamlNode& node) {
        static const Schema<WrittenModel> kSchema = model_claim_schema();
        WrittenModel written;
        std::optional<FieldValues> values = read_item(node, kSchema, written);
        if (!values) return;
        claim_name(*values, written.model.name, model_quantities());
        find(*values, "model", FileKind::Model, written.file, written.model.model);
        claims_.models.push_back(written.model);
    }

    void read_claim(const YamlNode& node) {
        static const Schema<WrittenClaim> kSchema = claim_schema();
        WrittenClaim written;
        std::optional<FieldValues> values = read_item(node, kSchema, written);
        if (!values) return;
        Claim& claim = written.claim;
        claim.source = written.source.empty() ? source_ : written.source;
        const Fraction tolerance = written.tolerance.value_or(tolerance_);
        claim.tolerance = static_cast<double>(tolerance.num) / static_cast<double>(tolerance.den);
        if (values->valid({"id"}) && !ids_.insert(claim.id).second) {
            values->error("id", fmt::format("'{}' is taken", claim.id));
        }
        if (claim.value_to && values->valid({"value", "to"}) && *claim.value_to <= claim.value) {
            values->error("to", "a range ends above its beginning");
        }
        if (values->valid({"missing", "hypotheses"}) && claim.missing.empty() &&
            written.hypotheses.empty()) {
            values->error("hypotheses", "a claim has hypotheses, or says what is missing");
        }
        for (const YamlNode& item : written.hypotheses) read_hypothesis(item, claim);
        claims_.claims.push_back(std::move(claim));
    }

    void read_hypothesis(const YamlNode& node, Claim& claim) {
        static const Schema<ClaimHypothesis> kSchema = hypothesis_schema();
        ClaimHypothesis hypothesis;
        std::optional<FieldValues> values = read_item(node, kSchema, hypothesis);
        if (!values) return;
        if (hypothesis.unit.empty()) hypothesis.unit = claim.unit;
        if (hypothesis.formula) {
            for (const std::string& name : hypothesis.formula->names()) check_name(*values, name);
        }
        claim.hypotheses.push_back(std::move(hypothesis));
    }

    void check_name(FieldValues& values, const std::string& name) {
        const std::size_t dot = name.find('.');
        const std::string owner = name.substr(0, dot);
        const std::string quantity = name.substr(dot + 1);
        const auto found = quantities_.find(owner);
        if (found == quantities_.end()) {
            std::vector<std::string> owners;
            for (const auto& [known, ignored] : quantities_) owners.push_back(known);
            values.error("formula",
                         fmt::format("names {}, but no point, measurement or model is called "
                                     "{}{}",
                                     in_quotes(name), in_quotes(owner),
                                     did_you_mean(nearest(owner, owners))));
            return;
        }
        const std::vector<std::string>& known = found->second;
        if (std::find(known.begin(), known.end(), quantity) != known.end()) return;
        values.error("formula", fmt::format("names {}; allowed behind {}: {}{}", in_quotes(name),
                                            in_quotes(owner), fmt::join(known, ", "),
                                            did_you_mean(nearest(quantity, known))));
    }

    Diagnostics& diagnostics_;
    std::string source_;
    Fraction tolerance_;
    Claims claims_;
    /// By the name of a point, measurement or model.
    std::map<std::string, std::vector<std::string>> quantities_;
    std::set<std::string> ids_;
};

template <class Target>
void append(SchemaDoc& doc, const std::string& list, const std::string& about,
            const Schema<Target>& schema) {
    doc.groups.push_back({list, about});
    for (FieldDoc field : schema.doc.fields) {
        field.key = list + "." + field.key;
        doc.fields.push_back(std::move(field));
    }
}

std::string listed(const std::vector<ClaimQuantity>& quantities) {
    std::string text;
    for (const ClaimQuantity& quantity : quantities) {
        text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", quantity.name, quantity.doc);
    }
    return text;
}

}  // namespace

const SchemaDoc& claims_doc() {
    static const SchemaDoc kDoc = [] {
        SchemaDoc doc = file_schema().doc;
        doc.kind = "claims";
        doc.doc =
            "Published numbers and what they may mean; 'lpusim audit' holds them to the "
            "simulator (docs/claims.md).";
        append(doc, "points[]", "Gives: " + listed(point_quantities()), point_schema());
        append(doc, "measurements[]", "Gives: " + listed(measurement_quantities()),
               measurement_schema());
        append(doc, "models[]", "Gives: " + listed(model_quantities()), model_claim_schema());
        append(doc, "claims[]", "A published number", claim_schema());
        append(doc, "claims[].hypotheses[]", "What it may mean", hypothesis_schema());
        return doc;
    }();
    return kDoc;
}

Claims read_claims(const YamlNode& root, Diagnostics& diagnostics) {
    return ClaimsReader(diagnostics).read(root);
}

}  // namespace lpusim::config
