#include "sim/config/formula.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/config/units.h"

namespace lpusim::config {

namespace {

struct FormulaUnit {
    std::string_view name;
    double scale;
};

constexpr double kKi = 1024;

// Sorted by what they measure; a longer name stands before one that it begins with.
constexpr std::array kUnits = {FormulaUnit{"KiB/s", kKi},
                               FormulaUnit{"MiB/s", kKi* kKi},
                               FormulaUnit{"GiB/s", kKi* kKi* kKi},
                               FormulaUnit{"TiB/s", kKi* kKi* kKi* kKi},
                               FormulaUnit{"kB/s", 1e3},
                               FormulaUnit{"MB/s", 1e6},
                               FormulaUnit{"GB/s", 1e9},
                               FormulaUnit{"TB/s", 1e12},
                               FormulaUnit{"KiB", kKi},
                               FormulaUnit{"MiB", kKi* kKi},
                               FormulaUnit{"GiB", kKi* kKi* kKi},
                               FormulaUnit{"TiB", kKi* kKi* kKi* kKi},
                               FormulaUnit{"kB", 1e3},
                               FormulaUnit{"MB", 1e6},
                               FormulaUnit{"GB", 1e9},
                               FormulaUnit{"TB", 1e12},
                               FormulaUnit{"B", 1},
                               FormulaUnit{"bits", 1},
                               FormulaUnit{"kHz", 1e3},
                               FormulaUnit{"MHz", 1e6},
                               FormulaUnit{"GHz", 1e9},
                               FormulaUnit{"Hz", 1},
                               FormulaUnit{"us", 1e-6},
                               FormulaUnit{"ms", 1e-3},
                               FormulaUnit{"s", 1},
                               FormulaUnit{"TOPS", 1e12},
                               FormulaUnit{"MAC/cycle", 1},
                               FormulaUnit{"tokens/s", 1},
                               FormulaUnit{"x", 1},
                               FormulaUnit{"%", 0.01}};

/// Of a number that counts or measures nothing in particular; not written in formulas.
constexpr const char* kPlain = "1";

constexpr double kPi = 3.14159265358979323846;

struct Function {
    std::string_view name;
    std::size_t arguments;
};
constexpr std::array kFunctions = {Function{"sqrt", 1}, Function{"min", 2}, Function{"max", 2}};

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
bool is_formula_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool in_name(char c) { return is_letter(c) || is_formula_digit(c) || c == '_' || c == '.'; }

}  // namespace

double unit_scale(const std::string& unit) {
    if (unit == kPlain) return 1;
    const auto* found = std::find_if(kUnits.begin(), kUnits.end(),
                                     [&](const FormulaUnit& it) { return it.name == unit; });
    return found == kUnits.end() ? 0 : found->scale;
}

std::vector<std::string> unit_names() {
    std::vector<std::string> names;
    names.reserve(kUnits.size() + 1);
    for (const FormulaUnit& unit : kUnits) names.emplace_back(unit.name);
    names.emplace_back(kPlain);
    return names;
}

/// Recursive descent over the text.
class FormulaParser {
public:
    explicit FormulaParser(const std::string& text) : text_(text) { formula_.text_ = text; }

    Formula parse() {
        sum();
        if (!at_end()) fail(fmt::format(", which goes on with '{}'", text_.substr(at_, 10)));
        return std::move(formula_);
    }

private:
    using Kind = Formula::Kind;
    static constexpr int kDeepest = 50;

    [[noreturn]] static void fail(const std::string& why) { throw BadValue(why); }

