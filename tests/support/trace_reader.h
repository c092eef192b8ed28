#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace lpusim::test {

/// Cycles by engine and state ("busy", "starved", ...).
using StateSums = std::map<std::string, std::map<std::string, std::uint64_t>>;

/// A trace in Chrome's JSON format, held to its rules while it is read: known phases with the
/// members they must have, whole and growing times, slices of a thread that do not overlap, every
/// process and thread named once. Throws std::runtime_error that says which is broken.
class PerfettoTrace {
public:
    explicit PerfettoTrace(const std::string& text);

    struct Slice {
        std::string thread;
        std::string category;
        std::string name;
        std::uint64_t from = 0;
        std::uint64_t to = 0;
        nlohmann::json arguments;
    };
    const std::vector<Slice>& slices() const { return slices_; }
    std::vector<Slice> slices_of(const std::string& category) const;
    /// Values over time by unit and name.
    struct Sample {
        std::uint64_t at = 0;
        std::uint64_t value = 0;
    };
    const std::map<std::string, std::vector<Sample>>& levels() const { return levels_; }
    const nlohmann::json& facts() const { return facts_; }

    /// What engines spent on the cycles [from, to), skipped ones included: a skip must lie inside
    /// or outside as a whole.
    StateSums spent(std::uint64_t from, std::uint64_t to) const;

private:
    void read(const nlohmann::json& event);
    void read_name(const nlohmann::json& event);
    void read_slice(const nlohmann::json& event);
    void read_level(const nlohmann::json& event);

    std::map<std::uint64_t, std::string> processes_;
    std::map<std::uint64_t, std::string> threads_;
    std::map<std::uint64_t, std::uint64_t> process_of_thread_;
    std::map<std::uint64_t, std::uint64_t> thread_end_;
    std::vector<Slice> slices_;
    std::map<std::string, std::vector<Sample>> levels_;
    nlohmann::json facts_;
};

}  // namespace lpusim::test
