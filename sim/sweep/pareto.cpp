#include "sim/sweep/pareto.h"

#include <algorithm>
#include <utility>

namespace lpusim {

namespace {

bool beats(const std::vector<double>& a, const std::vector<double>& b) {
    bool is_less = false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] > b[i]) return false;
        is_less = is_less || a[i] < b[i];
    }
    return is_less;
}

}  // namespace

void ParetoFront::add(std::size_t candidate, std::vector<double> costs) {
    const auto beats_it = [&](const Member& member) { return beats(member.costs, costs); };
    if (std::any_of(members_.begin(), members_.end(), beats_it)) return;
    members_.erase(std::remove_if(members_.begin(), members_.end(),
                                  [&](const Member& member) { return beats(costs, member.costs); }),
                   members_.end());
    members_.push_back({candidate, std::move(costs)});
}

std::vector<std::size_t> ParetoFront::members() const {
    std::vector<std::size_t> candidates;
    candidates.reserve(members_.size());
    for (const Member& member : members_) candidates.push_back(member.candidate);
    std::sort(candidates.begin(), candidates.end());
    return candidates;
}

}  // namespace lpusim
