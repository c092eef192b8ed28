#include "sim/data/data_run.h"

#include <utility>

#include <fmt/format.h>

#include "hw_models/data/data_plane.h"
#include "sim/compiler/compiler.h"
#include "sim/compiler/step_plan.h"
#include "sim/data/float_step.h"
#include "sim/data/machine_data.h"
#include "sim/data/verifier.h"

namespace lpusim {

namespace {

constexpr std::uint64_t kDataSeed = 1;

}  // namespace

struct DataRun::Parts {
    Parts(const ChipParams& chip, Placement placement, Model its_model, const NumberFormat& format,
          const Scenario& its_scenario, const DataWeights& weights)
        : model(std::move(its_model)),
          scenario(its_scenario),
          plan(plan_step(decode_step(model, scenario, format.operand_bytes), chip.mac_array,
                         format)),
          sram(compile(chip, placement, model, format, scenario, 1).sram),
          table(plan),
          reference(model, scenario),
          data(
              model, scenario, format, plan, table, kDataSeed,
              [this](const ModelData& so_far, const PlannedOperator& planned, std::uint64_t layer,
                     const WeightSource& matrix) {
                  reference.linear(so_far, planned, layer, matrix);
              },
              weights),
          verifier(plan, table, data),
          machine(plan, sram, table, data, verifier),
          plane(machine, machine.sram()) {
        verifier.watch(machine, machine.sram());
    }

    Model model;
    Scenario scenario;
    StepPlan plan;
    SramPlan sram;
    OperatorTable table;
    FloatStep reference;
    ModelData data;
    Verifier verifier;
    MachineData machine;
    DataPlane plane;
};

void require_data_fits(const ChipParams& chip, const Model& model, const NumberFormat& format,
                       const Scenario& scenario, const DataWeights& weights) {
    const StepPlan plan =
        plan_step(decode_step(model, scenario, format.operand_bytes), chip.mac_array, format);
    const std::uint64_t bytes = data_bytes(plan, format);
    if (bytes <= DataRun::kMostBytes) {
        open_tensors(weights, model, plan, kDataSeed);
        return;
    }
    throw CompileError(fmt::format(
        "--data: the weights of {} layers of {} take {:.1f} GB of memory, {:.0f} are allowed; "
        "use --layers to run fewer layers",
        plan.layers, model.name, static_cast<double>(bytes) * 1e-9,
        static_cast<double>(DataRun::kMostBytes) * 1e-9));
}

DataRun::DataRun(const ChipParams& chip, Placement placement, const Model& model,
                 const NumberFormat& format, const Scenario& scenario, const DataWeights& weights) {
    require_data_fits(chip, model, format, scenario, weights);
    parts_ = std::make_unique<Parts>(chip, placement, model, format, scenario, weights);
}

DataRun::~DataRun() = default;

DataPath& DataRun::path() { return parts_->plane; }

DataCheck DataRun::result() const {
    const CheckTally& tally = parts_->verifier.tally();
    const FloatStep& reference = parts_->reference;
    DataCheck check;
    check.elements = tally.elements;
    check.partial_sums = tally.sums;
    check.mismatches = tally.mismatches;
    check.weights = parts_->data.weights();
    check.layer_deviation = relative_deviation(parts_->verifier.first_layer(),
                                               reference.first_layer(), reference.input());
    check.logit_deviation = relative_deviation(parts_->verifier.first_logits(), reference.logits());
    return check;
}

std::string DataRun::complaint() const {
    const CheckTally& tally = parts_->verifier.tally();
    if (tally.mismatches == 0) return "";
    return fmt::format("{} of {} values that the machine computed are wrong:\n  {}",
                       tally.mismatches, tally.elements + tally.sums,
                       fmt::join(tally.examples, "\n  "));
}

}  // namespace lpusim
