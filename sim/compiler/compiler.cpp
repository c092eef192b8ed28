#include "sim/compiler/compiler.h"

#include <fmt/format.h>

#include "sim/compiler/demand.h"
#include "sim/compiler/emission.h"
#include "sim/compiler/magnitude.h"
#include "sim/compiler/sram_plan.h"
#include "sim/compiler/step_plan.h"
#include "sim/compiler/work.h"
#include "sim/workload/operators.h"

namespace lpusim {

namespace {

void require(bool condition, const std::string& otherwise) {
    if (!condition) throw CompileError(otherwise);
}

void check_model(const Model& model) {
    require(model.architecture == Architecture::Decoder,
            fmt::format("{} is an encoder; only decoders can be simulated so far", model.name));
    require(model.hidden > 0 && model.intermediate > 0 && model.layers > 0 && model.heads > 0 &&
                model.kv_heads > 0 && model.head_dim > 0 && model.vocab > 0,
            fmt::format("{}: every size of a model must be at least 1", model.name));
    require(model.heads % model.kv_heads == 0,
            fmt::format("{}: {} heads cannot share {} KV heads evenly", model.name, model.heads,
                        model.kv_heads));
    require(model.final_norm,
            fmt::format("{}: a decoder without a final norm is not supported", model.name));
}

void check_scenario(const Scenario& scenario, const Model& model) {
    require(scenario.phase == Phase::Decode,
            "only the decode phase can be simulated so far; use phase decode");
    require(scenario.batch >= 1, "batch must be at least 1");
    require(scenario.context >= 1, "context must be at least 1: it counts the new token");
    require(scenario.kv_bits == 8 || scenario.kv_bits == 16,
            fmt::format("KV cache elements have 8 or 16 bits, not {}", scenario.kv_bits));
    require(model.max_positions == 0 || scenario.context <= model.max_positions,
            fmt::format("context {} is beyond the {} positions of {}", scenario.context,
                        model.max_positions, model.name));
    require(scenario.layers <= model.layers,
            fmt::format("{} layers cannot be simulated: {} has {}", scenario.layers, model.name,
                        model.layers));
}

}  // namespace

CompiledProgram compile(const ChipParams& chip, Placement placement, const Model& model,
                        const NumberFormat& format, const Scenario& scenario,
                        std::uint64_t tokens) {
    check_model(model);
    check_scenario(scenario, model);
    require(tokens >= 1, "a program computes at least one token");
    check_counts(chip, model, scenario);

    const DecodeStep step = decode_step(model, scenario, format.operand_bytes);
    const StepPlan plan = plan_step(step, chip.mac_array, format);
    const SramDemand demand = sram_demand(chip, plan, model, scenario);
    const StoredWeights stored = stored_weights(plan, model.layers, chip.sram_banks.round());

    CompiledProgram compiled;
    compiled.sram = divide_sram(chip.sram_banks, placement, demand);
    compiled.work = count_work(plan, compiled.sram, chip);
    check_duration(chip, plan, compiled.work);
    compiled.program = emit_program(chip, plan, compiled.sram, tokens);
    compiled.layers = plan.layers;
    compiled.layer_operators.begin = static_cast<std::uint16_t>(plan.prologue.size());
    compiled.layer_operators.end =
        static_cast<std::uint16_t>(plan.prologue.size() + plan.layer.size());
    compiled.weights = stored.weights;
    compiled.weight_bytes = stored.bytes;
    compiled.model_bytes = stored.bytes + fp16_parameter_bytes(model);
    compiled.notes = plan.notes;
    if (model.tied_embeddings) {
        compiled.notes.emplace_back(
            "tied embedding: stored in FP16 for its rows, and in the weight format as LM head");
    }
    return compiled;
}

}  // namespace lpusim