    bool at_end() {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
        return at_ == text_.size();
    }
    bool take(char c) {
        if (at_end() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    void add(Kind kind) { formula_.steps_.push_back({kind, 0, 0}); }

    void sum() {
        product();
        while (true) {
            if (take('+')) {
                product();
                add(Kind::Add);
            } else if (take('-')) {
                product();
                add(Kind::Subtract);
            } else {
                return;
            }
        }
    }

    void product() {
        factor();
        while (true) {
            if (take('*')) {
                factor();
                add(Kind::Multiply);
            } else if (take('/')) {
                factor();
                add(Kind::Divide);
            } else {
                return;
            }
        }
    }

    void factor() {
        if (++depth_ > kDeepest) fail(", which is nested too deeply");
        if (take('-')) {
            factor();
            add(Kind::Negate);
        } else if (take('(')) {
            sum();
            if (!take(')')) fail(", where a ')' is missing");
        } else if (at_end()) {
            fail(", which ends where a value is wanted");
        } else if (is_formula_digit(text_[at_])) {
            number();
        } else if (is_letter(text_[at_])) {
            word();
        } else {
            fail(fmt::format(", where '{}' is no value", text_[at_]));
        }
        --depth_;
    }

    void number() {
        double value = 0;
        const char* begin = text_.data() + at_;
        const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
        if (error != std::errc() || !std::isfinite(value))
            fail(", which has a number out of range");
        at_ += static_cast<std::size_t>(end - begin);
        if (!at_end()) value *= unit();
        formula_.steps_.push_back({Kind::Number, value, 0});
    }

    /// The unit that stands here, if any.
    double unit() {
        const std::string_view rest = std::string_view(text_).substr(at_);
        for (const FormulaUnit& unit : kUnits) {
            const std::size_t size = unit.name.size();
            if (rest.substr(0, size) != unit.name) continue;
            if (size < rest.size() && in_name(rest[size])) continue;
            at_ += size;
            return unit.scale;
        }
        return 1;
    }

    void word() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && in_name(text_[at_])) ++at_;
        const std::string word = text_.substr(begin, at_ - begin);
        if (word == "pi") {
            formula_.steps_.push_back({Kind::Number, kPi, 0});
        } else if (take('(')) {
            call(word);
        } else if (word.find('.') == std::string::npos) {
            fail(fmt::format(", where '{}' is no quantity: that is NAME.QUANTITY", word));
        } else {
            name(word);
        }
    }

    void call(const std::string& function) {
        const auto* found = std::find_if(kFunctions.begin(), kFunctions.end(),
                                         [&](const Function& it) { return it.name == function; });
        if (found == kFunctions.end()) {
            fail(fmt::format(", where '{}' is no function", function));
        }
        for (std::size_t i = 0; i < found->arguments; ++i) {
            if (i > 0 && !take(',')) fail(fmt::format(", where {}() lacks a ','", function));
            sum();
        }
        if (!take(')')) fail(fmt::format(", where {}() lacks its ')'", function));
        add(function == "sqrt" ? Kind::Sqrt : function == "min" ? Kind::Min : Kind::Max);
    }

    void name(const std::string& name) {
        auto& names = formula_.names_;
        const auto found = std::find(names.begin(), names.end(), name);
        const auto index = static_cast<std::size_t>(found - names.begin());
        if (found == names.end()) names.push_back(name);
        formula_.steps_.push_back({Kind::Name, 0, index});
    }

    const std::string& text_;
    std::size_t at_ = 0;
    int depth_ = 0;
    Formula formula_;
};

Formula Formula::parse(const std::string& text) { return FormulaParser(text).parse(); }

double Formula::evaluate(const std::function<double(const std::string&)>& quantity) const {
    std::vector<double> stack;
    const auto pop = [&stack] {
        const double value = stack.back();
        stack.pop_back();
        return value;
    };
    for (const Step& step : steps_) {
        if (step.kind == Kind::Number) {
            stack.push_back(step.number);
            continue;
        }
        if (step.kind == Kind::Name) {
            stack.push_back(quantity(names_[step.name]));
            continue;
        }
        const double b = pop();
        if (step.kind == Kind::Negate || step.kind == Kind::Sqrt) {
            stack.push_back(step.kind == Kind::Negate ? -b : std::sqrt(b));
            continue;
        }
        const double a = pop();
        switch (step.kind) {
            case Kind::Add:
                stack.push_back(a + b);
                break;
            case Kind::Subtract:
                stack.push_back(a - b);
                break;
            case Kind::Multiply:
                stack.push_back(a * b);
                break;
            case Kind::Divide:
                stack.push_back(a / b);
                break;
            case Kind::Min:
                stack.push_back(std::min(a, b));
                break;
            default:
                stack.push_back(std::max(a, b));
                break;
        }
    }
    return stack.back();
}

}  // namespace lpusim::config
