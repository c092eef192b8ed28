#include "sim/workload/operators.h"

#include <utility>

namespace lpusim {

namespace {

/// Activations between operators, norm weights and biases.
constexpr std::uint64_t kFp16Bytes = 2;

class StepBuilder {
public:
    StepBuilder(const Model& model, const Scenario& scenario, std::uint32_t operand_bytes)
        : model_(model),
          batch_(scenario.batch),
          context_(scenario.context),
          operand_bytes_(operand_bytes),
          kv_bytes_(scenario.kv_bits / 8),
          query_(std::uint64_t{model.heads} * model.head_dim),
          key_value_(std::uint64_t{model.kv_heads} * model.head_dim) {}

    DecodeStep build(std::uint32_t layers) {
        DecodeStep step;
        step.layers = layers;
        step.sequences = static_cast<std::uint32_t>(batch_);
        step.kv_heads = model_.kv_heads;
        step.appended_kv = Bytes(2 * batch_ * key_value_ * kv_bytes_);
        step.kv_cache = step.appended_kv * context_;
        const std::uint64_t tables = model_.positions == Positions::Learned ? 2 : 1;
        step.embedding_rows = Bytes(tables * batch_ * model_.hidden * kFp16Bytes);

        add_prologue(step.embedding_rows);
        step.prologue = std::move(section_);
        section_.clear();
        add_attention();
        add_mlp();
        step.layer = std::move(section_);
        section_.clear();
        add_head();
        step.epilogue = std::move(section_);
        return step;
    }

private:
    void add_prologue(Bytes embedding_rows) {
        VectorWork copy;
        copy.kind = VectorKind::Copy;
        copy.elements = batch_ * model_.hidden;
        copy.read_per_pass = embedding_rows;
        copy.written = Bytes(copy.elements * kFp16Bytes);
        copy.touches = Touches::EmbeddingTable;
        add_vector("embed", copy, {});
        if (model_.embedding_norm) add_norm("embed_norm", 0, /*releases=*/true);
    }

    void add_attention() {
        add_norm("norm1", query_ + 2 * key_value_ + model_.hidden, /*releases=*/false);
        const std::string input = quantized("quant1", "norm1", model_.hidden);
        add_linear("q_proj", model_.hidden, query_, input);
        add_linear("k_proj", model_.hidden, key_value_, input);
        add_linear("v_proj", model_.hidden, key_value_, input);

        std::string query = rotated("rope_q", "q_proj", query_);
        if (kv_bytes_ == 1) {
            add_elementwise("quant_q", VectorKind::Quantize, batch_ * query_, kFp16Bytes, 1,
                            {query});
            query = "quant_q";
        }
        const std::string key = rotated("rope_k", "k_proj", key_value_);
        add_append(key);
        add_heads(query);

        const std::string output = quantized("quant_attn", "attn_v", query_);
        add_linear("o_proj", query_, model_.hidden, output);
        add_residual("residual1", "o_proj");
    }

    void add_mlp() {
        const bool gated = model_.mlp == MlpKind::Gated;
        const std::uint64_t ups = gated ? 2 : 1;
        const std::uint64_t intermediate = model_.intermediate;
        add_norm("norm2", ups * intermediate + model_.hidden, /*releases=*/false);
        const std::string input = quantized("quant2", "norm2", model_.hidden);
        if (gated) add_linear("gate_proj", model_.hidden, intermediate, input);
        add_linear("up_proj", model_.hidden, intermediate, input);

        const std::string activation = gated ? "silu_mul" : "gelu";
        std::vector<std::string> sources = {"up_proj"};
        if (gated) sources.insert(sources.begin(), "gate_proj");
        add_elementwise(activation, VectorKind::Activation, batch_ * intermediate, ups * kFp16Bytes,
                        kFp16Bytes, std::move(sources));
        const std::string hidden = quantized("quant_mlp", activation, intermediate);
        add_linear("down_proj", intermediate, model_.hidden, hidden);
        add_residual("residual2", "down_proj");
    }

    void add_head() {
        add_norm("final_norm", 0, /*releases=*/true);
        const std::string input = quantized("quant_head", "final_norm", model_.hidden);
        add_linear("lm_head", model_.hidden, model_.vocab, input);
    }

    /// K and V go into the cache in its number format.
    void add_append(const std::string& key) {
        VectorWork append;
        append.kind = kv_bytes_ == 1 ? VectorKind::Quantize : VectorKind::Copy;
        append.elements = 2 * batch_ * key_value_;
        append.read_per_pass = Bytes(append.elements * kFp16Bytes);
        append.written = Bytes(append.elements * kv_bytes_);
        append.touches = Touches::KvCache;
        add_vector("kv_append", append, {key, "v_proj"});
    }

