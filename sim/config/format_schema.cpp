#include "sim/config/format_schema.h"

#include <string>

#include "hw_models/numerics/metadata_code.h"
#include "hw_models/numerics/weight_codes.h"

namespace lpusim::config {

namespace {

constexpr std::uint64_t kMaxGroup = 1U << 20U;

/// One scale as written: "group" is a number only once the group size is known.
struct WrittenScale {
    bool per_group = false;
    std::uint32_t per_weights = 0;
    std::uint32_t bits = 0;
    MetadataKind kind = MetadataKind::ByWidth;
};

/// A format file as written.
struct FormatFile {
    NumberFormat format;
    std::string description;
    std::vector<WrittenScale> scales;
};

/// What a kind that is not written follows from.
constexpr const char* kByWidth = "by width: 16 bits fp16, 32 bits fp32, any other integer";

Choice<MetadataKind> scale_kind() {
    return Choice<MetadataKind>({{"fp16", MetadataKind::Fp16},
                                 {"bf16", MetadataKind::Bf16},
                                 {"fp32", MetadataKind::Fp32},
                                 {"fp8_e4m3", MetadataKind::Fp8E4m3},
                                 {"power_of_two", MetadataKind::PowerOfTwo},
                                 {"integer", MetadataKind::Integer}});
}

Choice<MetadataKind> zero_point_kind() {
    return Choice<MetadataKind>({{"integer", MetadataKind::Integer},
                                 {"fp16", MetadataKind::Fp16},
                                 {"bf16", MetadataKind::Bf16},
                                 {"fp32", MetadataKind::Fp32}});
}

MetadataKind resolved(MetadataKind kind, std::uint32_t bits) {
    return MetadataCode(kind, bits).kind();
}

/// {per: group, bits: 16, kind: fp16}
class ScaleType {
public:
    using Value = WrittenScale;

    static Value read(const YamlNode& node) {
        if (node.kind != YamlNode::Kind::Map) throw BadValue("");
        Value scale;
        for (const YamlEntry& entry : node.entries) {
            try {
                read_part(scale, entry);
            } catch (BadValue& bad) {
                bad.item = BadValue::Item{entry.value.at, "." + entry.key, entry.value.shown()};
                throw;
            }
        }
        for (const char* part : {"per", "bits"}) {
            if (node.find(part) == nullptr) throw BadValue(" without '" + std::string(part) + "'");
        }
        return scale;
    }
    static Json write(const Value& scale) {
        Json json;
        if (scale.per_group) {
            json["per"] = "group";
        } else {
            json["per"] = per_type().write(scale.per_weights);
        }
        json["bits"] = scale.bits;
        json["kind"] = scale_kind().write(resolved(scale.kind, scale.bits));
        return json;
    }
    static std::string allowed() {
        return "{per: group, column or a number of weights, bits: 1 to 32, and if need be kind: " +
               scale_kind().allowed() + "}";
    }

private:
    static OrWord<Count> per_type() { return {"column", Count(1, kMaxGroup)}; }

