#include "sim/report/report_points.h"

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "sim/config/units.h"
#include "sim/result/result_json.h"

namespace lpusim {

namespace {

std::string text_of(const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

void flatten(const Json& json, const std::string& prefix, PointKeys& keys) {
    for (const auto& [key, value] : json.items()) {
        if (value.is_object()) {
            flatten(value, prefix + key + ".", keys);
        } else {
            keys[prefix + key] = text_of(value);
        }
    }
}

/// Names are no inputs, and "kind" is the same everywhere.
PointKeys hardware_keys(const std::string& text) {
    PointKeys keys;
    flatten(Json::parse(text), "", keys);
    keys.erase("kind");
    keys.erase("name");
    return keys;
}

bool same_but_format(const Point& a, const Point& b) {
    return a.inputs.hardware_json == b.inputs.hardware_json &&
           a.inputs.model_json == b.inputs.model_json &&
           a.inputs.scenario_json == b.inputs.scenario_json;
}

}  // namespace

PointKeys keys_of(const Point& point) {
    PointKeys keys = hardware_keys(point.inputs.hardware_json);
    flatten(Json::parse(point.inputs.scenario_json), "", keys);
    keys["hardware"] = point.inputs.hardware_name;
    keys["model"] = point.inputs.model_name;
    keys["format"] = point.inputs.format_name;
    return keys;
}

std::optional<double> number_in(const std::string& value) {
    using config::Dimension;
    constexpr std::array kDimensions = {Dimension::Frequency, Dimension::Bandwidth,
                                        Dimension::Size,      Dimension::Duration,
                                        Dimension::PortRate,  Dimension::Width};
    try {
        return static_cast<double>(config::parse_count(value));
    } catch (const config::BadValue&) {
        // It has a unit, then, or is a word.
    }
    for (const Dimension dimension : kDimensions) {
        try {
            return static_cast<double>(config::parse_measure(value, dimension));
        } catch (const config::BadValue&) {
            continue;
        }
    }
    try {
        const Fraction fraction = config::parse_percent(value);
        return static_cast<double>(fraction.num) / static_cast<double>(fraction.den);
    } catch (const config::BadValue&) {
        return std::nullopt;
    }
}

ReportPoints::ReportPoints(std::vector<Point> points) {
    std::set<std::string> seen;
    for (Point& point : points) {
        if (seen.insert(point.inputs.content_hash).second) points_.push_back(std::move(point));
    }
    if (points_.empty()) throw std::invalid_argument("there are no points to report on");
    for (const Point& point : points_) {
        keys_.push_back(keys_of(point));
        const bool is_new = headline_of(point.inputs.format_name) == nullptr;
        if (is_new && same_but_format(points_.front(), point)) headline_.push_back(&point);
    }
    base_ = headline_.front();
    if (headline_.size() > 1) other_ = headline_[1];
}

const PointKeys& ReportPoints::keys(const Point& point) const {
    return keys_.at(static_cast<std::size_t>(&point - points_.data()));
}

const Point* ReportPoints::headline_of(const std::string& format) const {
    const auto found = std::find_if(headline_.begin(), headline_.end(), [&](const Point* point) {
        return point->inputs.format_name == format;
    });
    return found == headline_.end() ? nullptr : *found;
}

void ReportPoints::compare(const std::string& base, const std::string& other) {
    for (const std::string& format : {base, other}) {
        if (headline_of(format) != nullptr) continue;
        std::vector<std::string> names;
        for (const Point* point : headline_) names.push_back(point->inputs.format_name);
        throw std::invalid_argument(fmt::format(
            "there is no point of format {} beside those of the headline; there are: {}{}",
            config::in_quotes(format), fmt::join(names, ", "),
            config::did_you_mean(config::nearest(format, names))));
    }
    base_ = headline_of(base);
    other_ = headline_of(other);
}

std::string ReportPoints::only_difference(const Point& a, const Point& b) const {
    if (a.inputs.model_json != b.inputs.model_json) return "";
    const PointKeys& left = keys(a);
    const PointKeys& right = keys(b);
    if (left.size() != right.size()) return "";
    std::string difference;
    for (auto l = left.begin(), r = right.begin(); l != left.end(); ++l, ++r) {
        if (l->first != r->first) return "";
        if (l->second == r->second) continue;
        if (!difference.empty()) return "";
        difference = l->first;
    }
    return difference;
}

std::vector<SeriesPoint> ReportPoints::series(const std::string& format,
                                              const std::string& key) const {
    const Point* headline = headline_of(format);
    if (headline == nullptr || keys(*headline).count(key) == 0) return {};
    std::vector<SeriesPoint> series;
    for (const Point& point : points_) {
        if (&point != headline && only_difference(*headline, point) != key) continue;
        if (const auto value = number_in(keys(point).at(key))) series.push_back({*value, &point});
    }
    std::stable_sort(series.begin(), series.end(),
                     [](const SeriesPoint& a, const SeriesPoint& b) { return a.value < b.value; });
    if (series.size() < 2) series.clear();
    return series;
}

std::vector<std::string> ReportPoints::series_keys(std::size_t least) const {
    std::map<std::string, std::size_t> count;
    for (const Point& point : points_) {
        const std::string key = only_difference(base(), point);
        if (!key.empty() && number_in(keys(point).at(key))) ++count[key];
    }
    std::vector<std::string> found;
    for (const auto& [key, points] : count) {
        if (points + 1 >= least) found.push_back(key);
    }
    return found;
}

std::vector<ChangedPoint> ReportPoints::changes(const std::string& format) const {
    const Point* headline = headline_of(format);
    if (headline == nullptr) return {};
    const PointKeys hardware = hardware_keys(headline->inputs.hardware_json);
    std::vector<ChangedPoint> changes;
    for (const Point& point : points_) {
        const std::string key = only_difference(*headline, point);
        if (hardware.count(key) == 0) continue;
        const std::string& from = keys(*headline).at(key);
        const std::string& to = keys(point).at(key);
        const auto before = number_in(from);
        const auto after = number_in(to);
        if (before && after && *before > 0) {
            changes.push_back({key, from, to, *after / *before, &point});
        }
    }
    return changes;
}

std::vector<std::string> ReportPoints::varying_keys() const {
    std::map<std::string, std::set<std::string>> values;
    for (const PointKeys& keys : keys_) {
        for (const auto& [key, value] : keys) values[key].insert(value);
    }
    std::vector<std::string> varying;
    for (const auto& [key, different] : values) {
        if (different.size() > 1) varying.push_back(key);
    }
    return varying;
}

}  // namespace lpusim
