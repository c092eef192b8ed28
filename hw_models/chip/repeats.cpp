#include "hw_models/chip/repeats.h"

#include <algorithm>
#include <utility>

namespace lpusim {

RunningRecord::Mark RunningRecord::mark() {
    chip_.weight_stream().note_deliveries(&deliveries_);
    if (deliveries_.size() > kMostDeliveries) {
        forgotten_deliveries_ += deliveries_.size();
        deliveries_.clear();
    }
    const std::size_t row = chip_.sequencer().semaphores().size();
    if (lowest_.size() > kMostWords) {
        forgotten_rows_ += lowest_.size() / row;
        lowest_.clear();
    }
    chip_.sequencer().take_lowest(lowest_);
    return {forgotten_deliveries_ + deliveries_.size(), forgotten_rows_ + lowest_.size() / row};
}

std::optional<DeliveryLog> RunningRecord::deliveries_since(const Mark& mark) const {
    if (mark.deliveries < forgotten_deliveries_) return std::nullopt;
    const std::uint64_t first = mark.deliveries - forgotten_deliveries_;
    if (deliveries_.size() - first > kLongestPattern) return std::nullopt;
    return DeliveryLog(deliveries_.begin() + static_cast<std::ptrdiff_t>(first), deliveries_.end());
}

Sequencer::Counts RunningRecord::lowest_since(const Mark& mark) const {
    const std::size_t row = chip_.sequencer().semaphores().size();
    if (mark.lowest < forgotten_rows_) return Sequencer::Counts(row);
    Sequencer::Counts lowest = std::as_const(chip_).sequencer().semaphores();
    for (std::size_t i = (mark.lowest - forgotten_rows_) * row; i < lowest_.size(); ++i) {
        lowest[i % row] = std::min(lowest[i % row], lowest_[i]);
    }
    return lowest;
}

Repeats::Repeats(LpuChip& chip, std::uint64_t credit_before, const Sequencer::Counts& before,
                 Sequencer::Counts lowest, std::optional<DeliveryLog> deliveries)
    : credit_before_(credit_before),
      credit_after_(chip.weight_stream().credit()),
      deliveries_(std::move(deliveries)),
      before_(before),
      drift_(before.size()),
      dip_(before.size()),
      scarce_(before.size()) {
    const Sequencer& sequencer = chip.sequencer();
    for (std::size_t i = 0; i < before.size(); ++i) {
        drift_[i] = static_cast<std::int64_t>(sequencer.semaphores()[i] - before[i]);
        const std::uint64_t low = std::min(lowest[i], before[i]);
        dip_[i] = before[i] - low;
        scarce_[i] = low < sequencer.most_taken()[i];
    }
}

std::uint64_t Repeats::allowed_by_semaphores(const Sequencer& sequencer,
                                             std::uint64_t periods) const {
    for (std::size_t i = 0; i < before_.size(); ++i) {
        if (!sequencer.is_waited_on(static_cast<std::uint16_t>(i))) continue;
        const std::uint64_t now = sequencer.semaphores()[i];
        if (scarce_[i]) {
            if (drift_[i] != 0 || now != before_[i]) return 0;
            continue;
        }
        const std::uint64_t least = dip_[i] + sequencer.most_taken()[i];
        if (now < least) return 0;
        if (drift_[i] >= 0) continue;
        periods = std::min(periods, (now - least) / static_cast<std::uint64_t>(-drift_[i]) + 1);
    }
    return periods;
}

Repeats::Possible Repeats::allowed_by_credit(const WeightStream& stream,
                                             std::uint64_t periods) const {
    const std::uint64_t begin = stream.credit();
    if (begin == credit_before_ && credit_after_ == begin) return {periods, begin};
    if (!deliveries_) {
        if (begin != credit_before_) return {};
        return {std::min<std::uint64_t>(periods, 1), credit_after_};
    }
    std::uint64_t credit = begin;
    std::uint64_t done = 0;
    while (done < periods) {
        const auto next = credit_after(*deliveries_, stream.rate(), credit);
        if (!next) break;
        credit = *next;
        ++done;
        // Credits that run in a circle do so for ever.
        if (credit == begin) done = periods - (periods - done) % done;
    }
    return {done, credit};
}

Repeats::Possible Repeats::possible(LpuChip& chip, std::uint64_t periods) const {
    periods = allowed_by_semaphores(std::as_const(chip).sequencer(), periods);
    return allowed_by_credit(chip.weight_stream(), periods);
}

void Repeats::apply(LpuChip& chip, const Possible& possible) const {
    Sequencer& sequencer = chip.sequencer();
    Sequencer::Counts counts = sequencer.semaphores();
    for (std::size_t i = 0; i < counts.size(); ++i) {
        const std::uint64_t first = scarce_[i] ? 0 : counts[i] - dip_[i];
        counts[i] += possible.periods * static_cast<std::uint64_t>(drift_[i]);
        const std::uint64_t last =
            scarce_[i] ? 0 : counts[i] - static_cast<std::uint64_t>(drift_[i]) - dip_[i];
        sequencer.note_lowest(static_cast<std::uint16_t>(i), std::min({first, last, counts[i]}));
    }
    sequencer.set_semaphores(counts);

    WeightStream& stream = chip.weight_stream();
    const std::uint64_t credit = stream.credit();
    if (DeliveryLog* deliveries = stream.noted_deliveries()) {
        deliveries->push_back(Delivery::known_for(credit, possible.credit));
    }
    if (possible.credit == credit) return;
    stream.set_credit(possible.credit);
    chip.clock_domain().plan_again(LpuChip::kStreamUnit);
}

}  // namespace lpusim
