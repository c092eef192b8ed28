#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "sim/data/machine_data.h"
#include "sim/data/step_observer.h"

namespace lpusim::test {

/// A decode step from the definitions, straight line after straight line, held against what a
/// machine leaves in SRAM. Arithmetic, formats and rounding are its own (straight_line.h); of the
/// product it only asks where the bytes are.
class ReferenceStep : public StepObserver {
public:
    ReferenceStep(const StepPlan& plan, const OperatorTable& table, const ModelData& data)
        : plan_(plan), table_(table), data_(data) {}
    void watch(MachineData& machine) { machine_ = &machine; }

    void tokens_chosen(std::uint64_t token, const std::vector<std::uint64_t>& ids) override;
    void sums(std::uint16_t op, const OperatorVisit& visit, std::uint32_t vector,
              const PartialSums& sums) override;
    void completed(std::uint16_t op, const OperatorVisit& visit) override;
    void written_back(const OperatorVisit& visit, const std::vector<std::uint8_t>& bytes) override;
    void fault(const std::string& what) override { complain(what); }

    /// The first thing that was wrong; empty when all is well.
    const std::string& complaint() const { return complaint_; }
    /// Results compared, by operator.
    const std::map<std::string, std::uint64_t>& compared() const { return compared_; }
    std::uint64_t sums_compared() const { return sums_compared_; }

private:
    using Numbers = std::vector<double>;
    struct Rows {
        Numbers values;
        /// Of INT8 rows, one each.
        Numbers scales;
    };

    void complain(const std::string& what) {
        if (complaint_.empty()) complaint_ = what;
    }
    Numbers halves(Place place, std::uint64_t count) const;
    Numbers codes(Place place, std::uint64_t count, bool integers) const;
    /// An operator's whole result, FP16, or INT8 with scales.
    Rows result(const std::string& name) const;
    Numbers cache(const OperatorVisit& visit, bool value) const;
    Numbers newest(const OperatorVisit& visit, bool value) const;

    void near(const OperatorVisit& visit, std::uint64_t i, double got, double exact,
              double allowed);
    void half(const OperatorVisit& visit, std::uint64_t i, double got, double exact,
              double magnitude, double roundings);
    void code(const OperatorVisit& visit, std::uint64_t i, double got, double exact);

    void linear(const OperatorVisit& visit);
    void attention(const OperatorVisit& visit);
    void product(const OperatorVisit& visit, const Rows& rows,
                 const std::vector<struct StraightColumn>& columns, const Numbers& bias,
                 const Numbers& got);
    void vector(const OperatorVisit& visit);
    void norm(const OperatorVisit& visit, const Numbers& got);
    void rope(const OperatorVisit& visit, const Numbers& in, const Numbers& got);
    void softmax(const OperatorVisit& visit);

    const StepPlan& plan_;
    const OperatorTable& table_;
    const ModelData& data_;
    MachineData* machine_ = nullptr;
    /// The operator that has just completed.
    const PlannedOperator* op_ = nullptr;
    std::string complaint_;
    std::map<std::string, std::uint64_t> compared_;
    std::uint64_t sums_compared_ = 0;
    std::vector<std::uint64_t> tokens_;
    Numbers hidden_;
    /// By operator, sequence, head, strip, K tile and vector.
    using Key = std::tuple<std::uint16_t, std::uint64_t, std::uint64_t, std::uint64_t, std::size_t,
                           std::uint32_t>;
    std::map<Key, PartialSums> sums_;
};

}  // namespace lpusim::test
