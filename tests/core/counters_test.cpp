#include <gmock/gmock.h>

#include "hw_models/core/cycle_account.h"
#include "hw_models/core/retire_log.h"
#include "tests/support/bench.h"
#include "tests/support/instructions.h"

namespace lpusim::test {
namespace {

using testing::ElementsAre;

TEST(CycleAccount, CountsCyclesByStateAndBusyOnesByOperator) {
    CycleAccount account("mac_array.load", "MacArray", 3);
    account.busy(0);
    account.busy(2, 10);
    account.stalled(EngineState::Starved);
    account.stalled(EngineState::Blocked, 5);
    account.stalled(EngineState::Idle, 7);
    EXPECT_EQ(states(account), (States{11, 1, 5, 0, 7}));
    EXPECT_EQ(total(account), 24U);
    EXPECT_THAT(account.busy_by_operator(), ElementsAre(1, 0, 10));
    EXPECT_EQ(account.engine(), "mac_array.load");
    EXPECT_EQ(account.unit(), "MacArray");
}

isa::Instruction completes(std::uint16_t op, bool ends_operator, bool ends_token) {
    isa::Instruction it = instruction(compute(1, 0));
    it.op = op;
    it.ends_operator = ends_operator;
    it.ends_token = ends_token;
    return it;
}

TEST(RetireLog, GivesEachCycleToTheOperatorThatCompletesNext) {
    RetireLog log(3);
    log.completed(Cycles(9), completes(0, true, false));    // cycles 0..9
    log.completed(Cycles(11), completes(2, false, false));  // not the end of its operator
    log.completed(Cycles(19), completes(1, true, true));    // cycles 10..19
    log.completed(Cycles(19), completes(2, true, false));   // in the shadow of the other
    log.completed(Cycles(24), completes(0, true, true));    // cycles 20..24
    EXPECT_THAT(log.cycles_by_operator(), ElementsAre(15, 10, 0));
    EXPECT_THAT(log.token_ends(), ElementsAre(Cycles(20), Cycles(25)));
}

}  // namespace
}  // namespace lpusim::test
