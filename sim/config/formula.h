#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace lpusim::config {

/// A calculation as a claims file writes it: numbers with units ("34.63 GiB", "80 GB/s"), named
/// quantities ("int4.seconds_per_token"), + - * / and parentheses, sqrt(), min(), max() and pi. A
/// number and its unit belong together more closely than any operator. Everything is in base units:
/// bytes, seconds, hertz, shares of 1.
class Formula {
public:
    /// Throws BadValue.
    static Formula parse(const std::string& text);

    const std::string& text() const { return text_; }
    /// The quantities that it names, each once, in order.
    const std::vector<std::string>& names() const { return names_; }
    /// Not finite when it divides by nothing.
    double evaluate(const std::function<double(const std::string&)>& quantity) const;

private:
    friend class FormulaParser;
    enum class Kind : std::uint8_t {
        Number,
        Name,
        Negate,
        Add,
        Subtract,
        Multiply,
        Divide,
        Sqrt,
        Min,
        Max
    };
    /// In postfix order.
    struct Step {
        Kind kind = Kind::Number;
        double number = 0;
        std::size_t name = 0;
    };

    std::string text_;
    std::vector<Step> steps_;
    std::vector<std::string> names_;
};

/// A unit that claims and formulas know, and how many base units it is; 0 for a word that is none.
double unit_scale(const std::string& unit);
/// Every unit, for errors and documentation.
std::vector<std::string> unit_names();

}  // namespace lpusim::config
