#include "sim/quantize/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace lpusim {

namespace {

/// Hands out blocks until there are none left, or one has failed.
class BlockQueue {
public:
    using Work = std::function<void(std::uint64_t, std::uint64_t)>;

    BlockQueue(std::uint64_t count, std::uint64_t block, const Work& work)
        : count_(count), block_(block), work_(work) {}

    void run() {
        while (!failed_) {
            const std::uint64_t begin = next_.fetch_add(block_);
            if (begin >= count_) return;
            try {
                work_(begin, std::min(count_, begin + block_));
            } catch (...) {
                note_failure(begin);
            }
        }
    }

    void rethrow() const {
        if (failure_) std::rethrow_exception(failure_);
    }

private:
    // A lower block than the failed one has been handed out before it, so its thread will come here
    // too.
    void note_failure(std::uint64_t begin) {
        failed_ = true;
        const std::lock_guard<std::mutex> lock(mutex_);
        if (begin >= failed_at_) return;
        failed_at_ = begin;
        failure_ = std::current_exception();
    }

    std::uint64_t count_;
    std::uint64_t block_;
    const Work& work_;
    std::atomic<std::uint64_t> next_{0};
    std::atomic<bool> failed_{false};
    std::mutex mutex_;
    std::uint64_t failed_at_ = std::numeric_limits<std::uint64_t>::max();
    std::exception_ptr failure_;
};

}  // namespace

void parallel_blocks(std::uint64_t count, std::uint64_t block, unsigned threads,
                     const std::function<void(std::uint64_t, std::uint64_t)>& work) {
    if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
    BlockQueue queue(count, std::max<std::uint64_t>(block, 1), work);
    const std::uint64_t useful = count / std::max<std::uint64_t>(block, 1) + 1;
    std::vector<std::thread> helpers;
    for (unsigned i = 1; i < std::min<std::uint64_t>(threads, useful); ++i) {
        try {
            helpers.emplace_back([&queue] { queue.run(); });
        } catch (const std::system_error&) {
            break;  // Fewer threads do the same work.
        }
    }
    queue.run();
    for (std::thread& helper : helpers) helper.join();
    queue.rethrow();
}

}  // namespace lpusim
