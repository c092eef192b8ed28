#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/data/check_tally.h"
#include "sim/data/machine_data.h"
#include "sim/data/product_check.h"
#include "sim/data/step_observer.h"

namespace lpusim {

/// Compares every result of a machine with data with the definition of its operator, applied to
/// what the operators before it have left in SRAM. So errors do not pile up, and each allowance is
/// that of one operator. An operator whose inputs are not of its own step is a mismatch, too: it
/// was started too early, or too late.
class Verifier : public StepObserver {
public:
    Verifier(const StepPlan& plan, const OperatorTable& table, const ModelData& data);

    /// Before the run.
    void watch(const MachineData& machine, const SramImage& sram);

    void tokens_chosen(std::uint64_t token, const std::vector<std::uint64_t>& ids) override;
    void sums(std::uint16_t op, const OperatorVisit& visit, std::uint32_t vector,
              const PartialSums& sums) override;
    void completed(std::uint16_t op, const OperatorVisit& visit) override;
    void written_back(const OperatorVisit& visit, const std::vector<std::uint8_t>& bytes) override;
    void fault(const std::string& what) override { tally_.mismatch(what); }

    const CheckTally& tally() const { return tally_; }
    /// Residual stream behind the first layer, and logits, of the first step; empty before.
    const std::vector<float>& first_layer() const { return first_layer_; }
    const std::vector<float>& first_logits() const { return first_logits_; }

private:
    /// What an operator left in SRAM.
    struct Record {
        bool known = false;
        OperatorVisit visit;
        std::vector<std::uint8_t> bytes;
    };
    std::size_t slot(std::uint16_t op, const OperatorVisit& visit) const;
    Record& record(std::uint16_t op, const OperatorVisit& visit) {
        return records_[op][slot(op, visit)];
    }
    const Record& input(std::uint16_t op, std::size_t index, const OperatorVisit& visit);
    std::vector<float> input_halves(std::uint16_t op, std::size_t index,
                                    const OperatorVisit& visit);
    std::vector<std::uint8_t> bytes_in_sram(std::uint16_t op, const OperatorVisit& visit) const;
    std::vector<std::uint8_t> cache_in_sram(const OperatorVisit& visit) const;

    void check_linear(std::uint16_t op, const OperatorVisit& visit, const Record& result);
    void check_attention(std::uint16_t op, const OperatorVisit& visit, const Record& result);
    void check_vector(std::uint16_t op, const OperatorVisit& visit, const Record& result);
    void check_embedding(std::uint16_t op, const Record& result);
    void check_norm(std::uint16_t op, const OperatorVisit& visit, const Record& result);
    void check_rope(std::uint16_t op, const OperatorVisit& visit, const Record& result);
    void check_softmax(std::uint16_t op, const OperatorVisit& visit, const Record& result);
    void check_activation(std::uint16_t op, const OperatorVisit& visit, const Record& result);
    void check_residual(std::uint16_t op, const OperatorVisit& visit, const Record& result);
    void check_quantized(std::uint16_t op, const OperatorVisit& visit, const Record& result);
    void check_append(std::uint16_t op, const OperatorVisit& visit, const Record& result);

    void fill_activations(std::uint16_t op, const OperatorVisit& visit, ProductCheck& check);
    void expect_half(std::uint16_t op, const Record& result, std::uint64_t at, double exact,
                     double magnitude, double roundings);
    void expect_code(std::uint16_t op, const Record& result, std::uint64_t at, double exact);
    const std::string& name_of(std::uint16_t op) const { return table_.row(op).planned->op.name; }

    const StepPlan& plan_;
    const OperatorTable& table_;
    const ModelData& data_;
    const MachineData* machine_ = nullptr;
    const SramImage* sram_ = nullptr;
    CheckTally tally_;
    std::vector<std::vector<Record>> records_;
    /// Like the records: the next head's sums leave while this one's results are written.
    std::vector<std::vector<SumLog>> sums_;
    std::vector<std::uint8_t> hidden_;
    std::vector<std::uint64_t> tokens_;
    std::vector<float> first_layer_, first_logits_;
};

}  // namespace lpusim
