#include "sim/config/format_schema.h"

#include <string>

namespace lpusim::config {

namespace {

constexpr std::uint64_t kMaxGroup = 1U << 20U;

/// One scale as written: "group" is a number only once the group size is known.
struct WrittenScale {
    bool per_group = false;
    std::uint32_t per_weights = 0;
    std::uint32_t bits = 0;
};

/// A format file as written.
struct FormatFile {
    NumberFormat format;
    std::string description;
    std::vector<WrittenScale> scales;
};

/// {per: group, bits: 16}
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
        return json;
    }
    static std::string allowed() {
        return "{per: group, column or a number of weights, bits: 1 to 32}";
    }

private:
    static OrWord<Count> per_type() { return {"column", Count(1, kMaxGroup)}; }

    static void read_part(Value& scale, const YamlEntry& entry) {
        if (entry.key == "bits") {
            scale.bits = static_cast<std::uint32_t>(Count(1, 32).read(entry.value));
        } else if (entry.key != "per") {
            throw BadValue(" for an unknown key", nearest(entry.key, {"per", "bits"}));
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
        "What a code means. Sizes and timing do not depend on it.");
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
        "Scales, innermost first: how many weights of a column share one, and its bits. Each "
        "covers a multiple of the one before.");
    schema.add(
        "zero_point", OrWord<Measure>("none", Measure(Dimension::Width, 1, 32)), by_default("none"),
        [](auto& f) -> auto& { return f.format.zero_point_bits; },
        "Width of the zero point that each group stores; none: symmetric.");
    schema.add(
        "layout",
        Choice<MetadataLayout>(
            {{"inline", MetadataLayout::Inline}, {"separate", MetadataLayout::Separate}}),
        by_default("inline"), [](auto& f) -> auto& { return f.format.layout; },
        "Scales and zero points in front of their group's codes, or all in front of a tile.");
    schema.add(
        "operand", Choice<std::uint32_t>({{"int8", 1}, {"fp16", 2}}), by_default("int8"),
        [](auto& f) -> auto& { return f.format.operand_bytes; },
        "What the array multiplies: one byte per weight on its bus, or two.");
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
        file.format.scales.push_back({per, scale.bits});
    }
}

FormatFile as_file(const NumberFormat& format) {
    FormatFile file;
    file.format = format;
    for (const MetadataLevel& level : format.scales) {
        const bool per_group = format.grouped() && level.per_weights == format.group_size;
        file.scales.push_back({per_group, level.per_weights, level.bits});
    }
    return file;
}

}  // namespace

const SchemaDoc& format_doc() { return format_schema().doc; }

NumberFormat read_format(const YamlNode& root, Diagnostics& diagnostics) {
    FormatFile file;
    FieldValues values(root, format_schema().doc, diagnostics);
    values.read_into(file, format_schema());
    resolve_scales(file);
    if (values.valid(
            {"code.fields", "code.radix", "group_size", "scales", "zero_point", "operand"})) {
        for (const FormatProblem& problem : problems(file.format)) {
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
    return json;
}

}  // namespace lpusim::config
