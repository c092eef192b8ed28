#include "sim/sweep/sweep_file.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sim/config/sweep_schema.h"
#include "sim/config/text_file.h"
#include "sim/sweep/sweep_parts.h"

namespace lpusim {

namespace {

namespace fs = std::filesystem;
using config::Diagnostics;
using config::YamlEntry;
using config::YamlNode;
using Kind = SweepKey::Kind;

constexpr std::uint64_t kMostPoints = 10'000'000;

/// Turns the fields of a file into a sweep; everything that is wrong goes to the diagnostics.
class SweepReader {
public:
    SweepReader(const config::SweepFields& fields, const fs::path& path, Diagnostics& diagnostics)
        : fields_(fields), diagnostics_(diagnostics), parts_(path, diagnostics) {
        sweep_.path = path;
    }

    SweepFile read() {
        sweep_.name = fields_.name;
        sweep_.description = fields_.description;
        sweep_.scenario.batch = fields_.batch;
        sweep_.scenario.context = fields_.context;
        sweep_.scenario.kv_bits = fields_.kv_bits;
        read_axes();
        read_bases();
        sweep_.set = parts_.settings(fields_.set, "set");
        refuse_doubly_set();
        read_groups();
        if (is_given(fields_.when)) {
            sweep_.when = parts_.expression(fields_.when, "when", axis_types(sweep_.axes),
                                            axis_units(sweep_.axes));
        }
        sweep_.search = read_search(fields_, sweep_.axes, parts_);
        refuse_searched_setting();
        read_pareto(fields_, parts_, sweep_);
        return std::move(sweep_);
    }

private:
    void read_axes() {
        if (!is_given(fields_.axes)) return;
        if (fields_.axes.kind != YamlNode::Kind::Map) {
            return parts_.error(
                fields_.axes.at, "axes",
                fmt::format("got {}; allowed: a map of keys to values", fields_.axes.shown()));
        }
        for (const YamlEntry& entry : fields_.axes.entries) {
            const auto key = parts_.key_named(entry.key, entry.at);
            if (!key || refuse_second_axis(*key, entry.at)) continue;
            SweepAxis axis{*key, axis_values(*key, entry.value, diagnostics_)};
            if (key->names_file()) find_files(axis);
            sweep_.axes.push_back(std::move(axis));
        }
    }

    /// 'unpack.lanes' and 'hardware.unpack.lanes' are one key.
    bool refuse_second_axis(const SweepKey& key, config::Position at) {
        for (const SweepAxis& axis : sweep_.axes) {
            if (!axis.key.is_same(key)) continue;
            parts_.error(at, "axes." + key.name,
                         fmt::format("is the axis '{}' again", axis.key.name));
            return true;
        }
        return false;
    }

    void find_files(SweepAxis& axis) {
        for (SweepValue& value : axis.values) {
            value.file = parts_.find(axis.key.kind, value.text, value.at);
        }
    }

    bool is_axis(Kind kind) const {
        return std::any_of(sweep_.axes.begin(), sweep_.axes.end(),
                           [&](const SweepAxis& axis) { return axis.key.kind == kind; });
    }

    void read_bases() {
        read_base(fields_.hardware, Kind::Hardware, sweep_.hardware);
        read_base(fields_.model, Kind::Model, sweep_.model);
        read_base(fields_.format, Kind::Format, sweep_.format);
    }

    void read_base(const YamlNode& node, Kind kind, fs::path& path) {
        const std::string key = kind == Kind::Hardware ? "hardware"
                                : kind == Kind::Model  ? "model"
                                                       : "format";
        if (!is_given(node)) {
            if (!is_axis(kind)) {
                diagnostics_.error({1, 1}, fmt::format("missing key '{}'; allowed: {}, here or as "
                                                       "an axis",
                                                       key, allowed_values({kind, key, ""})));
            }
            return;
        }
        if (is_axis(kind)) parts_.error(node.at, key, "is an axis, too; leave out one of both");
        if (node.kind != YamlNode::Kind::Scalar) {
            return parts_.error(
                node.at, key,
                fmt::format("got {}; allowed: {}", node.shown(), allowed_values({kind, key, ""})));
        }
        path = parts_.find(kind, node.text, node.at);
    }

    void refuse_doubly_set() {
        for (const SweepSetting& setting : sweep_.set) {
            const bool is_base = setting.key.path.empty();
            for (const SweepAxis& axis : sweep_.axes) {
                if (axis.key.is_same(setting.key)) {
                    parts_.error(setting.value.at, "set." + setting.key.name,
                                 "is an axis, too; leave out one of both");
                }
            }
            if (is_base) {
                parts_.error(
                    setting.value.at, "set." + setting.key.name,
                    fmt::format("stands at the top of the file: '{}: ...'", setting.key.name));
            }
        }
    }

    void refuse_searched_setting() {
        if (!sweep_.search) return;
        for (const SweepSetting& setting : sweep_.set) {
            if (!setting.key.is_same(sweep_.search->key)) continue;
            parts_.error(setting.value.at, "set." + setting.key.name,
                         "is searched over, too; leave out one of both");
        }
    }

