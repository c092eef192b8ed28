#include "sim/data/file_tensors.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "sim/config/diagnostics.h"
#include "sim/quantize/file_error.h"
#include "sim/quantize/strict_json.h"
#include "sim/quantize/weight_decode.h"

namespace lpusim {

namespace {

constexpr const char* kWeightPart = "weight";
constexpr const char* kBiasPart = "bias";
/// A file of another model lacks everything; nobody reads more.
constexpr std::size_t kMostErrors = 5;

/// Some of a matrix's columns.
class Columns : public WeightSource {
public:
    Columns(std::unique_ptr<WeightSource> matrix, std::uint64_t first, std::uint64_t count)
        : matrix_(std::move(matrix)), first_(first), count_(count) {}

    const std::string& name() const override { return matrix_->name(); }
    std::uint64_t k() const override { return matrix_->k(); }
    std::uint64_t n() const override { return count_; }
    const float* column(std::uint64_t n, std::vector<float>& scratch) const override {
        return matrix_->column(first_ + n, scratch);
    }
    std::string index_text(std::uint64_t k, std::uint64_t n) const override {
        return matrix_->index_text(k, first_ + n);
    }

private:
    std::unique_ptr<WeightSource> matrix_;
    std::uint64_t first_;
    std::uint64_t count_;
};

bool is_norm(const PlannedOperator& planned) {
    const VectorWork* work = planned.op.vector();
    return work != nullptr && work->kind == VectorKind::Norm;
}

/// Rows of it are looked up: a row is one token's, or one position's, whatever the matrices are.
bool is_table(const std::string& op) { return op == kTokenTable || op == kPositionTable; }

std::string shape_text(const std::vector<std::uint64_t>& shape) {
    return fmt::format("[{}]", fmt::join(shape, ", "));
}

/// As the file has it.
std::vector<std::uint64_t> stored_shape(const TensorName& name, std::uint64_t inputs) {
    if (inputs == 0) return {name.outputs};
    if (name.orientation == Orientation::InOut) return {inputs, name.outputs};
    return {name.outputs, inputs};
}

void require_finite(const std::string& name, const std::vector<float>& numbers) {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (std::isfinite(numbers[i])) continue;
        throw WeightError(fmt::format("tensor {}: the number at [{}] is {}", shown_name(name), i,
                                      NonFiniteWeight(i, numbers[i]).what()));
    }
}

}  // namespace

FileTensors::FileTensors(const DataWeights& weights, const Model& model, const StepPlan& plan)
    : file_(weights.file), orientation_(weights.orientation), model_(model) {
    for (const TensorEntry& tensor : file_.tensors()) by_name_[tensor.name] = &tensor;
    const std::vector<Wanted> all = wanted(plan);
    for (const Wanted& one : all) find(one);
    require_layers(all);

    std::vector<std::string> errors;
    for (const Wanted& one : all) {
        const auto found = found_.find(one.key);
        if (found != found_.end()) {
            const std::string error = unusable(one, found->second);
            if (!error.empty()) errors.push_back(error);
        } else {
            // A suggestion takes time, and no more are shown.
            errors.push_back(errors.size() < kMostErrors ? missing(one) : "");
        }
    }
    if (!errors.empty()) {
        const std::size_t shown = std::min(kMostErrors, errors.size());
        std::string text = fmt::format(
            "{}", fmt::join(errors.begin(), errors.begin() + static_cast<std::ptrdiff_t>(shown),
                            "\nerror: "));
        if (shown < errors.size()) {
            text += fmt::format("\nerror: {}: and {} more tensors", file_.path(),
                                errors.size() - shown);
        }
        throw FileError(text);
    }
    for (const Wanted& one : all) {
        if (one.inputs == 0) numbers_of(one.key, one.outputs);
    }
}

std::vector<FileTensors::Wanted> FileTensors::wanted(const StepPlan& plan) const {
    std::vector<Wanted> all;
    all.push_back({{kTokenTable, kWeightPart, 0}, model_.vocab, model_.hidden});
    if (model_.positions == Positions::Learned) {
        // Sizes that a scenario needs are no more than the model's.
        all.push_back({{kPositionTable, kWeightPart, 0}, model_.max_positions, model_.hidden});
    }
    want(plan.prologue, 0, all);
    for (std::uint64_t layer = 0; layer < plan.layers; ++layer) want(plan.layer, layer, all);
    want(plan.epilogue, 0, all);
    return all;
}

void FileTensors::want(const Section& section, std::uint64_t layer,
                       std::vector<Wanted>& all) const {
    for (const PlannedOperator& planned : section) {
        const std::string& op = planned.op.name;
        if (is_norm(planned)) {
            all.push_back({{op, kWeightPart, layer}, model_.hidden, 0});
            if (model_.norm == NormKind::LayerNorm) {
                all.push_back({{op, kBiasPart, layer}, model_.hidden, 0});
            }
        }
        if (planned.uses_weights()) {
            const MatMul& matmul = planned.tiling.matmul;
            all.push_back({{op, kWeightPart, layer}, matmul.n, matmul.k});
            // The model's heads have none.
            if (model_.biases && op != "lm_head") {
                all.push_back({{op, kBiasPart, layer}, matmul.n, 0});
            }
        }
    }
}

std::vector<TensorName> FileTensors::names(const Wanted& wanted) const {
    std::vector<TensorName> all =
        names_of(wanted.key.op, wanted.key.layer, wanted.outputs, model_, orientation_);
    if (is_table(wanted.key.op)) {
        for (TensorName& name : all) name.orientation = Orientation::OutIn;
    }
    return all;
}

