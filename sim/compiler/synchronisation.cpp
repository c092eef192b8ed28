#include "sim/compiler/synchronisation.h"

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace lpusim {

namespace {

using Index = std::optional<std::size_t>;

std::size_t find(const std::vector<Operator>& section, const std::string& name) {
    const auto found = std::find_if(section.begin(), section.end(),
                                    [&name](const Operator& op) { return op.name == name; });
    if (found == section.end()) throw std::logic_error("no operator " + name + " in the section");
    return static_cast<std::size_t>(found - section.begin());
}

/// The channel between two operators; none inside the vector unit.
std::optional<HandOver> channel_between(const Operator& producer, const Operator& consumer) {
    if (producer.vector()) {
        return consumer.vector() ? std::nullopt : std::optional(HandOver::VectorToArray);
    }
    return consumer.vector() ? HandOver::ArrayToVector : HandOver::ArrayToArray;
}

class Synchroniser {
public:
    explicit Synchroniser(const std::vector<Operator>& section)
        : section_(section), result_(section.size()) {}

    std::vector<Synchronisation> run() {
        for (std::size_t consumer = 0; consumer < section_.size(); ++consumer) {
            connect(consumer);
        }
        return std::move(result_);
    }

private:
    void connect(std::size_t consumer) {
        const Operator& op = section_[consumer];
        std::array<Index, kChannelCount> latest;
        Index cache;
        if (!op.cache_input.empty()) {
            cache = find(section_, op.cache_input);
            latest[static_cast<std::size_t>(HandOver::VectorToKv)] = cache;
        }
        for (const std::string& name : op.inputs) {
            const std::size_t producer = find(section_, name);
            // No tile is installed before the cache is up to date, and appending to it comes after
            // Q, K and V.
            if (cache && producer < *cache) continue;
            const auto channel = channel_between(section_[producer], op);
            if (!channel) continue;
            Index& newest = latest[static_cast<std::size_t>(*channel)];
            newest = newest ? std::max(*newest, producer) : producer;
        }
        for (std::size_t c = 0; c < kChannelCount; ++c) take(consumer, c, latest[c]);
    }

    void take(std::size_t consumer, std::size_t channel, Index producer) {
        if (!producer || (taken_[channel] && *taken_[channel] >= *producer)) return;
        taken_[channel] = producer;
        result_[consumer].takes[channel] = true;
        result_[*producer].gives[channel] = true;
    }

    const std::vector<Operator>& section_;
    std::vector<Synchronisation> result_;
    /// Per channel the latest producer that has been waited for.
    std::array<Index, kChannelCount> taken_;
};

}  // namespace

std::vector<Synchronisation> synchronise(const std::vector<Operator>& section) {
    return Synchroniser(section).run();
}

}  // namespace lpusim