    /// Each axis is a group of its own unless `zip` joins it to others.
    void read_groups() {
        std::vector<std::vector<std::size_t>> zips;
        for (const YamlNode& list : zip_lists()) {
            std::vector<std::size_t> group;
            for (const YamlNode& item : list.items) {
                const std::size_t axis = axis_named(item.text);
                if (axis == sweep_.axes.size()) {
                    std::vector<std::string> names;
                    names.reserve(sweep_.axes.size());
                    for (const SweepAxis& a : sweep_.axes) names.push_back(a.key.name);
                    parts_.error(
                        item.at, "zip",
                        fmt::format("got {}; allowed: axes{}", item.shown(),
                                    config::did_you_mean(config::nearest(item.text, names))));
                    continue;
                }
                if (std::find(group.begin(), group.end(), axis) != group.end()) {
                    parts_.error(item.at, "zip", fmt::format("has {} twice", item.shown()));
                    continue;
                }
                require_as_long(axis, group, item);
                group.push_back(axis);
            }
            std::sort(group.begin(), group.end());
            zips.push_back(std::move(group));
        }
        place_groups(zips);
    }

    std::vector<YamlNode> zip_lists() {
        if (!is_given(fields_.zip)) return {};
        const std::vector<YamlNode>& items = fields_.zip.items;
        const auto is_list = [](const YamlNode& node) { return node.kind == YamlNode::Kind::List; };
        if (!items.empty() && std::all_of(items.begin(), items.end(), is_list)) return items;
        parts_.error(fields_.zip.at, "zip",
                     "allowed: a list of lists of axes, as in [[array.rows, array.cols]]");
        return {};
    }

    std::size_t axis_named(const std::string& name) const {
        const auto found =
            std::find_if(sweep_.axes.begin(), sweep_.axes.end(),
                         [&](const SweepAxis& axis) { return axis.key.name == name; });
        return static_cast<std::size_t>(found - sweep_.axes.begin());
    }

    void require_as_long(std::size_t axis, const std::vector<std::size_t>& group,
                         const YamlNode& item) {
        if (group.empty()) return;
        const SweepAxis& first = sweep_.axes[group.front()];
        const SweepAxis& other = sweep_.axes[axis];
        if (other.values.size() == first.values.size()) return;
        parts_.error(item.at, "zip",
                     fmt::format("axis '{}' has {} values, and '{}' {}", other.key.name,
                                 other.values.size(), first.key.name, first.values.size()));
    }

    void place_groups(const std::vector<std::vector<std::size_t>>& zips) {
        std::uint64_t points = 1;
        for (std::size_t axis = 0; axis < sweep_.axes.size(); ++axis) {
            const std::vector<std::size_t>* zip = nullptr;
            for (const auto& group : zips) {
                if (std::find(group.begin(), group.end(), axis) == group.end()) continue;
                if (zip != nullptr) {
                    parts_.error(
                        fields_.zip.at, "zip",
                        fmt::format("axis '{}' stands there twice", sweep_.axes[axis].key.name));
                }
                zip = &group;
            }
            if (zip != nullptr && zip->front() != axis) continue;
            sweep_.groups.push_back(zip != nullptr ? *zip : std::vector<std::size_t>{axis});
            points *= std::max<std::size_t>(1, sweep_.axes[axis].values.size());
            if (points <= kMostPoints) continue;
            parts_.error(fields_.axes.at, "axes",
                         fmt::format("make more than {} points", kMostPoints));
            return;
        }
    }

    const config::SweepFields& fields_;
    Diagnostics& diagnostics_;
    SweepParts parts_;
    SweepFile sweep_;
};

}  // namespace

SweepFile load_sweep(const fs::path& path) {
    return parse_sweep(config::read_text_file(path), path);
}

SweepFile parse_sweep(const std::string& text, const fs::path& path) {
    Diagnostics diagnostics(path.string());
    const YamlNode root = config::parse_yaml(text, diagnostics);
    const YamlNode* kind = root.find("kind");
    if (kind == nullptr || kind->text != "sweep") {
        diagnostics.fatal(
            kind == nullptr ? root.at : kind->at,
            "key 'kind': a sweep file is wanted here, which begins with 'kind: sweep'");
    }
    const config::SweepFields fields = config::read_sweep_fields(root, diagnostics);
    SweepFile sweep = SweepReader(fields, path, diagnostics).read();
    diagnostics.throw_if_any();
    sweep.text = text;
    return sweep;
}

Expression::Units axis_units(const std::vector<SweepAxis>& axes) {
    Expression::Units units;
    for (const SweepAxis& axis : axes) {
        const auto is_like_first = [&](const SweepValue& value) {
            return value.number && value.number->same_unit(*axis.values.front().number);
        };
        // A share is a number to some and a percentage to others.
        const bool is_known = !axis.values.empty() && axis.values.front().number &&
                              axis.values.front().number->kind != Measured::Kind::Percent &&
                              std::all_of(axis.values.begin(), axis.values.end(), is_like_first);
        if (is_known) units[axis.key.name] = axis.values.front().number->measure();
    }
    return units;
}

Expression::Types axis_types(const std::vector<SweepAxis>& axes) {
    Expression::Types types;
    for (const SweepAxis& axis : axes) {
        const bool has_numbers =
            std::all_of(axis.values.begin(), axis.values.end(),
                        [](const SweepValue& value) { return value.number.has_value(); });
        types[axis.key.name] = has_numbers ? ValueType::Number : ValueType::Text;
    }
    return types;
}

}  // namespace lpusim