const FileTensors::Found* FileTensors::find(const Wanted& wanted) {
    for (TensorName& name : names(wanted)) {
        const auto tensor = by_name_.find(name.stem + "." + wanted.key.part);
        if (tensor == by_name_.end()) continue;
        return &(found_[wanted.key] = Found{tensor->second, std::move(name)});
    }
    return nullptr;
}

/// A file that ends with a layer is told as that, not tensor by tensor.
void FileTensors::require_layers(const std::vector<Wanted>& all) const {
    std::set<std::uint64_t> held;
    std::uint64_t layers = 0;
    for (const Wanted& one : all) {
        layers = std::max(layers, one.key.layer + 1);
        const bool of_layer = one.inputs != 0 && one.key.op != "lm_head" && !is_table(one.key.op);
        if (of_layer && found_.count(one.key) != 0) held.insert(one.key.layer);
    }
    if (held.empty() || held.size() == layers || *held.rbegin() != held.size() - 1) return;
    throw FileError(fmt::format(
        "{}: holds {} of the {} layers of {} that are run; --layers {} runs no more than those",
        file_.path(), held.size(), layers, model_.name, held.size()));
}

std::string FileTensors::missing(const Wanted& wanted) const {
    std::set<std::string> used;
    for (const auto& [key, found] : found_) used.insert(found.tensor->name);
    std::vector<std::string> unused;
    for (const auto& [name, tensor] : by_name_) {
        if (used.count(name) == 0) unused.push_back(name);
    }
    const std::string usual = names(wanted).front().stem + "." + wanted.key.part;
    return fmt::format("{}: tensor {} of {} is missing{}", file_.path(), config::in_quotes(usual),
                       model_.name, config::did_you_mean(config::nearest(usual, unused)));
}

/// Empty when it can be used.
std::string FileTensors::unusable(const Wanted& wanted, const Found& found) const {
    const TensorEntry& tensor = *found.tensor;
    const std::string subject =
        fmt::format("{}: tensor {}: ", file_.path(), shown_name(tensor.name));
    if (!tensor.is_readable()) {
        return subject + "holds " + tensor.dtype + "; weights are F32, F16 or BF16";
    }
    const std::vector<std::uint64_t> expected = stored_shape(found.name, wanted.inputs);
    if (tensor.shape == expected) return "";
    std::vector<std::uint64_t> turned = expected;
    std::reverse(turned.begin(), turned.end());
    const bool is_turned = tensor.shape == turned && found.name.orientation == orientation_;
    return fmt::format("{}its shape is {}; {} of {} takes {}{}", subject, shape_text(tensor.shape),
                       wanted.key.op, model_.name, shape_text(expected),
                       is_turned
                           ? fmt::format(" (or --orientation {})",
                                         orientation_ == Orientation::OutIn ? "in-out" : "out-in")
                           : "");
}

std::unique_ptr<WeightSource> FileTensors::linear(const PlannedOperator& planned,
                                                  std::uint64_t layer) const {
    const Found& found = found_.at({planned.op.name, kWeightPart, layer});
    std::unique_ptr<WeightSource> matrix = file_.weights(*found.tensor, found.name.orientation);
    const std::uint64_t n = planned.tiling.matmul.n;
    if (matrix->n() == n) return matrix;
    return std::make_unique<Columns>(std::move(matrix), found.name.first_output, n);
}

std::vector<float> FileTensors::numbers_of(const Key& key, std::uint64_t count) const {
    const Found& found = found_.at(key);
    const StoredFloat type = stored_float(found.tensor->dtype).value();
    std::vector<float> numbers(count);
    decode_weights(type,
                   found.tensor->bytes.data + found.name.first_output * bytes_per_weight(type),
                   count, numbers.data());
    require_finite(found.tensor->name, numbers);
    return numbers;
}

std::vector<float> FileTensors::bias(const PlannedOperator& planned, std::uint64_t layer) const {
    return numbers_of({planned.op.name, kBiasPart, layer}, planned.tiling.matmul.n);
}

std::vector<float> FileTensors::norm_weight(const PlannedOperator& planned,
                                            std::uint64_t layer) const {
    return numbers_of({planned.op.name, kWeightPart, layer}, model_.hidden);
}

std::vector<float> FileTensors::norm_bias(const PlannedOperator& planned,
                                          std::uint64_t layer) const {
    return numbers_of({planned.op.name, kBiasPart, layer}, model_.hidden);
}

std::vector<float> FileTensors::table_row(const char* table, std::uint64_t row) const {
    const Found& found = found_.at({table, kWeightPart, 0});
    const std::unique_ptr<WeightSource> rows = file_.weights(*found.tensor, Orientation::OutIn);
    std::vector<float> numbers;
    rows->column(row, numbers);
    for (std::uint64_t i = 0; i < numbers.size(); ++i) {
        if (!std::isfinite(numbers[i])) {
            throw_weight_error(*rows, row, NonFiniteWeight(i, numbers[i]));
        }
    }
    return numbers;
}

std::vector<float> FileTensors::token_row(std::uint64_t token) const {
    return table_row(kTokenTable, token);
}

std::vector<float> FileTensors::position_row(std::uint64_t position) const {
    return table_row(kPositionTable, position);
}

}  // namespace lpusim
