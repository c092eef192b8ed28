#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/config/config_file.h"
#include "sim/config/load.h"
#include "sim/result/result_store.h"
#include "sim/sweep/sweep_file.h"

namespace lpusim {

/// Every count-th point, from the index-th on: what one of several tasks does.
struct Shard {
    std::uint64_t index = 0;
    std::uint64_t count = 1;

    bool has(std::uint64_t ordinal) const { return ordinal % count == index; }
};

/// A file of the plan, by number, and what is changed in it.
struct PlannedFile {
    std::size_t file = 0;
    Overrides overrides;
};

/// All that has to be known to simulate a point.
struct PlannedPoint {
    SweepPlace place;
    PlannedFile hardware, model, format;
    Scenario scenario;
};

/// A sweep's points, made one by one when asked for: the plan of 100,000 points takes no more room
/// than that of ten.
class SweepPlan {
public:
    /// Reads the files that the sweep names. Throws ConfigError with all that is wrong with them.
    explicit SweepPlan(SweepFile sweep);

    const SweepFile& sweep() const { return sweep_; }
    const std::vector<ConfigFile>& files() const { return files_; }

    /// Combinations of the axes' values, those that `when` leaves out included.
    std::uint64_t size() const { return size_; }
    /// Nothing for one that is left out.
    std::optional<PlannedPoint> point(std::uint64_t ordinal) const;
    /// With a search: at a value of its key; and then, if it compares, the point to compare with.
    std::optional<PlannedPoint> probe(std::uint64_t ordinal, const Measured& value,
                                      bool is_compared_with = false) const;
    /// Leaves out all but these, in ascending order; their numbers stay.
    void restrict_to(std::vector<std::uint64_t> ordinals) { only_ = std::move(ordinals); }
    /// Points that belong to a shard. With a search, these are searches.
    std::uint64_t count(const Shard& shard) const;

    /// What an axis stands at.
    FigureValue axis_value(std::uint64_t ordinal, const std::string& axis) const;

private:
    struct Choice {
        std::size_t axis;
        std::size_t value;
    };

    std::size_t file_number(FileKind kind, const std::filesystem::path& path);
    void read_files();
    void digest_files();
    std::vector<Choice> choices(std::uint64_t ordinal) const;
    bool is_left_out(std::uint64_t ordinal) const;
    PlannedPoint base_point() const;
    void apply(const SweepKey& key, const SweepValue& value, PlannedPoint& point) const;
    PlannedPoint at(std::uint64_t ordinal) const;
    void finish(PlannedPoint& point) const;

    SweepFile sweep_;
    Expression::Types types_;
    std::vector<ConfigFile> files_;
    std::vector<FileKind> kinds_;
    std::vector<std::filesystem::path> paths_;
    /// Of the files' texts.
    std::vector<std::string> digests_;
    std::uint64_t size_ = 1;
    std::optional<std::vector<std::uint64_t>> only_;
};

}  // namespace lpusim
