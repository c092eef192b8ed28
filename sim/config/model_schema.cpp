#include "sim/config/model_schema.h"

#include <optional>

namespace lpusim::config {

namespace {

/// A model file as written.
struct ModelFile {
    Model model;
    std::string description;
    std::string source;
    std::optional<std::uint32_t> kv_heads;
    std::optional<std::uint32_t> head_dim;
};

using ModelSchema = Schema<ModelFile>;

void add_description(ModelSchema& schema) {
    schema.add(
        "name", Text(1, 100), required(), [](auto& f) -> auto& { return f.model.name; },
        "Name in tables and results.");
    schema.add(
        "description", Text(0, 1000), by_default(""),
        [](auto& f) -> auto& { return f.description; }, "One line about the model.");
    schema.add(
        "source", Text(0, 1000), by_default(""), [](auto& f) -> auto& { return f.source; },
        "Where the shape comes from.");
    schema.add(
        "architecture",
        Choice<Architecture>(
            {{"decoder", Architecture::Decoder}, {"encoder", Architecture::Encoder}}),
        by_default("decoder"), [](auto& f) -> auto& { return f.model.architecture; },
        "Causal with an LM head (LLaMA, GPT), or bidirectional without (BERT).");
}

void add_shape(ModelSchema& schema) {
    schema.add(
        "hidden", kModelWidth, required(), [](auto& f) -> auto& { return f.model.hidden; },
        "Width of the residual stream.");
    schema.add(
        "intermediate", kModelWidth, required(),
        [](auto& f) -> auto& { return f.model.intermediate; }, "Width inside the MLP.");
    schema.add(
        "layers", kModelLayers, required(), [](auto& f) -> auto& { return f.model.layers; },
        "Transformer layers.");
    schema.add(
        "heads", kModelHeads, required(), [](auto& f) -> auto& { return f.model.heads; },
        "Query heads.");
    schema.add(
        "kv_heads", kModelHeads, implied("heads"), [](auto& f) -> auto& { return f.kv_heads; },
        "Key and value heads; divides the heads. Fewer than heads: grouped-query attention.");
    schema.add(
        "head_dim", kHeadWidth, implied("hidden / heads"),
        [](auto& f) -> auto& { return f.head_dim; }, "Width of a head.");
    schema.add(
        "vocab", kTableRows, required(), [](auto& f) -> auto& { return f.model.vocab; },
        "Rows of the embedding table.");
    schema.add(
        "max_positions", kTableRows, required(),
        [](auto& f) -> auto& { return f.model.max_positions; },
        "Longest context, and the rows of a learned position table.");
    schema.add(
        "token_types", kTokenTypes, by_default("0"),
        [](auto& f) -> auto& { return f.model.token_types; }, "Rows of a token-type table (BERT).");
}

void add_parts(ModelSchema& schema) {
    schema.add(
        "mlp", Choice<MlpKind>({{"gated", MlpKind::Gated}, {"plain", MlpKind::Plain}}),
        by_default("gated"), [](auto& f) -> auto& { return f.model.mlp; },
        "SiLU(gate) * up with a gate and an up projection, or GELU(up).");
    schema.add(
        "norm",
        Choice<NormKind>({{"rms_norm", NormKind::RmsNorm}, {"layer_norm", NormKind::LayerNorm}}),
        by_default("rms_norm"), [](auto& f) -> auto& { return f.model.norm; },
        "RMSNorm has a weight per element, LayerNorm a weight and a bias.");
    schema.add(
        "positions",
        Choice<Positions>({{"rotary", Positions::Rotary}, {"learned", Positions::Learned}}),
        by_default("rotary"), [](auto& f) -> auto& { return f.model.positions; },
        "Rotary embedding in each layer, or a table added to the token embedding.");
    schema.add(
        "biases", flag(), by_default("false"), [](auto& f) -> auto& { return f.model.biases; },
        "Whether linear layers have bias vectors.");
    schema.add(
        "tied_embeddings", flag(), by_default("false"),
        [](auto& f) -> auto& { return f.model.tied_embeddings; },
        "Whether the LM head is the embedding table.");
    schema.add(
        "embedding_norm", flag(), by_default("false"),
        [](auto& f) -> auto& { return f.model.embedding_norm; },
        "Whether a norm follows the embedding (BERT).");
    schema.add(
        "final_norm", flag(), by_default("true"),
        [](auto& f) -> auto& { return f.model.final_norm; },
        "Whether a norm follows the last layer.");
    schema.add(
        "pooler", flag(), by_default("false"), [](auto& f) -> auto& { return f.model.pooler; },
        "Whether a dense layer over the first token follows the last layer (BERT).");
}

const ModelSchema& model_schema() {
    static const ModelSchema kSchema = [] {
        ModelSchema schema;
        schema.doc.kind = "model";
        schema.doc.doc =
            "A transformer's shape. A Hugging Face config.json of a LLaMA, GPT-2 or BERT model is "
            "read in its place, as it is.";
        add_description(schema);
        add_shape(schema);
        add_parts(schema);
        return schema;
    }();
    return kSchema;
}

void resolve_heads(ModelFile& file, FieldValues& values) {
    Model& model = file.model;
    if (!values.valid({"hidden", "heads", "kv_heads", "head_dim"})) return;
    model.kv_heads = file.kv_heads.value_or(model.heads);
    if (!file.head_dim && model.hidden % model.heads != 0) {
        values.error("head_dim",
                     fmt::format("is left out, but hidden = {} is no multiple of heads = {}",
                                 model.hidden, model.heads));
        return;
    }
    model.head_dim = file.head_dim.value_or(model.hidden / model.heads);
    if (model.heads % model.kv_heads != 0) {
        values.error("kv_heads", fmt::format("got {}, which does not divide heads = {}",
                                             model.kv_heads, model.heads));
    }
}

}  // namespace

const SchemaDoc& model_doc() { return model_schema().doc; }
void check_model_value(std::string_view key, const YamlNode& node) {
    check_value(model_schema(), key, node);
}

Model read_model(const YamlNode& root, Diagnostics& diagnostics) {
    ModelFile file;
    FieldValues values(root, model_schema().doc, diagnostics);
    values.read_into(file, model_schema());
    resolve_heads(file, values);
    return file.model;
}

Json model_json(const Model& model) {
    ModelFile file;
    file.model = model;
    file.kv_heads = model.kv_heads;
    file.head_dim = model.head_dim;
    Json json = to_json(model_schema(), file);
    json.erase("description");
    json.erase("source");
    return json;
}

}  // namespace lpusim::config
