#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "hw_models/core/quantities.h"
#include "sim/config/units.h"
#include "sim/config/yaml_document.h"

namespace lpusim::config {

using Json = nlohmann::ordered_json;

// A value type says how the value of a key is written:
//
//     Value read(const YamlNode&) const;      throws BadValue
//     Json write(const Value&) const;         canonical; read() gives the value back
//     std::string allowed() const;            for errors and the reference

/// The text of a scalar. Throws BadValue for anything else.
const std::string& text_of(const YamlNode& node);

struct Range {
    std::uint64_t min = 0;
    std::uint64_t max = 0;

    /// Throws BadValue outside.
    void require(std::uint64_t value) const;
};

/// A whole number without unit.
class Count {
public:
    using Value = std::uint64_t;

    constexpr Count(std::uint64_t min, std::uint64_t max) : range_{min, max} {}
    Value read(const YamlNode& node) const;
    static Json write(Value value) { return value; }
    std::string allowed() const;
    const Range& range() const { return range_; }

private:
    Range range_;
};

/// A number with a unit, held in whole base units.
class Measure {
public:
    using Value = std::uint64_t;

    constexpr Measure(Dimension dimension, std::uint64_t min, std::uint64_t max)
        : dimension_(dimension), range_{min, max} {}
    Value read(const YamlNode& node) const;
    Json write(Value value) const { return print_measure(value, dimension_); }
    std::string allowed() const;

private:
    Dimension dimension_;
    Range range_;
};

/// More than 0 % and at most 100 %.
class Percent {
public:
    using Value = Fraction;

    static Value read(const YamlNode& node);
    static Json write(Value value) { return print_percent(value); }
    static std::string allowed();
};

/// What a port moves: bytes per cycle, or a bandwidth that is divided by the clock.
struct PortRate {
    /// Bytes per cycle, or per second.
    std::uint64_t amount = 0;
    bool per_second = false;
};

/// A PortRate from 1 B/cycle to `max` B/cycle; a bandwidth is range-checked once the clock is
/// known.
class PortRateType {
public:
    using Value = PortRate;

    explicit constexpr PortRateType(std::uint64_t max) : range_{1, max} {}
    Value read(const YamlNode& node) const;
    static Json write(Value value);
    std::string allowed() const;
    const Range& range() const { return range_; }

private:
    Range range_;
};

/// One line of text.
class Text {
public:
    using Value = std::string;

    constexpr Text(std::size_t min_size, std::size_t max_size) : min_(min_size), max_(max_size) {}
    Value read(const YamlNode& node) const;
    static Json write(const Value& value) { return value; }
    std::string allowed() const;

private:
    std::size_t min_;
    std::size_t max_;
};

/// Anything; what it means is looked at later, where it stands.
class Raw {
public:
    using Value = YamlNode;

    explicit Raw(std::string allowed) : allowed_(std::move(allowed)) {}
    static Value read(const YamlNode& node) { return node; }
    static Json write(const Value& value) { return value.text; }
    std::string allowed() const { return allowed_; }

private:
    std::string allowed_;
};

/// One of several words.
template <class Enum>
class Choice {
public:
    using Value = Enum;
    using Words = std::vector<std::pair<std::string, Enum>>;

    explicit Choice(Words words) : words_(std::move(words)) {}

    Value read(const YamlNode& node) const {
        const std::string& text = text_of(node);
        for (const auto& [word, value] : words_) {
            if (word == text) return value;
        }
        throw BadValue("", nearest(text, names()));
    }
    Json write(Value wanted) const {
        for (const auto& [word, value] : words_) {
            if (value == wanted) return word_as_json(word);
        }
        throw std::invalid_argument("a value that has no word");
    }
    std::string allowed() const { return one_of(names()); }

private:
    std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const auto& entry : words_) names.push_back(entry.first);
        return names;
    }
    static Json word_as_json(const std::string& word) {
        if constexpr (std::is_same_v<Enum, bool>) return word == "true";
        return word;
    }

    Words words_;
};

inline Choice<bool> flag() { return Choice<bool>({{"true", true}, {"false", false}}); }

/// Another type, or a word that stands for zero ("none").
template <class Type>
class OrWord {
public:
    using Value = typename Type::Value;

    OrWord(std::string word, Type type) : word_(std::move(word)), type_(std::move(type)) {}

    Value read(const YamlNode& node) const {
        if (node.kind == YamlNode::Kind::Scalar && node.text == word_) return 0;
        return type_.read(node);
    }
    Json write(const Value& value) const { return value == 0 ? Json(word_) : type_.write(value); }
    std::string allowed() const { return word_ + ", or " + type_.allowed(); }

private:
    std::string word_;
    Type type_;
};

/// A list of values of another type.
template <class Type>
class ListOf {
public:
    using Value = std::vector<typename Type::Value>;

    ListOf(Type type, std::size_t least, std::size_t most, std::string plural)
        : type_(std::move(type)), least_(least), most_(most), plural_(std::move(plural)) {}

    Value read(const YamlNode& node) const {
        if (node.kind != YamlNode::Kind::List) throw BadValue("");
        if (node.items.size() < least_ || node.items.size() > most_) {
            throw BadValue(" of " + std::to_string(node.items.size()));
        }
        Value values;
        for (const YamlNode& item : node.items) {
            try {
                values.push_back(type_.read(item));
            } catch (BadValue& bad) {
                const std::string index = "[" + std::to_string(values.size()) + "]";
                if (!bad.item) bad.item = BadValue::Item{item.at, "", item.shown()};
                bad.item->path = index + bad.item->path;
                throw;
            }
        }
        return values;
    }
    Json write(const Value& values) const {
        Json list = Json::array();
        for (const auto& value : values) list.push_back(type_.write(value));
        return list;
    }
    std::string allowed() const {
        return "a list of " + std::to_string(least_) + " to " + std::to_string(most_) + " " +
               plural_ + ", each " + type_.allowed();
    }

private:
    Type type_;
    std::size_t least_;
    std::size_t most_;
    std::string plural_;
};

}  // namespace lpusim::config
