#include "sim/sweep/expression.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "sim/config/units.h"

namespace lpusim {

namespace {

/// What an operand is, while the expression is read.
enum class Type : std::uint8_t { Number, Text, Truth };

const char* noun(Type type) {
    switch (type) {
        case Type::Number:
            return "a number";
        case Type::Text:
            return "a text";
        case Type::Truth:
            break;
    }
    return "a condition";
}

bool is_word_start(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_word_part(char c) {
    return is_word_start(c) || std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '.';
}

constexpr std::array kDimensions = {config::Dimension::Frequency, config::Dimension::Bandwidth,
                                    config::Dimension::Size,      config::Dimension::Duration,
                                    config::Dimension::PortRate,  config::Dimension::Width};

}  // namespace

struct Expression::Node {
    enum class Operation : std::uint8_t {
        Number,
        Text,
        Name,
        Or,
        And,
        Not,
        Equal,
        Unequal,
        Less,
        LessOrEqual,
        Greater,
        GreaterOrEqual,
        Add,
        Subtract,
        Multiply,
        Divide,
        Negate
    };

    Operation operation = Operation::Number;
    double number = 0;
    /// Of a text or a name.
    std::string text;
    std::shared_ptr<const Node> left, right;
};

namespace {

using Node = Expression::Node;
using Operation = Node::Operation;
using NodePtr = std::shared_ptr<const Node>;

/// What a number is a measure of; a plain number has no dimension.
struct Unit {
    std::optional<config::Dimension> dimension;
};

std::string noun(const Unit& unit) {
    return unit.dimension ? "a " + config::describe(*unit.dimension) : "a number without a unit";
}

/// A part of the expression that is read, and what it is.
struct Part {
    NodePtr node;
    Type type = Type::Number;
    /// Where it is known.
    std::optional<Unit> unit;
};

Part join(Operation operation, Type type, Part left, Part right = {}) {
    Node node;
    node.operation = operation;
    node.left = std::move(left.node);
    node.right = std::move(right.node);
    return {std::make_shared<const Node>(std::move(node)), type, {}};
}

/// Recursive descent, one function per level of binding.
class Parser {
public:
    Parser(std::string_view text, const Expression::Types& types, const Expression::Units& units)
        : rest_(text), types_(types), units_(units) {}

    NodePtr parse() {
        Part whole = disjunction();
        if (!at_end()) fail(fmt::format("{} is not expected here", next_shown()));
        require(whole, Type::Truth, "the whole");
        return whole.node;
    }
    std::vector<std::string> take_names() { return std::move(names_); }

private:
    [[noreturn]] static void fail(const std::string& message) { throw ExpressionError(message); }
    static void require(const Part& part, Type type, std::string_view what) {
        if (part.type == type) return;
        fail(fmt::format("{} is {}, where {} is needed", what, noun(part.type), noun(type)));
    }

    bool at_end() {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(" \n\t"), rest_.size()));
        return rest_.empty();
    }
    std::string next_shown() {
        return at_end() ? "the end" : config::in_quotes(rest_.substr(0, rest_.find(' ')));
    }
    bool take(std::string_view symbol) {
        if (at_end() || rest_.substr(0, symbol.size()) != symbol) return false;
        const bool is_word = is_word_start(symbol.front());
        if (is_word && rest_.size() > symbol.size() && is_word_part(rest_[symbol.size()])) {
            return false;
        }
        rest_.remove_prefix(symbol.size());
        return true;
    }

    /// Parts are read one within the other; nobody writes this many by hand.
    void enter() {
        constexpr int kDeepest = 100;
        if (++depth_ > kDeepest) fail("it is nested too deeply");
    }

    Part disjunction() {
        enter();
        Part left = conjunction();
        while (take("or")) {
            Part right = conjunction();
            require(left, Type::Truth, "what stands before 'or'");
            require(right, Type::Truth, "what stands behind 'or'");
            left = join(Operation::Or, Type::Truth, std::move(left), std::move(right));
        }
        --depth_;
        return left;
    }

    Part conjunction() {
        Part left = negation();
        while (take("and")) {
            Part right = negation();
            require(left, Type::Truth, "what stands before 'and'");
            require(right, Type::Truth, "what stands behind 'and'");
            left = join(Operation::And, Type::Truth, std::move(left), std::move(right));
        }
        return left;
    }

