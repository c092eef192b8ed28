#include "sim/app/command_line.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <utility>

#include <boost/algorithm/string/predicate.hpp>
#include <boost/algorithm/string/split.hpp>
#include <boost/any.hpp>
#include <boost/program_options/errors.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/positional_options.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <fmt/format.h>

#include "sim/app/input_errors.h"
#include "sim/config/diagnostics.h"

namespace lpusim::app {

namespace {

namespace po = boost::program_options;

constexpr unsigned kHelpWidth = 100;
constexpr const char* kPositional = "arguments";

/// Long names only, in full: an abbreviation would change its meaning when an option is added.
constexpr int kStyle =
    po::command_line_style::allow_long | po::command_line_style::long_allow_next |
    po::command_line_style::long_allow_adjacent | po::command_line_style::allow_short |
    po::command_line_style::allow_dash_for_short | po::command_line_style::short_allow_next;

}  // namespace

std::string shell_word(const std::string& word) {
    constexpr const char* kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./,:=@%+";
    if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
    std::string quoted = "'";
    for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

std::string program_word() {
    std::ifstream arguments("/proc/self/cmdline");
    std::string word;
    std::getline(arguments, word, '\0');
    return word.empty() ? "lpusim" : shell_word(word);
}

CommandLine::CommandLine(std::string verb)
    : verb_(std::move(verb)), options_("Options", kHelpWidth, kHelpWidth / 2) {}

void CommandLine::add_value(const std::string& name, const std::string& placeholder,
                            const std::string& help) {
    options_.add_options()(name.c_str(), po::value<std::string>()->value_name(placeholder),
                           help.c_str());
}

void CommandLine::add_flag(const std::string& name, const std::string& help) {
    options_.add_options()(name.c_str(), help.c_str());
}

void CommandLine::allow_positional(const std::string& placeholder) {
    positional_placeholder_ = placeholder;
}

void CommandLine::parse(const std::vector<std::string>& arguments) {
    po::options_description all;
    all.add(options_);
    all.add_options()(kPositional, po::value<std::vector<std::string>>());
    po::positional_options_description positional;
    positional.add(kPositional, -1);
    try {
        po::store(po::command_line_parser(arguments)
                      .options(all)
                      .positional(positional)
                      .style(kStyle)
                      .run(),
                  values_);
    } catch (const po::unknown_option& e) {
        fail_unknown(e.get_option_name());
    } catch (const po::invalid_command_line_syntax& e) {
        const bool unwanted = e.kind() == po::invalid_syntax::extra_parameter;
        fail(fmt::format("option '{}' {}", e.get_option_name(),
                         unwanted ? "takes no value" : "needs a value"));
    } catch (const po::multiple_occurrences& e) {
        fail(fmt::format("option '{}' is given more than once", e.get_option_name()));
    } catch (const po::error& e) {
        fail(e.what());
    }
    for (const auto& [name, value] : values_) {
        const auto* text = boost::any_cast<std::string>(&value.value());
        // The parser takes "--batch --every-cycle" for a batch of "--every-cycle".
        if (text != nullptr && boost::algorithm::starts_with(*text, "--")) {
            fail(fmt::format("option '--{}' needs a value", name));
        }
    }
    if (values_.count(kPositional) == 0) return;
    positional_ = values_[kPositional].as<std::vector<std::string>>();
    if (positional_placeholder_.empty()) {
        fail("unexpected argument " + config::in_quotes(positional_.front()));
    }
}

std::optional<std::string> CommandLine::value(const std::string& name) const {
    if (!has(name)) return std::nullopt;
    return values_[name].as<std::string>();
}

std::string CommandLine::help(const std::string& usage, const std::string& about) const {
    std::ostringstream text;
    text << "Usage: " << verb_ << " " << usage << "\n\n" << about << "\n\n" << options_;
    return text.str();
}

std::string CommandLine::hint() const { return fmt::format("see '{} --help'", verb_); }

void CommandLine::fail(const std::string& message) const {
    throw InputError(fmt::format("error: {}; {}", message, hint()));
}

void CommandLine::fail_unknown(const std::string& option) const {
    const std::string name = option.substr(0, option.find('='));
    std::string meant;
    std::vector<std::string> names;
    for (const auto& known : options_.options()) {
        names.push_back("--" + known->long_name());
        if (boost::algorithm::starts_with(names.back(), name)) meant = names.back();
    }
    if (meant.empty()) meant = config::nearest(name, names);
    const std::string unknown = "unknown option " + config::in_quotes(name);
    if (meant.empty()) fail(unknown);
    throw InputError("error: " + unknown + config::did_you_mean(meant));
}

std::string command_text(std::string command, const std::vector<std::string>& arguments) {
    for (const std::string& argument : arguments) command += " " + shell_word(argument);
    return command;
}

std::uint32_t parse_count(const std::string& option, const std::string& text, std::uint32_t least,
                          std::uint32_t most) {
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end || value < least || value > most) {
        throw InputError(fmt::format("error: {}: got {}; allowed: a whole number from {} to {}",
                                     option, config::in_quotes(text), least, most));
    }
    return static_cast<std::uint32_t>(value);
}

std::vector<std::string> parse_list(const std::string& option, const std::string& text) {
    std::vector<std::string> items;
    boost::algorithm::split(items, text, [](char c) { return c == ','; });
    for (auto item = items.begin(); item != items.end(); ++item) {
        if (item->empty()) {
            throw InputError(fmt::format("error: {}: got {}, which has an empty item", option,
                                         config::in_quotes(text)));
        }
        if (std::find(items.begin(), item, *item) != item) {
            throw InputError(
                fmt::format("error: {}: {} stands there twice", option, config::in_quotes(*item)));
        }
    }
    return items;
}

}  // namespace lpusim::app
