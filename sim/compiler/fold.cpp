#include "sim/compiler/fold.h"

namespace lpusim {

namespace {

/// Program entries of a loop beside its body.
constexpr std::size_t kLoopEntries = 2;

std::size_t entries_saved(const Repeat& run) {
    const std::size_t replaced = run.length * (run.count - 1);
    return replaced > kLoopEntries ? replaced - kLoopEntries : 0;
}

/// The longest repetition with that period that starts at `begin`.
Repeat repetition(const std::vector<std::uint32_t>& kinds, std::size_t begin, std::size_t end,
                  std::size_t period) {
    std::size_t matching = 0;
    while (begin + matching + period < end &&
           kinds[begin + matching] == kinds[begin + matching + period]) {
        ++matching;
    }
    return {begin, period, 1 + matching / period};
}

Repeat best_repetition(const std::vector<std::uint32_t>& kinds, std::size_t begin,
                       std::size_t end) {
    Repeat best{begin, 1, 1};
    for (std::size_t period = 1; begin + 2 * period <= end; ++period) {
        const Repeat run = repetition(kinds, begin, end, period);
        if (entries_saved(run) > entries_saved(best)) best = run;
        // Longer periods could only repeat the same tiles, or fewer of them.
        if (run.count * period + period > end - begin) break;
    }
    return best;
}

}  // namespace

std::vector<Repeat> fold(const std::vector<std::uint32_t>& kinds, std::size_t begin,
                         std::size_t end) {
    std::vector<Repeat> runs;
    while (begin < end) {
        const Repeat best = best_repetition(kinds, begin, end);
        const bool loops = entries_saved(best) > 0;
        if (!loops && !runs.empty() && runs.back().count == 1) {
            ++runs.back().length;
        } else {
            runs.push_back(loops ? best : Repeat{begin, 1, 1});
        }
        begin += loops ? best.length * best.count : 1;
    }
    return runs;
}

}  // namespace lpusim
