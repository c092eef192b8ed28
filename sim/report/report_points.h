#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/result/result.h"

namespace lpusim {

/// What a point was asked for: dotted keys of the hardware file and of the scenario, and "model"
/// and "format", with their values as text.
using PointKeys = std::map<std::string, std::string>;

PointKeys keys_of(const Point& point);

/// A value of a configuration as a number in base units ("80 GB/s" -> 8e10, "4 cycles" -> 4,
/// "20480" -> 20480); nothing for words and lists.
std::optional<double> number_in(const std::string& value);

/// The bandwidth key of the hardware file.
inline constexpr const char* kBandwidthKey = "stream.weight.bandwidth";

/// One point of a series along a key.
struct SeriesPoint {
    double value = 0;
    const Point* point = nullptr;
};

/// One key of the hardware changed, all else as in the headline.
struct ChangedPoint {
    std::string key;
    std::string from;
    std::string to;
    /// New over old value.
    double factor = 0;
    const Point* point = nullptr;
};

/// The points of a report, each once, and how they relate.
///
/// The *headline* points share hardware, model and scenario with the first point and differ in
/// their format. All else is read relative to them, so what a sweep varies need not be told.
class ReportPoints {
public:
    /// Throws std::invalid_argument for no points. Points with the same content hash are one.
    explicit ReportPoints(std::vector<Point> points);
    ReportPoints(const ReportPoints&) = delete;
    ReportPoints& operator=(const ReportPoints&) = delete;

    const std::vector<Point>& all() const { return points_; }
    const PointKeys& keys(const Point& point) const;
    /// One per format, in the order in which they came.
    const std::vector<const Point*>& headline() const { return headline_; }
    const Point* headline_of(const std::string& format) const;

    /// Which two formats are compared; the first two of the headline unless told otherwise. Throws
    /// std::invalid_argument for a format that the headline does not have.
    void compare(const std::string& base, const std::string& other);
    const Point& base() const { return *base_; }
    /// Null when there is but one format.
    const Point* other() const { return other_; }

    /// The headline point of a format and those that differ from it in one key only, along which
    /// they are sorted. Less than two: empty.
    std::vector<SeriesPoint> series(const std::string& format, const std::string& key) const;
    /// Keys with numbers along which the base format has a series of at least `least` points.
    std::vector<std::string> series_keys(std::size_t least) const;

    /// Points of a format that differ from its headline point in one number of the hardware.
    std::vector<ChangedPoint> changes(const std::string& format) const;

    /// Keys whose values differ between any two points, in alphabetical order.
    std::vector<std::string> varying_keys() const;

private:
    /// The only key in which two points differ; empty if there is none or more than one.
    std::string only_difference(const Point& a, const Point& b) const;

    std::vector<Point> points_;
    std::vector<PointKeys> keys_;
    std::vector<const Point*> headline_;
    const Point* base_ = nullptr;
    const Point* other_ = nullptr;
};

}  // namespace lpusim