    Part negation() {
        if (!take("not")) return comparison();
        enter();
        Part operand = negation();
        --depth_;
        require(operand, Type::Truth, "what stands behind 'not'");
        return join(Operation::Not, Type::Truth, std::move(operand));
    }

    Part comparison() {
        Part left = sum();
        // The longer symbols first.
        static const std::vector<std::pair<std::string_view, Operation>> kSymbols = {
            {"==", Operation::Equal},       {"!=", Operation::Unequal},
            {"<=", Operation::LessOrEqual}, {">=", Operation::GreaterOrEqual},
            {"<", Operation::Less},         {">", Operation::Greater}};
        for (const auto& [symbol, operation] : kSymbols) {
            if (!take(symbol)) continue;
            Part right = sum();
            if (left.type != right.type || left.type == Type::Truth) {
                fail(fmt::format("{} is compared with {}", noun(left.type), noun(right.type)));
            }
            if (left.unit && right.unit && left.unit->dimension != right.unit->dimension) {
                fail(fmt::format("{} is compared with {}", noun(*left.unit), noun(*right.unit)));
            }
            return join(operation, Type::Truth, std::move(left), std::move(right));
        }
        if (take("=")) fail("'=' is no comparison; did you mean '=='?");
        return left;
    }

    Part sum() {
        Part left = product();
        while (true) {
            const bool adds = take("+");
            if (!adds && !take("-")) return left;
            left =
                arithmetic(adds ? Operation::Add : Operation::Subtract, std::move(left), product());
        }
    }

    Part product() {
        Part left = factor();
        while (true) {
            const bool multiplies = take("*");
            if (!multiplies && !take("/")) return left;
            left = arithmetic(multiplies ? Operation::Multiply : Operation::Divide, std::move(left),
                              factor());
        }
    }

    static Part arithmetic(Operation operation, Part left, Part right) {
        require(left, Type::Number, "what is calculated with");
        require(right, Type::Number, "what is calculated with");
        return join(operation, Type::Number, std::move(left), std::move(right));
    }

    Part factor() {
        if (at_end()) fail("it ends where a figure is expected");
        if (take("(")) {
            Part inner = disjunction();
            if (!take(")")) fail(fmt::format("{} stands where ')' is expected", next_shown()));
            return inner;
        }
        if (take("-")) {
            enter();
            Part operand = factor();
            --depth_;
            require(operand, Type::Number, "what stands behind '-'");
            return join(Operation::Negate, Type::Number, std::move(operand));
        }
        const char c = rest_.front();
        if (c == '\'' || c == '"') return text(c);
        if (std::isdigit(static_cast<unsigned char>(c)) != 0) return number();
        if (is_word_start(c)) return name();
        fail(fmt::format("{} is no figure", next_shown()));
    }

    Part text(char quote) {
        const std::size_t end = rest_.find(quote, 1);
        if (end == std::string_view::npos) fail("a text has no closing quote");
        Node node;
        node.operation = Operation::Text;
        node.text = std::string(rest_.substr(1, end - 1));
        rest_.remove_prefix(end + 1);
        return {std::make_shared<const Node>(std::move(node)), Type::Text, {}};
    }

    Part number() {
        const auto is_part = [](char c) {
            return std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '.';
        };
        const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_part);
        const std::string digits(rest_.begin(), end);
        rest_.remove_prefix(digits.size());
        Node node;
        std::optional<Unit> unit;
        node.number = measured(digits, unit);
        return {std::make_shared<const Node>(std::move(node)), Type::Number, unit};
    }

