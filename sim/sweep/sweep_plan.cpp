#include "sim/sweep/sweep_plan.h"

#include <algorithm>
#include <utility>

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <nlohmann/json.hpp>

#include "sim/config/diagnostics.h"
#include "sim/result/versions.h"

namespace lpusim {

namespace {

using Kind = SweepKey::Kind;
using Json = nlohmann::ordered_json;

boost::uuids::uuid hashed(const std::string& text) {
    const boost::uuids::name_generator_sha1 generate(boost::uuids::ns::oid());
    return generate(text);
}

void append(const PlannedFile& file, const std::string& digest, std::string& text) {
    text += digest + "\n";
    Overrides overrides = file.overrides;
    std::sort(overrides.begin(), overrides.end(),
              [](const Override& a, const Override& b) { return a.key < b.key; });
    for (const Override& change : overrides) {
        // A value may hold anything, a line break among it.
        text += change.key + " " + std::to_string(change.value.size()) + " " + change.value + "\n";
    }
}

void append_axis(const std::string& name, const SweepValue& value, std::string& axes) {
    axes += axes.size() > 1 ? "," : "";
    axes += Json(name).dump() + ":";
    if (!value.number) {
        axes += Json(value.text).dump(-1, ' ', false, Json::error_handler_t::replace);
    } else if (value.number->kind == Measured::Kind::Percent) {
        axes += Json(value.number->number()).dump();
    } else {
        axes += std::to_string(value.number->base);
    }
}

/// What is set later holds.
void set_override(const std::string& path, const std::string& text, Overrides& overrides) {
    for (Override& change : overrides) {
        if (change.key != path) continue;
        change.value = text;
        return;
    }
    overrides.push_back({path, text});
}

FigureValue value_as(ValueType type, const SweepValue& value) {
    if (type == ValueType::Number) return value.number.value().number();
    return value.text;
}

}  // namespace

SweepPlan::SweepPlan(SweepFile sweep) : sweep_(std::move(sweep)), types_(axis_types(sweep_.axes)) {
    for (const auto& group : sweep_.groups) size_ *= sweep_.axes[group.front()].values.size();
    read_files();
    digest_files();
}

void SweepPlan::read_files() {
    std::vector<std::pair<FileKind, std::filesystem::path>> wanted = {
        {FileKind::Hardware, sweep_.hardware},
        {FileKind::Model, sweep_.model},
        {FileKind::Format, sweep_.format}};
    const auto want = [&](const SweepKey& key, const SweepValue& value) {
        if (key.kind == Kind::Hardware) wanted.emplace_back(FileKind::Hardware, value.file);
        if (key.kind == Kind::Model) wanted.emplace_back(FileKind::Model, value.file);
        if (key.kind == Kind::Format) wanted.emplace_back(FileKind::Format, value.file);
    };
    for (const SweepAxis& axis : sweep_.axes) {
        for (const SweepValue& value : axis.values) want(axis.key, value);
    }
    if (sweep_.search) {
        for (const SweepSetting& setting : sweep_.search->against) want(setting.key, setting.value);
    }
    std::vector<std::string> errors;
    for (const auto& [kind, path] : wanted) {
        if (path.empty()) continue;
        try {
            file_number(kind, path);
        } catch (const ConfigError& e) {
            errors.insert(errors.end(), e.errors().begin(), e.errors().end());
        }
    }
    if (!errors.empty()) throw ConfigError(errors);
}

/// Reads a file unless it has been, and checks what it says.
std::size_t SweepPlan::file_number(FileKind kind, const std::filesystem::path& path) {
    for (std::size_t i = 0; i < files_.size(); ++i) {
        if (kinds_[i] == kind && paths_[i] == path) return i;
    }
    ConfigFile file(kind, path);
    switch (kind) {
        case FileKind::Hardware:
            file.hardware();
            break;
        case FileKind::Format:
            file.format();
            break;
        default:
            file.model();
            break;
    }
    files_.push_back(std::move(file));
    kinds_.push_back(kind);
    paths_.push_back(path);
    return files_.size() - 1;
}

void SweepPlan::digest_files() {
    for (const ConfigFile& file : files_) digests_.push_back(to_string(hashed(file.text())));
}

std::vector<SweepPlan::Choice> SweepPlan::choices(std::uint64_t ordinal) const {
    std::vector<Choice> list;
    for (auto group = sweep_.groups.rbegin(); group != sweep_.groups.rend(); ++group) {
        const std::uint64_t length = sweep_.axes[group->front()].values.size();
        for (const std::size_t axis : *group) {
            list.push_back({axis, static_cast<std::size_t>(ordinal % length)});
        }
        ordinal /= length;
    }
    // In the order of the file.
    std::sort(list.begin(), list.end(),
              [](const Choice& a, const Choice& b) { return a.axis < b.axis; });
    return list;
}

FigureValue SweepPlan::axis_value(std::uint64_t ordinal, const std::string& axis) const {
    for (const Choice& choice : choices(ordinal)) {
        const SweepAxis& candidate = sweep_.axes[choice.axis];
        if (candidate.key.name == axis) {
            return value_as(types_.at(axis), candidate.values[choice.value]);
        }
    }
    throw std::invalid_argument("no axis: " + axis);
}

bool SweepPlan::is_left_out(std::uint64_t ordinal) const {
    if (only_ && !std::binary_search(only_->begin(), only_->end(), ordinal)) return true;
    return sweep_.when &&
           !sweep_.when->holds([&](const std::string& name) { return axis_value(ordinal, name); });
}

std::uint64_t SweepPlan::count(const Shard& shard) const {
    std::uint64_t count = 0;
    for (std::uint64_t ordinal = shard.index; ordinal < size_; ordinal += shard.count) {
        if (!is_left_out(ordinal)) ++count;
    }
    return count;
}

PlannedPoint SweepPlan::base_point() const {
    PlannedPoint point;
    point.scenario = sweep_.scenario;
    const auto number = [&](const std::filesystem::path& path) {
        const auto found = std::find(paths_.begin(), paths_.end(), path);
        return static_cast<std::size_t>(found - paths_.begin());
    };
    point.hardware.file = number(sweep_.hardware);
    point.model.file = number(sweep_.model);
    point.format.file = number(sweep_.format);
    for (const SweepSetting& setting : sweep_.set) apply(setting.key, setting.value, point);
    return point;
}

void SweepPlan::apply(const SweepKey& key, const SweepValue& value, PlannedPoint& point) const {
    const auto number = [&] { return static_cast<std::uint32_t>(value.number.value().base); };
    const auto file = [&] {
        const auto found = std::find(paths_.begin(), paths_.end(), value.file);
        return static_cast<std::size_t>(found - paths_.begin());
    };
    switch (key.kind) {
        case Kind::Hardware:
            point.hardware.file = file();
            break;
        case Kind::Model:
            point.model.file = file();
            break;
        case Kind::Format:
            point.format.file = file();
            break;
        case Kind::HardwareValue:
            set_override(key.path, value.text, point.hardware.overrides);
            break;
        case Kind::ModelValue:
            set_override(key.path, value.text, point.model.overrides);
            break;
        case Kind::FormatValue:
            set_override(key.path, value.text, point.format.overrides);
            break;
        case Kind::Batch:
            point.scenario.batch = number();
            break;
        case Kind::Context:
            point.scenario.context = number();
            break;
        case Kind::KvBits:
            point.scenario.kv_bits = number();
            break;
    }
}

PlannedPoint SweepPlan::at(std::uint64_t ordinal) const {
    PlannedPoint point = base_point();
    point.place.ordinal = ordinal;
    std::string& axes = point.place.axes_json = "{";
    for (const Choice& choice : choices(ordinal)) {
        const SweepAxis& axis = sweep_.axes[choice.axis];
        apply(axis.key, axis.values[choice.value], point);
        append_axis(axis.key.name, axis.values[choice.value], axes);
    }
    return point;
}

void SweepPlan::finish(PlannedPoint& point) const {
    point.place.axes_json += "}";
    std::string text = "lpusim request\ntiming model " + std::to_string(kTimingModelVersion) + "\n";
    append(point.hardware, digests_[point.hardware.file], text);
    append(point.model, digests_[point.model.file], text);
    append(point.format, digests_[point.format.file], text);
    const Scenario& scenario = point.scenario;
    for (const std::uint32_t value : {static_cast<std::uint32_t>(scenario.phase), scenario.batch,
                                      scenario.context, scenario.kv_bits, scenario.layers}) {
        text += std::to_string(value) + " ";
    }
    const boost::uuids::uuid key = hashed(text);
    std::copy(key.begin(), key.end(), point.place.request.begin());
}

std::optional<PlannedPoint> SweepPlan::point(std::uint64_t ordinal) const {
    if (is_left_out(ordinal)) return std::nullopt;
    PlannedPoint point = at(ordinal);
    finish(point);
    return point;
}

std::optional<PlannedPoint> SweepPlan::probe(std::uint64_t ordinal, const Measured& value,
                                             bool is_compared_with) const {
    if (is_left_out(ordinal)) return std::nullopt;
    const SweepSearch& search = sweep_.search.value();
    PlannedPoint point = at(ordinal);
    const SweepValue probed{value.text(), value, {}, {}};
    apply(search.key, probed, point);
    append_axis(search.key.name, probed, point.place.axes_json);
    point.place.probe = value.base;
    if (is_compared_with) {
        point.place.variant = 1;
        for (const SweepSetting& setting : search.against) {
            apply(setting.key, setting.value, point);
        }
    }
    finish(point);
    return point;
}

}  // namespace lpusim
