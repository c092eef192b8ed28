#include "sim/config/claims_schema.h"

#include <algorithm>
#include <map>
#include <set>

#include "sim/config/claims_keys.h"
#include "sim/config/data_files.h"

namespace lpusim::config {

namespace {

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
        static const Schema<ClaimsFile> kSchema = claims_file_schema();
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
        static const Schema<WrittenClaimPoint> kSchema = claim_point_schema();
        WrittenClaimPoint written;
        std::optional<FieldValues> values = read_item(node, kSchema, written);
        if (!values) return;
        claim_name(*values, written.point.name, point_quantities());
        find(*values, "hardware", FileKind::Hardware, written.hardware, written.point.hardware);
        find(*values, "model", FileKind::Model, written.model, written.point.model);
        find(*values, "format", FileKind::Format, written.format, written.point.format);
        claims_.points.push_back(std::move(written.point));
    }

    void read_measurement(const YamlNode& node) {
        static const Schema<WrittenClaimMeasurement> kSchema = claim_measurement_schema();
        WrittenClaimMeasurement written;
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
        static const Schema<WrittenClaimModel> kSchema = claim_model_schema();
        WrittenClaimModel written;
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
        static const Schema<ClaimHypothesis> kSchema = claim_hypothesis_schema();
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
        SchemaDoc doc = claims_file_schema().doc;
        doc.kind = "claims";
        doc.doc =
            "Published numbers and what they may mean; 'lpusim audit' holds them to the "
            "simulator (docs/claims.md).";
        append(doc, "points[]", "Gives: " + listed(point_quantities()), claim_point_schema());
        append(doc, "measurements[]", "Gives: " + listed(measurement_quantities()),
               claim_measurement_schema());
        append(doc, "models[]", "Gives: " + listed(model_quantities()), claim_model_schema());
        append(doc, "claims[]", "A published number", claim_schema());
        append(doc, "claims[].hypotheses[]", "What it may mean", claim_hypothesis_schema());
        return doc;
    }();
    return kDoc;
}

Claims read_claims(const YamlNode& root, Diagnostics& diagnostics) {
    return ClaimsReader(diagnostics).read(root);
}

}  // namespace lpusim::config
