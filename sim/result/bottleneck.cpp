#include "sim/result/bottleneck.h"

#include <algorithm>
#include <numeric>

namespace lpusim {

namespace {

constexpr std::uint64_t kBindingPercent = 60;

std::vector<std::string> longest_chain(const std::vector<OperatorCycles>& operators,
                                       Cycles cycles) {
    std::vector<std::size_t> order(operators.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return operators[a].cycles > operators[b].cycles;
    });

    Cycles covered;
    std::size_t taken = 0;
    while (taken < order.size() && covered * 2 < cycles)
        covered += operators[order[taken++]].cycles;
    order.resize(taken);
    std::sort(order.begin(), order.end());

    std::vector<std::string> chain;
    chain.reserve(taken);
    for (const std::size_t i : order) chain.push_back(operators[i].name);
    return chain;
}

}  // namespace

Bottleneck find_bottleneck(const std::vector<EngineCycles>& units,
                           const std::vector<OperatorCycles>& operators, Cycles cycles) {
    // max_element takes the first of equals.
    const auto busiest = std::max_element(
        units.begin(), units.end(), [](const auto& a, const auto& b) { return a.busy < b.busy; });
    if (busiest == units.end()) return {};

    Bottleneck bottleneck;
    bottleneck.engine = busiest->name;
    bottleneck.busy = busiest->busy;
    if (busiest->busy * 100 >= cycles * kBindingPercent) {
        bottleneck.unit = busiest->unit;
    } else {
        bottleneck.unit = kDependencyBound;
        bottleneck.chain = longest_chain(operators, cycles);
    }
    return bottleneck;
}

}  // namespace lpusim
