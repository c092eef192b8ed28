#include "sim/result/extrapolate.h"

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>
#include <type_traits>

#include "sim/result/bottleneck.h"
#include "sim/result/point_fields.h"

namespace lpusim {

namespace {

__extension__ using Wide = __int128;

[[noreturn]] void fail(const std::string& why) {
    throw std::invalid_argument("cannot scale to all layers: " + why);
}

std::uint64_t to_count(Wide value) {
    if (value > std::numeric_limits<std::uint64_t>::max()) fail("a count does not fit 64 bits");
    return value < 0 ? 0 : static_cast<std::uint64_t>(value);
}

std::uint64_t raw(std::uint64_t count) { return count; }
template <class Tag>
std::uint64_t raw(Quantity<Tag> quantity) {
    return quantity.count();
}

/// The straight line through two runs, at all layers.
class Line {
public:
    Line(const Point& run, const Point& neighbour)
        : missing_layers_(Wide{run.layers_total} - run.layers_simulated),
          sign_(run.layers_simulated > neighbour.layers_simulated ? 1 : -1) {}

    Wide at_end(std::uint64_t run, std::uint64_t neighbour) const {
        return Wide{run} + missing_layers_ * sign_ * (Wide{run} - Wide{neighbour});
    }
    template <class Tag>
    Quantity<Tag> at_end(Quantity<Tag> run, Quantity<Tag> neighbour) const {
        return Quantity<Tag>(to_count(at_end(run.count(), neighbour.count())));
    }

private:
    Wide missing_layers_;
    Wide sign_;
};

/// Names, switches, ratios and small settings are no counts.
template <class T>
inline constexpr bool kIsCount = std::is_same_v<T, std::uint64_t>;
template <class Tag>
inline constexpr bool kIsCount<Quantity<Tag>> = true;

/// Counts become zero where they would be negative.
template <class T>
void extrapolate_fields(const Line& line, const T& neighbour, T& result) {
    std::vector<std::uint64_t> others;
    for_each_field(neighbour, [&](const char*, const auto& value) {
        if constexpr (kIsCount<std::decay_t<decltype(value)>>) others.push_back(raw(value));
    });
    auto other = others.begin();
    for_each_field(result, [&](const char*, auto& value) {
        using Value = std::decay_t<decltype(value)>;
        if constexpr (kIsCount<Value>) value = Value(to_count(line.at_end(raw(value), *other++)));
    });
}

/// Parts whose exact sum is known: what clamping at zero added is taken from the largest.
std::vector<Cycles> clamped(std::vector<Wide> parts) {
    Wide excess = 0;
    for (Wide& part : parts) {
        if (part >= 0) continue;
        excess -= part;
        part = 0;
    }
    while (excess > 0) {
        const auto largest = std::max_element(parts.begin(), parts.end());
        if (*largest == 0) break;
        const Wide taken = std::min(*largest, excess);
        *largest -= taken;
        excess -= taken;
    }
    std::vector<Cycles> cycles;
    cycles.reserve(parts.size());
    for (const Wide part : parts) cycles.emplace_back(to_count(part));
    return cycles;
}

void extrapolate_engine(const Line& line, const EngineCycles& neighbour, EngineCycles& result) {
    if (neighbour.name != result.name) fail("the runs have different engines");
    const auto states = [](EngineCycles& e) {
        return std::array{&e.busy, &e.starved, &e.blocked, &e.waiting, &e.idle};
    };
    EngineCycles other = neighbour;
    const auto from = states(other);
    const auto to = states(result);
    std::vector<Wide> parts;
    for (std::size_t i = 0; i < to.size(); ++i) {
        parts.push_back(line.at_end(to[i]->count(), from[i]->count()));
    }
    const std::vector<Cycles> cycles = clamped(std::move(parts));
    for (std::size_t i = 0; i < to.size(); ++i) *to[i] = cycles[i];
}

void extrapolate_operators(const Line& line, const std::vector<OperatorCycles>& neighbour,
                           std::vector<OperatorCycles>& result) {
    if (neighbour.size() != result.size()) fail("the runs have different operators");
    std::vector<Wide> parts;
    for (std::size_t i = 0; i < result.size(); ++i) {
        const OperatorCycles& from = neighbour[i];
        OperatorCycles& to = result[i];
        if (from.name != to.name || from.busy.size() != to.busy.size()) {
            fail("the runs have different operators");
        }
        parts.push_back(line.at_end(to.cycles.count(), from.cycles.count()));
        to.stream_bytes = line.at_end(to.stream_bytes, from.stream_bytes);
        for (std::size_t e = 0; e < to.busy.size(); ++e) {
            to.busy[e] = line.at_end(to.busy[e], from.busy[e]);
        }
    }
    const std::vector<Cycles> cycles = clamped(std::move(parts));
    for (std::size_t i = 0; i < result.size(); ++i) result[i].cycles = cycles[i];
}

void extrapolate_counters(const Line& line, const std::vector<Counter>& neighbour,
                          std::vector<Counter>& result) {
    if (neighbour.size() != result.size()) fail("the runs have different counters");
    for (std::size_t i = 0; i < result.size(); ++i) {
        if (neighbour[i].name != result[i].name) fail("the runs have different counters");
        result[i].value = to_count(line.at_end(result[i].value, neighbour[i].value));
    }
}

}  // namespace

Point extrapolate(const Point& run, const Point& neighbour) {
    if (run.layers_simulated == run.layers_total) return run;
    const std::int64_t apart =
        std::int64_t{run.layers_simulated} - std::int64_t{neighbour.layers_simulated};
    if (apart != 1 && apart != -1) fail("the runs must be one layer apart");
    if (neighbour.units.size() != run.units.size()) fail("the runs have different engines");

    const Line line(run, neighbour);
    Point result = run;
    extrapolate_fields(line, neighbour, result);
    extrapolate_fields(line, neighbour.stream, result.stream);
    for (std::size_t i = 0; i < result.units.size(); ++i) {
        extrapolate_engine(line, neighbour.units[i], result.units[i]);
    }
    extrapolate_operators(line, neighbour.operators, result.operators);
    extrapolate_counters(line, neighbour.counters, result.counters);
    result.bottleneck = find_bottleneck(result.units, result.operators, result.cycles);
    result.scaled = true;
    return result;
}

SimulatorStats sum(const SimulatorStats& a, const SimulatorStats& b) {
    return {a.wall_seconds + b.wall_seconds, a.cycles_simulated + b.cycles_simulated,
            a.cycles_skipped + b.cycles_skipped, a.evaluations + b.evaluations};
}

}  // namespace lpusim