    /// Per sequence and KV head; the query heads that share it are the vectors. Probabilities lie
    /// between 0 and 1, so softmax writes them in the cache's number format without a search for
    /// the largest.
    void add_heads(const std::string& query) {
        const std::uint32_t queries = model_.heads / model_.kv_heads;
        MatMul scores{model_.head_dim, context_, queries, Stationary::Key, kv_bytes_};
        add({"scores", scores, {query}, "kv_append", true});

        VectorWork softmax;
        softmax.kind = VectorKind::Softmax;
        softmax.elements = queries * context_;
        softmax.read_per_pass = Bytes(softmax.elements * kFp16Bytes);
        softmax.written = Bytes(softmax.elements * kv_bytes_);
        add({"softmax", softmax, {"scores"}, "", true});

        MatMul values{context_, model_.head_dim, queries, Stationary::Value, kv_bytes_};
        add({"attn_v", values, {"softmax"}, "kv_append", true});
    }

    void add_norm(const std::string& name, std::uint64_t biases, bool releases) {
        const std::uint64_t vectors = model_.norm == NormKind::LayerNorm ? 2 : 1;
        VectorWork norm;
        norm.kind = VectorKind::Norm;
        norm.elements = batch_ * model_.hidden;
        norm.read_per_pass = Bytes(norm.elements * kFp16Bytes);
        norm.written = norm.read_per_pass;
        norm.read_once = Bytes(vectors * model_.hidden * kFp16Bytes);
        norm.parameters = norm.read_once;
        if (model_.biases) norm.parameters += Bytes(biases * kFp16Bytes);
        norm.releases_parameters = releases;
        add_vector(name, norm, {});
    }

    /// Ends half a layer, and with it the use of that half's parameters.
    void add_residual(const std::string& name, const std::string& input) {
        VectorWork residual;
        residual.kind = VectorKind::Residual;
        residual.elements = batch_ * model_.hidden;
        residual.read_per_pass = Bytes(residual.elements * 2 * kFp16Bytes);
        residual.written = Bytes(residual.elements * kFp16Bytes);
        residual.releases_parameters = true;
        add_vector(name, residual, {input});
    }

    /// The operator whose result a linear layer reads: `input` itself when the array computes in
    /// FP16.
    std::string quantized(const std::string& name, const std::string& input, std::uint64_t width) {
        if (operand_bytes_ != 1) return input;
        add_elementwise(name, VectorKind::Quantize, batch_ * width, kFp16Bytes, 1, {input});
        return name;
    }

    std::string rotated(const std::string& name, const std::string& input, std::uint64_t width) {
        if (model_.positions != Positions::Rotary) return input;
        add_elementwise(name, VectorKind::Rope, batch_ * width, kFp16Bytes, kFp16Bytes, {input});
        return name;
    }

    void add_linear(const std::string& name, std::uint64_t k, std::uint64_t n,
                    const std::string& input) {
        MatMul matmul{k, n, static_cast<std::uint32_t>(batch_), Stationary::Weight, operand_bytes_};
        add({name, matmul, {input}, "", false});
    }

    void add_elementwise(const std::string& name, VectorKind kind, std::uint64_t elements,
                         std::uint64_t bytes_read, std::uint64_t bytes_written,
                         std::vector<std::string> inputs) {
        VectorWork work;
        work.kind = kind;
        work.elements = elements;
        work.read_per_pass = Bytes(elements * bytes_read);
        work.written = Bytes(elements * bytes_written);
        add_vector(name, work, std::move(inputs));
    }

    void add_vector(const std::string& name, VectorWork work, std::vector<std::string> inputs) {
        add({name, work, std::move(inputs), "", false});
    }

    void add(Operator op) { section_.push_back(std::move(op)); }

    const Model& model_;
    std::uint64_t batch_;
    std::uint64_t context_;
    std::uint32_t operand_bytes_;
    std::uint32_t kv_bytes_;
    /// Widths of all query heads, and of all KV heads.
    std::uint64_t query_;
    std::uint64_t key_value_;
    std::vector<Operator> section_;
};

}  // namespace

DecodeStep decode_step(const Model& model, const Scenario& scenario, std::uint32_t operand_bytes) {
    const std::uint32_t layers = scenario.layers == 0 ? model.layers : scenario.layers;
    return StepBuilder(model, scenario, operand_bytes).build(layers);
}

}  // namespace lpusim