    /// With the unit that may follow. Shares are plain numbers to some and percentages to others,
    /// and zero needs no unit.
    double measured(const std::string& digits, std::optional<Unit>& measure) {
        char* end = nullptr;
        const double plain = std::strtod(digits.c_str(), &end);
        if (*end != '\0') fail(fmt::format("{} is no number", config::in_quotes(digits)));
        if (take("%")) return plain / 100;
        at_end();
        std::string_view longest;
        config::Dimension dimension = config::Dimension::Size;
        for (const config::Dimension candidate : kDimensions) {
            for (const std::string& unit : config::units_of(candidate)) {
                const bool fits =
                    rest_.substr(0, unit.size()) == unit &&
                    (rest_.size() == unit.size() || !is_word_part(rest_[unit.size()]));
                if (!fits || unit.size() <= longest.size()) continue;
                longest = rest_.substr(0, unit.size());
                dimension = candidate;
            }
        }
        if (longest.empty()) {
            if (plain != 0) measure.emplace();
            return plain;
        }
        measure = Unit{dimension};
        rest_.remove_prefix(longest.size());
        try {
            return static_cast<double>(
                config::parse_measure(digits + " " + std::string(longest), dimension));
        } catch (const config::BadValue& bad) {
            fail(fmt::format("'{} {}'{}", digits, longest, bad.what()));
        }
    }

    Part name() {
        const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_word_part);
        std::string name(rest_.begin(), end);
        rest_.remove_prefix(name.size());
        const auto known = types_.find(name);
        if (known == types_.end()) {
            std::vector<std::string> names;
            names.reserve(types_.size());
            for (const auto& type : types_) names.push_back(type.first);
            const std::string meant = config::nearest(name, names);
            fail(fmt::format("unknown name {}{}", config::in_quotes(name),
                             meant.empty() ? fmt::format("; allowed: {} (a text stands in quotes)",
                                                         config::one_of(names))
                                           : config::did_you_mean(meant)));
        }
        if (std::find(names_.begin(), names_.end(), name) == names_.end()) names_.push_back(name);
        Node node;
        node.operation = Operation::Name;
        node.text = std::move(name);
        const auto measure = units_.find(node.text);
        const auto unit =
            measure == units_.end() ? std::nullopt : std::optional(Unit{measure->second});
        const Type type = known->second == ValueType::Text ? Type::Text : Type::Number;
        return {std::make_shared<const Node>(std::move(node)), type, unit};
    }

    std::string_view rest_;
    const Expression::Types& types_;
    const Expression::Units& units_;
    std::vector<std::string> names_;
    int depth_ = 0;
};

bool compare(Operation operation, const FigureValue& a, const FigureValue& b) {
    const auto number = [](const FigureValue& value) {
        const auto* real = std::get_if<double>(&value);
        return real == nullptr ? 0 : *real;
    };
    if (std::isnan(number(a)) || std::isnan(number(b))) return false;
    switch (operation) {
        case Operation::Equal:
            return a == b;
        case Operation::Unequal:
            return a != b;
        case Operation::Less:
            return a < b;
        case Operation::LessOrEqual:
            return a <= b;
        case Operation::Greater:
            return a > b;
        default:
            return a >= b;
    }
}

double real(const FigureValue& value) {
    const auto* number = std::get_if<double>(&value);
    return number == nullptr ? std::nan("") : *number;
}

FigureValue value_of(const Node& node, const Expression::Lookup& lookup) {
    const auto left = [&] { return real(value_of(*node.left, lookup)); };
    const auto right = [&] { return real(value_of(*node.right, lookup)); };
    switch (node.operation) {
        case Operation::Text:
            return node.text;
        case Operation::Name:
            return lookup(node.text);
        case Operation::Add:
            return left() + right();
        case Operation::Subtract:
            return left() - right();
        case Operation::Multiply:
            return left() * right();
        case Operation::Divide:
            return left() / right();
        case Operation::Negate:
            return -left();
        default:
            return node.number;
    }
}

bool is_true(const Node& node, const Expression::Lookup& lookup) {
    switch (node.operation) {
        case Operation::Or:
            return is_true(*node.left, lookup) || is_true(*node.right, lookup);
        case Operation::And:
            return is_true(*node.left, lookup) && is_true(*node.right, lookup);
        case Operation::Not:
            return !is_true(*node.left, lookup);
        default:
            return compare(node.operation, value_of(*node.left, lookup),
                           value_of(*node.right, lookup));
    }
}

}  // namespace

Expression::Expression(std::string text, const Types& types, const Units& units)
    : text_(std::move(text)) {
    Parser parser(text_, types, units);
    root_ = parser.parse();
    names_ = parser.take_names();
}

bool Expression::holds(const Lookup& lookup) const { return is_true(*root_, lookup); }

}  // namespace lpusim
