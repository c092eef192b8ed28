// Weights of a safetensors file in the machine: its numbers arrive, every result is compared, and
// what is wrong with a file is said by name.

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hw_models/numerics/dot_product.h"
#include "sim/data/data_run.h"
#include "sim/data/model_data.h"
#include "sim/quantize/file_error.h"
#include "sim/quantize/tensor_quantizer.h"
#include "tests/result/scratch_folder.h"
#include "tests/support/chip_run.h"
#include "tests/support/compile_cases.h"
#include "tests/support/model_file.h"

namespace lpusim::test {
namespace {

using testing::HasSubstr;
using testing::Not;

CompileCase llama_case() {
    CompileCase it;
    it.chip = small_chip();
    it.model = llama_like(24, 40, 2, 4, 2, 30);
    it.format = integer_format("w3p5", {4, 3}, 8, 16);
    it.scenario.context = 9;
    return it;
}

CompileCase gpt2_case() {
    CompileCase it = llama_case();
    it.model.heads = it.model.kv_heads = 4;
    it.model.mlp = MlpKind::Plain;
    it.model.norm = NormKind::LayerNorm;
    it.model.positions = Positions::Learned;
    it.model.max_positions = 16;
    it.model.biases = true;
    it.model.tied_embeddings = true;
    return it;
}

std::string complaint_of(const CompileCase& it, const CompiledProgram& compiled,
                         const DataWeights& weights) {
    DataRun data(it.chip, it.placement, it.model, it.format, it.scenario, weights);
    ChipRun with(it.chip, compiled.program, Clocking::Sleeping);
    with.carry(data.path());
    const std::uint64_t end = with.run();
    ChipRun without(it.chip, compiled.program, Clocking::Sleeping);
    EXPECT_EQ(without.run(), end);
    EXPECT_GT(data.result().elements, 0U);
    return data.complaint();
}

struct Case {
    std::string name;
    Naming naming;
    bool gpt2 = false;
};

std::ostream& operator<<(std::ostream& out, const Case& it) { return out << it.name; }

class FileWeights : public testing::TestWithParam<Case> {
protected:
    CompileCase compile_case() const { return GetParam().gpt2 ? gpt2_case() : llama_case(); }
    ScratchFolder folder_;
    std::string file_ = folder_.file("model.safetensors");
};

TEST_P(FileWeights, AreComputedWith) {
    const CompileCase it = compile_case();
    write_safetensors(file_, model_tensors(it.model, GetParam().naming));
    EXPECT_EQ(complaint_of(it, compile(it), {file_, Orientation::OutIn}), "");
}

TEST_P(FileWeights, AreNotComputedWithTooEarly) {
    const CompileCase it = compile_case();
    write_safetensors(file_, model_tensors(it.model, GetParam().naming));
    CompiledProgram compiled = compile(it);
    for (isa::Semaphore& s : compiled.program.semaphores) {
        if (s.name == "mac_to_vec") ++s.initial;
    }
    EXPECT_NE(complaint_of(it, compiled, {file_, Orientation::OutIn}), "");
}

/// Number i of an operator's output n, by the words of the names alone.
float stored(std::vector<StoredTensor>& tensors, const CompileCase& it, Naming naming,
             const std::string& op, std::uint64_t layer, std::uint64_t n, std::uint64_t k) {
    const std::uint64_t query = std::uint64_t{it.model.heads} * it.model.head_dim;
    const std::uint64_t key_value = std::uint64_t{it.model.kv_heads} * it.model.head_dim;
    const std::string number = std::to_string(layer);
    const bool qkv = op == "q_proj" || op == "k_proj" || op == "v_proj";
    const std::uint64_t first = op == "k_proj" ? query : op == "v_proj" ? query + key_value : 0;
    const auto at = [&](const std::string& name, std::uint64_t row, std::uint64_t column) {
        const StoredTensor& tensor = tensor_named(tensors, name + ".weight");
        return tensor.numbers.at(row * tensor.shape.at(1) + column);
    };
    if (op == "lm_head") {
        return at(naming == Naming::Gpt2 ? "transformer.wte" : "lm_head", n, k);
    }
    if (naming == Naming::Operators) return at("layers." + number + "." + op, n, k);
    const bool mlp = op == "gate_proj" || op == "up_proj" || op == "down_proj";
    if (naming == Naming::Gpt2) {
        const std::string in = "transformer.h." + number;
        if (qkv) return at(in + ".attn.c_attn", k, first + n);
        if (op == "o_proj") return at(in + ".attn.c_proj", k, n);
        return at(in + (op == "up_proj" ? ".mlp.c_fc" : ".mlp.c_proj"), k, n);
    }
    const std::string in = "model.layers." + number + (mlp ? ".mlp." : ".self_attn.");
    if (naming == Naming::Fused && qkv) return at(in + "qkv_proj", first + n, k);
    if (naming == Naming::Fused && op == "gate_proj") return at(in + "gate_up_proj", n, k);
    if (naming == Naming::Fused && op == "up_proj") {
        return at(in + "gate_up_proj", it.model.intermediate + n, k);
    }
    return at(in + op, n, k);
}

TEST_P(FileWeights, AreTheNumbersOfTheFile) {
    CompileCase it = compile_case();
    it.format = fp16_format();
    std::vector<StoredTensor> tensors = model_tensors(it.model, GetParam().naming);
    for (StoredTensor& tensor : tensors) tensor.dtype = "BF16";
    write_safetensors(file_, tensors);

    const StepPlan plan = plan_step(decode_step(it.model, it.scenario, it.format.operand_bytes),
                                    it.chip.mac_array, it.format);
    const OperatorTable table(plan);
    const ModelData data(it.model, it.scenario, it.format, plan, table, /*seed=*/1,
                         [](const auto&, const auto&, std::uint64_t, const auto&) {},
                         {file_, Orientation::OutIn});
    std::uint64_t compared = 0;
    for (std::uint16_t op = 0; op < table.operators(); ++op) {
        const PlannedOperator& planned = *table.row(op).planned;
        if (!planned.uses_weights()) continue;
        const LinearWeights& linear = data.linear(op);
        for (std::uint64_t layer = 0; layer < linear.layers.size(); ++layer) {
            for (std::uint64_t i = 0; i < linear.packer.strips(); ++i) {
                const Strip strip = linear.packer.strip(i);
                const std::uint64_t k = planned.op.matmul()->k;
                std::vector<float> numbers(k * strip.columns);
                restore_strip(linear.packer, strip,
                              {linear.layers[layer].packed.data() + strip.offset, strip.bytes}, 1,
                              1, numbers.data());
                for (std::uint64_t j = 0; j < numbers.size(); ++j) {
                    ASSERT_EQ(numbers[j], stored(tensors, it, GetParam().naming, planned.op.name,
                                                 layer, strip.first_column + j / k, j % k))
                        << planned.op.name << " " << layer << " " << j;
                    ++compared;
                }
            }
        }
    }
    EXPECT_EQ(compared, data.weights());

    const auto embedding = tensor_named(tensors, tensors.front().name).numbers;
    const std::vector<std::uint8_t> row = data.token_row(7);
    ASSERT_EQ(row.size(), 2U * it.model.hidden);
    for (std::size_t i = 0; i < it.model.hidden; ++i) {
        const auto half = static_cast<std::uint16_t>(row[2 * i] | row[2 * i + 1] << 8);
        EXPECT_EQ(from_fp16(half), embedding[7 * it.model.hidden + i]);
    }
}

INSTANTIATE_TEST_SUITE_P(Namings, FileWeights,
                         testing::Values(Case{"Llama", Naming::Llama}, Case{"Fused", Naming::Fused},
                                         Case{"Operators", Naming::Operators},
                                         Case{"Gpt2", Naming::Gpt2, true}),
                         [](const auto& it) { return it.param.name; });

class BadFileWeights : public testing::Test {
protected:
    template <class Error = FileError>
    std::string error() {
        write_safetensors(file_, tensors_);
        try {
            DataRun(it_.chip, it_.placement, it_.model, it_.format, it_.scenario,
                    {file_, Orientation::OutIn});
        } catch (const Error& e) {
            return e.what();
        }
        return "no error";
    }
    CompileCase it_ = llama_case();
    std::vector<StoredTensor> tensors_ = model_tensors(it_.model, Naming::Llama);
    ScratchFolder folder_;
    std::string file_ = folder_.file("model.safetensors");
};

TEST_F(BadFileWeights, OfAnotherShapeAreNamed) {
    tensor_named(tensors_, "model.layers.1.self_attn.k_proj.weight").shape = {6, 48};
    tensor_named(tensors_, "model.layers.0.mlp.up_proj.weight").shape = {24, 40};
    EXPECT_EQ(error(), file_ +
                           ": tensor 'model.layers.0.mlp.up_proj.weight': its shape is [24, 40]; "
                           "up_proj of llama-like takes [40, 24] (or --orientation in-out)\n"
                           "error: " +
                           file_ +
                           ": tensor 'model.layers.1.self_attn.k_proj.weight': its shape is "
                           "[6, 48]; k_proj of llama-like takes [12, 24]");
}

TEST_F(BadFileWeights, ThatAreMissingAreNamed) {
    tensor_named(tensors_, "model.layers.1.mlp.down_proj.weight").name =
        "model.layers.1.mlp.dwon_proj.weight";
    EXPECT_EQ(error(), file_ +
                           ": tensor 'model.layers.1.mlp.down_proj.weight' of llama-like is "
                           "missing; did you mean 'model.layers.1.mlp.dwon_proj.weight'?");
}

TEST_F(BadFileWeights, AreSuggestedHarmlessly) {
    tensor_named(tensors_, "lm_head.weight").name = "lm_head.weigh\\u001b";
    EXPECT_THAT(error(), Not(HasSubstr("\x1b")));
}

TEST_F(BadFileWeights, OfAnotherModelAreNotListedWithoutEnd) {
    tensors_ = {StoredTensor{"w", {1, 1}, {1}}};
    const std::string text = error();
    EXPECT_THAT(text, HasSubstr("tensor 'model.embed_tokens.weight' of llama-like is missing\n"));
    EXPECT_THAT(text, HasSubstr(": and 16 more tensors"));
    EXPECT_THAT(text, Not(HasSubstr("'w'")));
}

TEST_F(BadFileWeights, OfAnotherTypeAreNamed) {
    StoredTensor& tensor = tensor_named(tensors_, "model.norm.weight");
    tensor.dtype = "I32";
    EXPECT_EQ(error(),
              file_ + ": tensor 'model.norm.weight': holds I32; weights are F32, F16 or BF16");
}

TEST_F(BadFileWeights, OfTooFewLayersAskForFewer) {
    it_.model.layers = 3;
    EXPECT_EQ(error(), file_ +
                           ": holds 2 of the 3 layers of llama-like that are run; --layers 2 runs "
                           "no more than those");
    it_.scenario.layers = 2;
    EXPECT_EQ(error(), "no error");
}

TEST_F(BadFileWeights, ThatAreNotFiniteAreNamed) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    StoredTensor& norm = tensor_named(tensors_, "model.layers.1.input_layernorm.weight");
    norm.numbers[5] = nan;
    EXPECT_EQ(error<WeightError>(),
              "tensor 'model.layers.1.input_layernorm.weight': the number at [5] is NaN");
    norm.numbers[5] = 1;
    tensor_named(tensors_, "model.layers.0.self_attn.o_proj.weight").numbers[24 + 3] = -1 / 0.0F;
    EXPECT_EQ(error<WeightError>(),
              "tensor 'model.layers.0.self_attn.o_proj.weight': the weight at [1, 3] is -Inf");
}

}  // namespace
}  // namespace lpusim::test
