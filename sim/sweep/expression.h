#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/config/units.h"

namespace lpusim {

/// A text is no expression; the message says where and why.
class ExpressionError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

enum class ValueType : std::uint8_t { Number, Text };

/// What a name stands for at a point. Numbers are in base units (B/s, B, Hz, cycles).
using FigureValue = std::variant<double, std::string>;

/// A condition over named figures, as users write it in sweep files and behind --where:
///
///     unpack.lanes >= 64 and stream.weight.bandwidth < 1 TB/s and not format == 'fp16'
///
/// In order of binding: ( ), * and /, + and -, comparisons (== != < <= > >=), not, and, or. Numbers
/// may have a unit, texts are in single quotes.
class Expression {
public:
    using Types = std::map<std::string, ValueType>;
    /// What numbers are measures of; nothing for plain ones. Names that are not in it may be
    /// compared with either.
    using Units = std::map<std::string, std::optional<config::Dimension>>;
    using Lookup = std::function<FigureValue(const std::string& name)>;

    /// `types`: the names that may stand in it. Throws ExpressionError.
    Expression(std::string text, const Types& types, const Units& units = {});

    /// A comparison with a figure that is no number (NaN) does not hold.
    bool holds(const Lookup& lookup) const;
    const std::string& text() const { return text_; }
    /// The names that stand in it.
    const std::vector<std::string>& names() const { return names_; }

    struct Node;

private:
    std::string text_;
    std::vector<std::string> names_;
    std::shared_ptr<const Node> root_;
};

}  // namespace lpusim