    static void read_part(Value& scale, const YamlEntry& entry) {
        if (entry.key == "bits") {
            scale.bits = static_cast<std::uint32_t>(Count(1, 32).read(entry.value));
        } else if (entry.key == "kind") {
            scale.kind = scale_kind().read(entry.value);
        } else if (entry.key != "per") {
            throw BadValue(" for an unknown key", nearest(entry.key, {"per", "bits", "kind"}));
        } else if (entry.value.kind == YamlNode::Kind::Scalar && entry.value.text == "group") {
            scale.per_group = true;
        } else {
            scale.per_weights = static_cast<std::uint32_t>(per_type().read(entry.value));
        }
    }
};

using FormatSchema = Schema<FormatFile>;

void add_code(FormatSchema& schema) {
    schema.add(
        "name", Text(1, 100), required(), [](auto& f) -> auto& { return f.format.name; },
        "Name on the command line, in tables and in results.");
    schema.add(
        "description", Text(0, 1000), by_default(""),
        [](auto& f) -> auto& { return f.description; }, "One line about the format.");
    schema.add(
        "code.kind", Choice<CodeKind>({{"integer", CodeKind::Integer}, {"float", CodeKind::Float}}),
        by_default("integer"), [](auto& f) -> auto& { return f.format.code.kind; },
        "What a code means: a level on a grid, or a floating-point number (one field of 4, 6, 8 or "
        "16 bits). Sizes and timing do not depend on it.");
    schema.add(
        "code.fields", ListOf<Count>({1, 16}, 1, 16, "bit widths"), implied("none"),
        [](auto& f) -> auto& { return f.format.code.field_bits; },
        "Bits of consecutive weights along K, repeating: [4, 3] is 3.5 bits per weight.");
    schema.add(
        "code.radix", ListOf<Count>({2, 256}, 1, 16, "level counts"), implied("none"),
        [](auto& f) -> auto& { return f.format.code.radix_levels; },
        "Levels of consecutive weights that share a symbol: [11, 11] is 121 values in 7 bits. A "
        "code has fields or a radix.");
    schema.add(
        "code.exponent_bits", Count(1, 8), implied("2 of 4 bits, 2 of 6, 4 of 8, 5 of 16"),
        [](auto& f) -> auto& { return f.format.code.exponent_bits; },
        "Exponent of a floating-point code: 4 bits are E2M1 (2); 6 bits E2M3 (2) or E3M2 (3); 8 "
        "bits E4M3 (4) or E5M2 (5); 16 bits FP16 (5) or BF16 (8).");
    schema.add(
        "packing", Choice<Packing>({{"dense", Packing::Dense}, {"padded", Packing::Padded}}),
        by_default("dense"), [](auto& f) -> auto& { return f.format.packing; },
        "A bit stream without gaps inside a tile column, or each symbol in whole bytes.");
}

void add_metadata(FormatSchema& schema) {
    schema.add(
        "group_size", OrWord<Count>("column", Count(1, kMaxGroup)), by_default("column"),
        [](auto& f) -> auto& { return f.format.group_size; },
        "Weights along K that share the innermost scale. It need not divide K.");
    schema.add(
        "scales", ListOf<ScaleType>({}, 0, 4, "scales"), implied("none"),
        [](auto& f) -> auto& { return f.scales; },
        "Scales, innermost first: how many weights of a column share one, its bits, and what "
        "these mean. Each covers a multiple of the one before. A kind that is left out goes " +
            std::string(kByWidth) + ".");
    schema.add(
        "zero_point", OrWord<Measure>("none", Measure(Dimension::Width, 1, 32)), by_default("none"),
        [](auto& f) -> auto& { return f.format.zero_point_bits; },
        "Width of the zero point that each group stores; none: symmetric.");
    schema.add(
        "zero_point_kind", zero_point_kind(), implied(kByWidth),
        [](auto& f) -> auto& { return f.format.zero_point_kind; },
        "What the bits of a zero point mean. An integer one needs as many bits as the codes' "
        "common "
        "grid has steps.");
    schema.add(
        "tensor_scale", flag(), by_default("false"),
        [](auto& f) -> auto& { return f.format.tensor_scale; },
        "Whether one FP32 scale of the whole tensor multiplies all others. It is a constant of the "
        "operator, neither streamed nor counted in the effective bits.");
    schema.add(
        "layout",
        Choice<MetadataLayout>(
            {{"inline", MetadataLayout::Inline}, {"separate", MetadataLayout::Separate}}),
        by_default("inline"), [](auto& f) -> auto& { return f.format.layout; },
        "Scales and zero points in front of their group's codes, or all in front of a tile.");
    schema.add(
        "operand", Choice<std::uint32_t>({{"int8", 1}, {"fp16", 2}}), by_default("int8"),
        [](auto& f) -> auto& { return f.format.operand_bytes; },
        "What the array multiplies: one byte per weight on its bus, or two (FP16 or BF16, "
        "whichever "
        "the codes are).");
}

const FormatSchema& format_schema() {
    static const FormatSchema kSchema = [] {
        FormatSchema schema;
        schema.doc.kind = "format";
        schema.doc.doc = "A weight number format: how weights become bits.";
        schema.doc.groups = {{"code", "The codes of the weights"}};
        add_code(schema);
        add_metadata(schema);
        return schema;
    }();
    return kSchema;
}

void resolve_scales(FormatFile& file) {
    for (const WrittenScale& scale : file.scales) {
        const std::uint32_t per = scale.per_group ? file.format.group_size : scale.per_weights;
        file.format.scales.push_back({per, scale.bits, scale.kind});
    }
}

FormatFile as_file(const NumberFormat& format) {
    FormatFile file;
    file.format = format;
    for (const MetadataLevel& level : format.scales) {
        const bool per_group = format.grouped() && level.per_weights == format.group_size;
        file.scales.push_back({per_group, level.per_weights, level.bits, level.kind});
    }
    file.format.zero_point_kind = resolved(format.zero_point_kind, format.zero_point_bits);
    return file;
}

/// What is wrong with the geometry, or else with what the bits mean.
std::vector<FormatProblem> all_problems(const NumberFormat& format) {
    std::vector<FormatProblem> found = problems(format);
    if (found.empty()) found = value_problems(format);
    const bool kind_of_none =
        format.zero_point_bits == 0 && format.zero_point_kind != MetadataKind::ByWidth;
    if (kind_of_none)
        found.push_back({"zero_point_kind", "there is no zero_point to be of a kind"});
    return found;
}

}  // namespace

const SchemaDoc& format_doc() { return format_schema().doc; }
void check_format_value(std::string_view key, const YamlNode& node) {
    check_value(format_schema(), key, node);
}

NumberFormat read_format(const YamlNode& root, Diagnostics& diagnostics) {
    FormatFile file;
    FieldValues values(root, format_schema().doc, diagnostics);
    values.read_into(file, format_schema());
    resolve_scales(file);
    if (values.valid({"code.kind", "code.fields", "code.radix", "code.exponent_bits", "group_size",
                      "scales", "zero_point", "zero_point_kind", "tensor_scale", "operand"})) {
        for (const FormatProblem& problem : all_problems(file.format)) {
            values.error(problem.key, problem.message);
        }
    }
    return file.format;
}

Json format_json(const NumberFormat& format) {
    Json json = to_json(format_schema(), as_file(format));
    json.erase("description");
    // A code has one of the two; an empty list is not a value of the other.
    json["code"].erase(format.code.field_bits.empty() ? "fields" : "radix");
    // Integers have no exponent, and what is not there has no kind.
    if (format.code.kind == CodeKind::Float) {
        json["code"]["exponent_bits"] = float_code(format.code).value().exponent_bits;
    } else {
        json["code"].erase("exponent_bits");
    }
    if (format.zero_point_bits == 0) json.erase("zero_point_kind");
    return json;
}

}  // namespace lpusim::config
