#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/config/hardware_config.h"
#include "sim/config/value_types.h"

namespace lpusim::config {

/// What happens when a key is left out.
struct Default {
    enum class Kind {
        Required,
        /// `text` is read as if it stood in the file.
        Value,
        /// The target keeps what it has, or it follows from other keys as `text` says.
        Implied
    };
    Kind kind = Kind::Required;
    std::string text;
};
inline Default required() { return {}; }
inline Default by_default(std::string text) { return {Default::Kind::Value, std::move(text)}; }
inline Default implied(std::string text) { return {Default::Kind::Implied, std::move(text)}; }

/// What is said of a key; all that reading a file's structure and writing the reference need.
struct FieldDoc {
    /// Dotted path.
    std::string key;
    std::string allowed;
    Default fallback;
    std::string doc;
    /// A map is the value itself, not a value with its confidence and source.
    bool holds_map = false;
};

struct GroupDoc {
    std::string key;
    std::string doc;
};

/// The keys of one kind of file.
struct SchemaDoc {
    /// Value of the key `kind`.
    std::string kind;
    std::string doc;
    /// Keys that hold other keys, "stream" before "stream.weight".
    std::vector<GroupDoc> groups;
    std::vector<FieldDoc> fields;
};

/// How one value gets from a node into the target, and back.
template <class Target>
struct Accessor {
    std::function<void(Target&, const YamlNode&)> read;
    std::function<Json(const Target&)> write;
};

/// The one table that drives parsing, validation, defaults, the reference and the effective
/// configuration.
template <class Target>
struct Schema {
    SchemaDoc doc;
    /// One per field.
    std::vector<Accessor<Target>> accessors;

    /// `member` is a generic lambda from a target, const or not, to a reference to the member that
    /// holds the value. A member of another type is converted: Quantity, std::uint32_t, and
    /// optionals of them.
    template <class Type, class Member>
    void add(std::string key, Type type, Default fallback, Member member, std::string about) {
        Accessor<Target> accessor;
        accessor.read = [type, member](Target& target, const YamlNode& node) {
            assign(member(target), type.read(node));
        };
        accessor.write = [type, member](const Target& target) {
            return type.write(to_value<typename Type::Value>(member(target)));
        };
        doc.fields.push_back({std::move(key), type.allowed(), std::move(fallback), std::move(about),
                              std::is_same_v<typename Type::Value, YamlNode>});
        accessors.push_back(std::move(accessor));
    }

private:
    template <class Held, class Value>
    static void assign(Held& held, const Value& value) {
        held = static_cast<Held>(value);
    }
    template <class Held, class Value>
    static void assign(std::optional<Held>& held, const Value& value) {
        held = static_cast<Held>(value);
    }
    static void assign(std::vector<std::uint32_t>& held, const std::vector<std::uint64_t>& values) {
        held.clear();
        for (const std::uint64_t value : values) held.push_back(static_cast<std::uint32_t>(value));
    }

    template <class Value, class Held>
    static Value to_value(const Held& held) {
        return static_cast<Value>(held);
    }
    template <class Value, class Tag>
    static Value to_value(const Quantity<Tag>& held) {
        return held.count();
    }
    template <class Value, class Held>
    static Value to_value(const std::optional<Held>& held) {
        return to_value<Value>(held.value());
    }
    template <class Value>
    static Value to_value(const std::vector<std::uint32_t>& held) {
        return Value(held.begin(), held.end());
    }
};

/// Throws BadValue if a node is no value of a key, whatever else the file holds.
template <class Target>
void check_value(const Schema<Target>& schema, std::string_view key, const YamlNode& node) {
    for (std::size_t i = 0; i < schema.accessors.size(); ++i) {
        if (schema.doc.fields[i].key != key) continue;
        Target target;
        schema.accessors[i].read(target, node);
    }
}

/// What a file holds for one field.
struct FieldValue {
    /// Null when the key is left out.
    const YamlNode* node = nullptr;
    /// Of the value; of the group that lacks it when it is left out.
    Position at;
    bool valid = true;
    Confidence confidence = Confidence::Assumed;
    std::string source;
};

/// The values of a file, one per field of its schema.
class FieldValues {
public:
    /// Finds the fields below `root`, unwraps annotated values, and reports keys that are unknown
    /// or missing.
    FieldValues(const YamlNode& root, const SchemaDoc& schema, Diagnostics& diagnostics);

    /// Reads the values that are there, and the defaults of others, into a target. Reports bad
    /// values.
    template <class Target>
    void read_into(Target& target, const Schema<Target>& schema) {
        for (std::size_t i = 0; i < values_.size(); ++i) {
            const Default& fallback = schema_.fields[i].fallback;
            YamlNode node;
            if (values_[i].node != nullptr) {
                node = *values_[i].node;
            } else if (fallback.kind == Default::Kind::Value) {
                node = YamlNode::scalar(fallback.text, {});
            } else {
                continue;
            }
            try {
                schema.accessors[i].read(target, node);
            } catch (const BadValue& bad) {
                report(i, node, bad);
            }
        }
    }

    /// Whether all of these keys have valid values, read from the file or by default.
    bool valid(std::initializer_list<std::string_view> keys) const;
    /// Reports what is wrong with a key in view of others: "key 'x': <message>". The key may be a
    /// group, or a part of a list ("scales[1].per").
    void error(std::string_view key, std::string_view message);

    /// One entry per field, except those in `without`. `effective` has the same keys; values not
    /// written in the file are taken from it.
    std::vector<Provenance> provenance(const Json& effective,
                                       std::initializer_list<std::string_view> without) const;

private:
    using Groups = std::vector<std::pair<std::string, Position>>;

    void read_map(const YamlNode& map, const std::string& path);
    void read_leaf(std::size_t index, const YamlEntry& entry);
    void read_annotation(FieldValue& value, const std::string& key, const YamlNode& map);
    void report_unknown(const std::string& path, const YamlEntry& entry);
    void report_missing();
    void report(std::size_t field, const YamlNode& node, const BadValue& bad);
    void add_error(Position at, const std::string& key, std::string_view message);

    Position position_of(std::string_view key) const;
    std::size_t index_of(std::string_view key) const;
    const FieldValue& value_of(std::string_view key) const { return values_.at(index_of(key)); }
    bool is_group(std::string_view key) const;
    Groups::const_iterator group_in_file(std::string_view key) const;
    std::vector<std::string> keys_below(const std::string& path) const;

    const SchemaDoc& schema_;
    Diagnostics& diagnostics_;
    std::vector<FieldValue> values_;
    /// Groups that the file has, with their positions; "" is the file.
    Groups groups_;
    /// Keys that an error already explains the absence of.
    std::vector<std::string> excused_;
};

/// The target's values under their dotted keys, as nested objects; "kind" first.
template <class Target>
Json to_json(const Schema<Target>& schema, const Target& target) {
    Json json = {{"kind", schema.doc.kind}};
    for (std::size_t i = 0; i < schema.accessors.size(); ++i) {
        std::string pointer = "/" + schema.doc.fields[i].key;
        for (char& c : pointer) {
            if (c == '.') c = '/';
        }
        json[Json::json_pointer(pointer)] = schema.accessors[i].write(target);
    }
    return json;
}

}  // namespace lpusim::config
