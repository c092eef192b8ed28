#pragma once

#include <cstdint>
#include <functional>

namespace lpusim {

/// Calls work(begin, end) for blocks that cover [0, count), on up to `threads` threads (0: one per
/// processor). Blocks start in ascending order. If calls throw, the exception of the lowest block
/// is rethrown when all threads have ended: the same one whatever their number.
void parallel_blocks(std::uint64_t count, std::uint64_t block, unsigned threads,
                     const std::function<void(std::uint64_t, std::uint64_t)>& work);

}  // namespace lpusim
