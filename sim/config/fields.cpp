#include "sim/config/fields.h"

#include <algorithm>
#include <stdexcept>

#include <fmt/ranges.h>

namespace lpusim {

const char* name_of(Confidence confidence) {
    switch (confidence) {
        case Confidence::Published:
            return "published";
        case Confidence::Derived:
            return "derived";
        case Confidence::Assumed:
            break;
    }
    return "assumed";
}

namespace config {

namespace {

const Choice<Confidence>& confidence_type() {
    static const Choice<Confidence> kType = [] {
        Choice<Confidence>::Words words;
        for (const auto c : {Confidence::Published, Confidence::Derived, Confidence::Assumed}) {
            words.emplace_back(name_of(c), c);
        }
        return Choice<Confidence>(std::move(words));
    }();
    return kType;
}

constexpr Text kSourceType(1, 1000);

std::string join_path(const std::string& path, const std::string& key) {
    return path.empty() ? key : path + "." + key;
}

bool is_below(std::string_view key, const std::string& path) {
    return path.empty() || (key.size() > path.size() && key.substr(0, path.size()) == path &&
                            key[path.size()] == '.');
}

/// "weight" for "stream.weight.latency" below "stream".
std::string next_part(std::string_view key, const std::string& path) {
    const std::string_view rest = key.substr(path.empty() ? 0 : path.size() + 1);
    return std::string(rest.substr(0, rest.find('.')));
}

std::string_view last_part(std::string_view key) { return key.substr(key.rfind('.') + 1); }

std::string parent_of(const std::string& key) {
    const std::size_t dot = key.rfind('.');
    return dot == std::string::npos ? "" : key.substr(0, dot);
}

}  // namespace

FieldValues::FieldValues(const YamlNode& root, const SchemaDoc& schema, Diagnostics& diagnostics)
    : schema_(schema), diagnostics_(diagnostics), values_(schema.fields.size()) {
    read_map(root, "");
    report_missing();
}

void FieldValues::read_map(const YamlNode& map, const std::string& path) {
    groups_.emplace_back(path, map.at);
    for (const YamlEntry& entry : map.entries) {
        const std::string key = join_path(path, entry.key);
        const std::size_t index = index_of(key);
        if (index < values_.size()) {
            read_leaf(index, entry);
        } else if (is_group(key)) {
            if (entry.value.kind == YamlNode::Kind::Map) {
                read_map(entry.value, key);
                continue;
            }
            excused_.push_back(key);
            add_error(entry.value.at, key,
                      fmt::format("got {}; allowed: the keys {}", entry.value.shown(),
                                  fmt::join(keys_below(key), ", ")));
        } else if (key != "kind") {
            report_unknown(path, entry);
        }
    }
}

void FieldValues::read_leaf(std::size_t index, const YamlEntry& entry) {
    FieldValue& value = values_[index];
    const FieldDoc& doc = schema_.fields[index];
    value.node = &entry.value;
    value.at = entry.value.at;
    if (entry.value.kind == YamlNode::Kind::Map && !doc.holds_map) {
        read_annotation(value, doc.key, entry.value);
    }
}

void FieldValues::read_annotation(FieldValue& value, const std::string& key, const YamlNode& map) {
    const std::vector<std::string> known = {"value", "confidence", "source"};
    value.node = nullptr;
    for (const YamlEntry& entry : map.entries) {
        const std::string part_key = join_path(key, entry.key);
        try {
            if (entry.key == "value") {
                value.node = &entry.value;
                value.at = entry.value.at;
            } else if (entry.key == "source") {
                value.source = kSourceType.read(entry.value);
            } else if (entry.key == "confidence") {
                value.confidence = confidence_type().read(entry.value);
            } else {
                value.valid = false;
                const std::string meant = nearest(entry.key, known);
                diagnostics_.error(
                    entry.at,
                    fmt::format("unknown key {}{}", in_quotes(part_key),
                                meant.empty() ? "; allowed here: value, confidence, source"
                                              : did_you_mean(join_path(key, meant))));
            }
        } catch (const BadValue& bad) {
            const std::string allowed =
                entry.key == "source" ? kSourceType.allowed() : confidence_type().allowed();
            add_error(entry.value.at, part_key,
                      fmt::format("got {}{}; allowed: {}{}", entry.value.shown(), bad.what(),
                                  allowed, did_you_mean(bad.suggestion)));
        }
    }
    if (value.node != nullptr) return;
    excused_.push_back(key);
    if (!value.valid) return;
    value.valid = false;
    add_error(map.at, key,
              fmt::format("got a map without 'value'; allowed: {}, or that as the 'value' of a map "
                          "with its 'confidence' and 'source'",
                          schema_.fields[index_of(key)].allowed));
}

void FieldValues::report_unknown(const std::string& path, const YamlEntry& entry) {
    const std::string key = join_path(path, entry.key);
    const std::vector<std::string> siblings = keys_below(path);
    const std::string meant = nearest(entry.key, siblings);
    if (!meant.empty()) {
        excused_.push_back(join_path(path, meant));
        diagnostics_.error(entry.at, fmt::format("unknown key {}{}", in_quotes(key),
                                                 did_you_mean(excused_.back())));
        return;
    }
    // A key that stands at the wrong level.
    std::vector<std::string> elsewhere;
    for (const FieldDoc& field : schema_.fields) {
        if (last_part(field.key) == entry.key) elsewhere.push_back("'" + field.key + "'");
    }
    if (!elsewhere.empty() && elsewhere.size() <= 4) {
        diagnostics_.error(entry.at, fmt::format("unknown key {}; did you mean {}?", in_quotes(key),
                                                 one_of(elsewhere)));
        return;
    }
    diagnostics_.error(entry.at, fmt::format("unknown key {}; allowed here: {}", in_quotes(key),
                                             fmt::join(siblings, ", ")));
}

void FieldValues::report_missing() {
    const auto is_excused = [this](const std::string& key) {
        return std::find(excused_.begin(), excused_.end(), key) != excused_.end();
    };
    for (std::size_t i = 0; i < values_.size(); ++i) {
        if (values_[i].node != nullptr) continue;
        // What is missing may be a whole group: name that, once.
        std::string missing = schema_.fields[i].key;
        while (group_in_file(parent_of(missing)) == groups_.end()) missing = parent_of(missing);
        values_[i].at = group_in_file(parent_of(missing))->second;
        if (schema_.fields[i].fallback.kind != Default::Kind::Required) continue;
        values_[i].valid = false;
        if (is_excused(missing)) continue;
        excused_.push_back(missing);
        const std::string what =
            missing == schema_.fields[i].key
                ? schema_.fields[i].allowed
                : fmt::format("the keys {}", fmt::join(keys_below(missing), ", "));
        diagnostics_.error(values_[i].at,
                           fmt::format("missing key '{}'; allowed: {}", missing, what));
    }
}

void FieldValues::report(std::size_t field, const YamlNode& node, const BadValue& bad) {
    FieldValue& value = values_[field];
    value.valid = false;
    const FieldDoc& doc = schema_.fields[field];
    const std::string ending =
        fmt::format("; allowed: {}{}", doc.allowed, did_you_mean(bad.suggestion));
    if (bad.item) {
        add_error(bad.item->at, doc.key + bad.item->path,
                  fmt::format("got {}{}{}", bad.item->got, bad.what(), ending));
    } else {
        add_error(value.at, doc.key, fmt::format("got {}{}{}", node.shown(), bad.what(), ending));
    }
}

void FieldValues::add_error(Position at, const std::string& key, std::string_view message) {
    diagnostics_.error(at, fmt::format("key '{}': {}", key, message));
}

bool FieldValues::valid(std::initializer_list<std::string_view> keys) const {
    return std::all_of(keys.begin(), keys.end(),
                       [this](std::string_view key) { return value_of(key).valid; });
}

void FieldValues::error(std::string_view key, std::string_view message) {
    add_error(position_of(key), std::string(key), message);
}

Position FieldValues::position_of(std::string_view key) const {
    const std::size_t bracket = key.find('[');
    const std::size_t field = index_of(key.substr(0, bracket));
    if (field == values_.size()) {
        // A group, or, when the file lacks it, what should hold it.
        std::string group(key);
        while (group_in_file(group) == groups_.end()) group = parent_of(group);
        return group_in_file(group)->second;
    }
    const FieldValue& value = values_[field];
    if (bracket == std::string_view::npos || value.node == nullptr) return value.at;
    const std::size_t item = std::stoul(std::string(key.substr(bracket + 1)));
    return value.node->items.at(item).at;
}

FieldValues::Groups::const_iterator FieldValues::group_in_file(std::string_view key) const {
    return std::find_if(groups_.begin(), groups_.end(),
                        [&](const auto& group) { return group.first == key; });
}

std::vector<Provenance> FieldValues::provenance(
    const Json& effective, std::initializer_list<std::string_view> without) const {
    std::vector<Provenance> list;
    for (std::size_t i = 0; i < values_.size(); ++i) {
        const std::string& key = schema_.fields[i].key;
        if (std::find(without.begin(), without.end(), key) != without.end()) continue;
        const FieldValue& value = values_[i];
        Provenance entry;
        entry.key = key;
        entry.confidence = value.confidence;
        if (value.node != nullptr) {
            entry.value = as_written(*value.node);
            // What has no place in the text was put there from outside.
            entry.source = value.at.line > 0 ? value.source : "override";
        } else {
            std::string pointer = "/" + key;
            std::replace(pointer.begin(), pointer.end(), '.', '/');
            const Json& json = effective.at(Json::json_pointer(pointer));
            entry.value = json.is_string() ? json.get<std::string>() : json.dump();
            entry.source = "default";
        }
        list.push_back(std::move(entry));
    }
    return list;
}

std::size_t FieldValues::index_of(std::string_view key) const {
    const auto found = std::find_if(schema_.fields.begin(), schema_.fields.end(),
                                    [&](const FieldDoc& field) { return field.key == key; });
    return static_cast<std::size_t>(found - schema_.fields.begin());
}

bool FieldValues::is_group(std::string_view key) const {
    return std::any_of(schema_.groups.begin(), schema_.groups.end(),
                       [&](const GroupDoc& group) { return group.key == key; });
}

std::vector<std::string> FieldValues::keys_below(const std::string& path) const {
    std::vector<std::string> keys;
    if (path.empty()) keys.emplace_back("kind");
    for (const FieldDoc& field : schema_.fields) {
        if (!is_below(field.key, path)) continue;
        std::string key = next_part(field.key, path);
        if (keys.empty() || keys.back() != key) keys.push_back(std::move(key));
    }
    return keys;
}

}  // namespace config
}  // namespace lpusim
