#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/config/formula.h"
#include "sim/config/load.h"
#include "sim/config/value_types.h"

namespace lpusim::config {

// Value types (value_types.h) that only claims files use.

/// A list whose items are read by a table of their own.
class Items {
public:
    using Value = std::vector<YamlNode>;

    explicit constexpr Items(std::size_t most) : most_(most) {}
    Value read(const YamlNode& node) const {
        if (node.kind != YamlNode::Kind::List || node.items.empty()) throw BadValue("");
        if (node.items.size() > most_) throw BadValue(" of " + std::to_string(node.items.size()));
        return node.items;
    }
    static Json write(const Value& value) { return value.size(); }
    std::string allowed() const { return "a list of 1 to " + std::to_string(most_) + " maps"; }

private:
    std::size_t most_;
};

/// What formulas call something.
class Name {
public:
    using Value = std::string;

    static Value read(const YamlNode& node);
    static Json write(const Value& value) { return value; }
    static std::string allowed() {
        return "a name of up to 60 small letters, digits and '_' that begins with a letter";
    }
};

/// "- key.path: value", as often as wanted.
class Changes {
public:
    using Value = Overrides;

    static Value read(const YamlNode& node);
    static Json write(const Value& value);
    static std::string allowed() {
        return "a list of 'key: value', keys and values as in the hardware file";
    }
};

/// Rows along K, and columns.
struct Extents {
    std::uint64_t k = 0;
    std::uint64_t n = 0;
};

/// "8192x256"
class Shape {
public:
    using Value = Extents;

    explicit constexpr Shape(std::uint64_t most) : most_(most) {}
    Value read(const YamlNode& node) const;
    static Json write(const Value& value) {
        return std::to_string(value.k) + "x" + std::to_string(value.n);
    }
    std::string allowed() const {
        return "KxN, as in '8192x256', of at most " + std::to_string(most_) + " weights";
    }

private:
    std::uint64_t most_;
};

/// A finite decimal number without unit.
class Real {
public:
    using Value = double;

    static Value read(const YamlNode& node);
    static Json write(Value value) { return value; }
    static std::string allowed() { return "a number other than 0, without unit"; }
};

class UnitName {
public:
    using Value = std::string;

    static Value read(const YamlNode& node);
    static Json write(const Value& value) { return value; }
    static std::string allowed();
};

class FormulaType {
public:
    using Value = Formula;

    static Value read(const YamlNode& node) { return Formula::parse(text_of(node)); }
    static Json write(const Value& value) { return value.text(); }
    static std::string allowed();
};

}  // namespace lpusim::config
