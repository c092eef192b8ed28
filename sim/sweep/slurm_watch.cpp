#include "sim/sweep/slurm_watch.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <poll.h>

#include "sim/sweep/slurm_client.h"

namespace lpusim {

namespace {

/// A controller is restarted within minutes; after that somebody should look.
constexpr auto kLongestSilence = std::chrono::minutes(30);

constexpr std::chrono::seconds kConfirmAfter{2};

/// Reasons that pass by themselves.
bool is_ordinary(const std::string& reason) {
    static const std::vector<std::string> kOrdinary = {
        "None", "Resources", "Priority", "BeginTime", "JobArrayTaskLimit", "Prolog", "(null)", ""};
    return std::find(kOrdinary.begin(), kOrdinary.end(), reason) != kOrdinary.end();
}

}  // namespace

SlurmWatch::SlurmWatch(const SlurmRound& round, SlurmRoundFolder folder,
                       const SlurmSettings& settings, std::chrono::milliseconds look,
                       const SignalWatch& signals)
    : round_(round),
      folder_(std::move(folder)),
      // Thousands of small files on a network file system are not to be read every second.
      look_every_(
          std::max<std::chrono::milliseconds>(look, std::chrono::milliseconds(10 * round.tasks))),
      poll_every_(settings.poll_seconds),
      signals_(signals) {}

void SlurmWatch::wait() {
    Clock::time_point next_poll = Clock::now();
    bool was_quiet = false;
    while (!look()) {
        const Clock::time_point now = Clock::now();
        if (now >= next_poll) {
            const bool is_quiet = none_is_active();
            if (is_quiet && was_quiet) {
                look();
                return;
            }
            // A task that changes state may for a moment be in none that counts as active.
            was_quiet = is_quiet;
            next_poll = now + (is_quiet ? std::min(kConfirmAfter, poll_every_) : poll_every_);
        }
        pause();
    }
}

void SlurmWatch::wait_for_end() {
    while (!none_is_active()) pause();
}

void SlurmWatch::pause() {
    pollfd polled = {signals_.fd(), POLLIN, 0};
    ::poll(&polled, 1, static_cast<int>(look_every_.count()));
    signals_.throw_if_interrupted();
}

bool SlurmWatch::look() {
    std::uint64_t done = 0;
    std::uint64_t failed = 0;
    std::uint64_t finished = 0;
    for (std::uint64_t task = 1; task <= round_.tasks; ++task) {
        const auto record = folder_.record(task);
        if (!record) continue;
        done += record->done;
        failed += record->failed;
        if (record->state == SlurmTaskRecord::State::Finished) ++finished;
    }
    on_progress(done, failed);
    return finished == round_.tasks;
}

bool SlurmWatch::none_is_active() {
    try {
        const std::vector<SlurmTaskState> tasks = SlurmClient::tasks(round_.job_name);
        answered_ = Clock::now();
        if (std::exchange(is_silent_, false)) on_note("Slurm answers again");
        bool is_active = false;
        for (const SlurmTaskState& task : tasks) {
            if (!task.is_active()) continue;
            is_active = true;
            if (task.state == "PENDING") tell_reason(task.reason);
        }
        return !is_active;
    } catch (const SlurmError& e) {
        if (Clock::now() - answered_ > kLongestSilence) throw;
        if (!std::exchange(is_silent_, true)) {
            on_note(fmt::format("{}; asking again", e.what()));
        }
        return false;
    }
}

void SlurmWatch::tell_reason(const std::string& reason) {
    if (is_ordinary(reason) || reason == told_reason_) return;
    told_reason_ = reason;
    on_note(fmt::format("tasks of job {} wait: {}", round_.job, reason));
}

}  // namespace lpusim
